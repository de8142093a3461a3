"""Machines, record types and what they ask for, from stitcher.tables as C arrays: all that is loaded once."""

cdef int load_arguments() except -1:
    global arguments_count
    cdef int at
    rows = {("", name): kinds for name, kinds in ARGUMENTS.items()} | ARCH_ARGUMENTS
    for key, kinds in rows.items():
        _arguments_ids[key] = arguments_count
        for at in range(4):
            arguments_of_calls[arguments_count].of[at] = meaning_of(kinds[at])
        arguments_count += 1
    return 0


cdef int load_numbers() except -1:
    global table_count
    cdef int family
    cdef dict places = {}
    for name, names in ENUMERATIONS.items():
        places[name] = table_count
        fill(&number_tables[table_count], names)
        table_count += 1
    for name in ENUMERATIONS:
        if "." not in name:
            number = len(_number_ids)
            _number_ids[name] = number
            for family in range(FAMILIES_OF_ARCH):
                own = f"{name}.{_arch_families[family]}"
                number_table_of[family][<int> number] = places[own if own in places else name]
    fill(&error_names, {number: f"{name}({text})" for number, (name, text) in ERRNO.items()})
    fill(&capability_names, CAPABILITIES)
    fill(&seccomp_names, NUMBERS["seccomp_action"])
    fill(&family_names, FAMILIES)
    fill(&signal_names, SIGNALS)
    return 0


cdef int load_sub_calls() except -1:
    """Behind load_arguments: what socketcall and ipc stand for are system calls, whose arguments may have meanings."""
    cdef int place
    for name, place in _sub_ids.items():
        table, mask = SUB_CALLS[name]
        fill(&sub_calls[place], ENUMERATIONS[table], "any")
        sub_masks[place] = mask
    return 0


cdef int load_arches() except -1:
    global arch_count
    cdef ArchInfo* arch
    tables = {}
    for number, name in ARCHES.items():
        arch = &arches[arch_count]
        arch.number = number
        arch.name = name_of(name)
        arch.family = _arch_families.index(ARCH_FAMILY.get(name, ""))
        arch.syscalls = call_table(tables, name)
        arch.x32 = call_table(tables, "x32") if name == "x86_64" else NULL
        arch_count += 1
    return 0


cdef NameTable* call_table(dict tables, str name) except? NULL:
    cdef NameTable* table
    if name not in SYSCALLS:
        return NULL
    if name not in tables:
        table = <NameTable*> allocate(1, sizeof(NameTable))
        fill(table, SYSCALLS[name], name)
        tables[name] = <size_t> table
    return <NameTable*> <size_t> tables[name]


cdef int load_types() except -1:
    global type_count
    cdef int at
    cdef TypeInfo* kind
    cdef uint32_t slot
    for at in range(KEY_SLOTS):
        type_slots[at] = -1
    for at in range(3000):
        types_by_number[at] = -1
    for number, text in RECORD_TYPES.items():
        kind = &types[type_count]
        data = text.encode()
        kind.text = keep(data)
        kind.written = len(data)
        kind.word = load_padded(kind.text, kind.written)
        kind.number = number
        kind.name = name_of(text)
        slot = slot_of(kind.word, kind.written)
        while type_slots[slot] >= 0:
            slot = (slot + 1) & (KEY_SLOTS - 1)
        type_slots[slot] = type_count
        types_by_number[<int> number] = type_count
        type_count += 1
    return 0


cdef inline int find_type(Bytes data, size_t size) noexcept nogil:
    """The place of a type's name in `types`, -1 for one that has none; eight bytes are readable at `data`."""
    cdef uint64_t word = load_padded(data, size)
    cdef uint32_t slot = slot_of(word, size)
    cdef int at
    while True:
        at = type_slots[slot]
        if at < 0:
            return -1
        if types[at].word == word and same(types[at].text, types[at].written, data, size):
            return at
        slot = (slot + 1) & (KEY_SLOTS - 1)


cdef int load_tables() except -1:
    load_numbers()
    load_arguments()
    load_sub_calls()
    load_keys()
    load_arches()
    load_types()
    return 0
