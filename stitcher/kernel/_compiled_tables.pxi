"""The tables of stitcher.tables as C arrays, built once when the module is imported.

A name is kept as the JSON string that it becomes, quotes and all.
"""

cdef enum:
    PLAIN_TEXT, ENCODED, KEYS, KEYSTROKES, TITLE, ACCOUNT, GROUP_ACCOUNT, SESSION, ARCH, SYSTEM_CALL, EXIT, ERROR
    SUCCESS, MODE, SHORT_MODE, CREATE_MODE, CAP_BITMAP, CAPABILITY, SOCKET, PROMISC, SECCOMP, DIRFD, ARGUMENT
    FLAG_WORD, NUMBERED, PERMISSIONS, LABEL, PERSONALITY, HEX_NUMBER, ACCOUNT_NUMBER, SOCKET_TYPE, DECIMAL, CLONE
    IPC_FLAGS, SCHEDULING, CHOICE

cdef dict KINDS = {
    "plain": PLAIN_TEXT, "": PLAIN_TEXT, "encoded": ENCODED, "key": KEYS, "proctitle": TITLE, "uid": ACCOUNT,
    "gid": GROUP_ACCOUNT, "session": SESSION, "arch": ARCH, "syscall": SYSTEM_CALL, "exit": EXIT, "errno": ERROR,
    "success": SUCCESS, "mode": MODE, "short_mode": SHORT_MODE, "create_mode": CREATE_MODE, "cap_bitmap": CAP_BITMAP,
    "capability": CAPABILITY, "sockaddr": SOCKET, "promisc": PROMISC, "seccomp": SECCOMP, "dirfd": DIRFD,
    "argument": ARGUMENT, "flags": FLAG_WORD, "number": NUMBERED, "keystrokes": KEYSTROKES, "perm": PERMISSIONS,
    "context": LABEL, "personality": PERSONALITY, "hex": HEX_NUMBER, "account": ACCOUNT_NUMBER,
    "group": ACCOUNT_NUMBER, "socket_type": SOCKET_TYPE, "decimal": DECIMAL, "clone": CLONE, "ipc_flags": IPC_FLAGS,
    "sched": SCHEDULING, "choice": CHOICE,
}

#: keys whose place in KEYS_BY_ID the code knows
cdef enum:
    KEY_ARCH, KEY_SYSCALL, KEY_A0, KEY_A1, KEY_A2, KEY_A3, KEY_ITEMS, KEY_ARGC, KEY_ARGV, KEY_MSG, KEY_OP, SPECIALS

cdef list SPECIAL_KEYS = ["arch", "syscall", "a0", "a1", "a2", "a3", "items", "argc", "argv", "msg", "op"]
#: keys without a kind that are so common that looking them up is worth it: their JSON is ready
cdef list COMMON_KEYS = (
    "success ppid pid tty subj item inode dev rdev obj nametype cap_fe cap_fver cap_frootid fd fd0 fd1 op hostname "
    "addr terminal ver nargs permissive scontext tcontext tclass ino seresult seperms unit default-context frootid resolution"
).split()

#: numbers below this are looked up at once, those above by halving
cdef enum:
    DENSE = 1024
    KEY_SLOTS = 1024
    FAMILIES_OF_ARCH = 4
    MAX_FLAGS = 64


cdef struct Name:
    Bytes json
    uint32_t size
    #: of a system call: its place in arguments_of_calls, -1 where it has none, and its place in SUB_CALLS
    int32_t arguments
    int16_t sub
    #: of a system call: do its names begin in no known directory, and is one of them only a text?
    bint elsewhere
    bint texts


cdef struct NameTable:
    Name* dense
    int64_t* numbers
    Name* names
    int32_t count


cdef struct Meaning:
    int kind
    int table


cdef struct Arguments:
    Meaning[4] of


#: what an argument means by the number in another one
cdef struct Choice:
    int position
    int32_t count
    uint64_t* numbers
    Meaning* meanings


cdef struct FlagTable:
    int32_t count
    uint64_t[MAX_FLAGS] masks
    Name[MAX_FLAGS] names
    #: the word for 0; json is NULL where there is none
    Name zero
    bint opens


cdef struct KeyInfo:
    uint64_t word
    uint32_t size
    Meaning meaning
    #: row in override_of, 0 where no record type has its own meaning for the key
    int overridden
    bint suffixed
    Bytes text
    Bytes lead
    uint32_t lead_size


cdef struct ArchInfo:
    uint32_t number
    Name name
    int family
    NameTable* syscalls
    NameTable* x32


cdef struct TypeInfo:
    uint64_t word
    uint64_t last
    uint32_t written
    int32_t number
    Bytes text
    Name name


cdef int key_count = 0
cdef KeyInfo[512] keys
cdef int16_t[KEY_SLOTS] key_slots
cdef int override_count = 1
cdef Meaning[256] overrides
#: for each overridden key (from 1 on) and record type the place in `overrides`, 0 where there is none
cdef uint8_t[64][3000] override_of
cdef int overridden_count = 1
cdef int arch_count = 0
cdef ArchInfo[64] arches
cdef int type_count = 0
cdef TypeInfo[512] types
cdef int16_t[KEY_SLOTS] type_slots
cdef int16_t[3000] types_by_number
cdef int arguments_count = 0
cdef Arguments[512] arguments_of_calls
cdef int table_count = 0
cdef NameTable[256] number_tables
cdef int[FAMILIES_OF_ARCH][128] number_table_of
cdef int choice_count = 0
cdef Choice[64] choices
cdef int flag_table_count = 0
cdef FlagTable[512] flag_tables
cdef int[FAMILIES_OF_ARCH][128] flag_table_of
#: what the first argument of a call that stands for many asks for: by the `sub` of its name
cdef NameTable[3] sub_calls
cdef uint64_t[3] sub_masks
cdef NameTable error_names
cdef NameTable capability_names
cdef NameTable seccomp_names
cdef NameTable family_names
cdef NameTable signal_names
cdef list _kept = []
cdef dict _flag_ids = {}
cdef dict _number_ids = {}
cdef dict _arguments_ids = {}
cdef dict _choice_ids = {}
cdef dict _sub_ids = {name: place for place, name in enumerate(SUB_CALLS, 1)}
cdef list _arch_families = ["", "x86", "arm", "ppc"]


cdef Bytes keep(bytes text):
    """A pointer to bytes that live as long as the module, with padding behind them."""
    cdef bytes padded = text + bytes(64)
    _kept.append(padded)
    return <Bytes> <const char*> padded


cdef Name name_of(str text, int arguments=-1):
    cdef Name name
    json = b'"' + text.encode() + b'"'
    name.json = keep(json)
    name.size = len(json)
    name.arguments = arguments
    name.sub = _sub_ids.get(text, 0)
    name.elsewhere = text in NAMES_ELSEWHERE
    name.texts = text in TEXT_NAMES
    return name


cdef void* allocate(size_t count, size_t size) except NULL:
    cdef void* data = calloc(count or 1, size)
    if data == NULL:
        raise MemoryError
    return data


cdef int arguments_id(str call, str arch) except -2:
    """The place of a system call's arguments; -1 where they have no meanings, or where the names are no calls."""
    return _arguments_ids.get((arch, call), _arguments_ids.get(("", call), -1)) if arch else -1


cdef int fill(NameTable* table, dict names, str arch="") except -1:
    """A table from a dict of number -> name; with an arch the names are its system calls."""
    rest = sorted(number for number in names if number >= DENSE)
    table.dense = <Name*> allocate(DENSE, sizeof(Name))
    table.numbers = <int64_t*> allocate(len(rest), sizeof(int64_t))
    table.names = <Name*> allocate(len(rest), sizeof(Name))
    table.count = len(rest)
    for number, text in names.items():
        if 0 <= number < DENSE:
            table.dense[<int64_t> number] = name_of(text, arguments_id(text, arch))
    for at, number in enumerate(rest):
        table.numbers[<int> at] = number
        table.names[<int> at] = name_of(names[number], arguments_id(names[number], arch))
    return 0


cdef Name* look_up(NameTable* table, uint64_t number) noexcept nogil:
    """The name of a number, NULL where it has none."""
    cdef int low = 0
    cdef int high
    cdef int middle
    if table == NULL:
        return NULL
    if number < DENSE:
        return &table.dense[number] if table.dense[number].json != NULL else NULL
    high = table.count
    while low < high:
        middle = (low + high) // 2
        if <uint64_t> table.numbers[middle] < number:
            low = middle + 1
        else:
            high = middle
    if low < table.count and <uint64_t> table.numbers[low] == number:
        return &table.names[low]
    return NULL


cdef inline uint32_t slot_of(uint64_t word, uint64_t size) noexcept nogil:
    return <uint32_t> (((word ^ size) * <uint64_t> 0x9E3779B97F4A7C15ULL) >> 54)


cdef inline int find_key(Bytes data, size_t size) noexcept nogil:
    """The place of a key in `keys`, -1 for one that is not there; eight bytes are readable at `data`."""
    cdef uint64_t word = load_padded(data, size)
    cdef uint32_t slot = slot_of(word, size)
    cdef int at
    while True:
        at = key_slots[slot]
        if at < 0:
            return -1
        if keys[at].word == word and keys[at].size == size:
            if size <= 8 or memcmp(keys[at].text, data, size) == 0:
                return at
        slot = (slot + 1) & (KEY_SLOTS - 1)


cdef Meaning meaning_of(str kind) except *:
    cdef Meaning meaning
    name, _, table = kind.partition(":")
    meaning.kind = KINDS[name]
    meaning.table = 0
    if name == "flags":
        meaning.table = flag_id(table)
    elif name == "number":
        meaning.table = _number_ids[table]
    elif name == "choice":
        meaning.table = choice_id(table)
    elif name == "argument":
        meaning.table = int(table)
    return meaning


cdef int choice_id(str name) except -1:
    """The number of a choice; it is built at the first call."""
    global choice_count
    cdef Choice* choice
    cdef int at
    if name not in _choice_ids:
        position, kinds = CHOICES[name]
        choice = &choices[choice_count]
        choice.position = position
        choice.count = len(kinds)
        choice.numbers = <uint64_t*> allocate(len(kinds), sizeof(uint64_t))
        choice.meanings = <Meaning*> allocate(len(kinds), sizeof(Meaning))
        for at, number in enumerate(kinds):
            choice.numbers[at] = number
            choice.meanings[at] = meaning_of(kinds[number])
        _choice_ids[name] = choice_count
        choice_count += 1
    return _choice_ids[name]


cdef int flag_id(str name) except -1:
    """The number of a flag word; its tables for the families of machines are built at the first call."""
    cdef int family
    if name not in _flag_ids:
        number = len(_flag_ids)
        _flag_ids[name] = number
        for family in range(FAMILIES_OF_ARCH):
            flag_table_of[family][<int> number] = fill_flags(name, _arch_families[family])
    return _flag_ids[name]


cdef int fill_flags(str name, str family) except -1:
    global flag_table_count
    cdef FlagTable* table = &flag_tables[flag_table_count]
    rows = FLAGS.get(f"{name}.{family}")
    rows = sorted(rows if rows is not None else FLAGS.get(name, ()))
    table.opens = name == "open"
    table.count = 0
    table.zero.json = NULL
    for mask, text in rows:
        if mask == 0 and not table.opens:
            table.zero = name_of(text)
        elif not table.opens or mask > 3:
            table.masks[table.count] = mask
            table.names[table.count] = name_of(text)
            table.count += 1
    flag_table_count += 1
    return flag_table_count - 1


cdef int add_key(str text, Meaning meaning, bint suffixed) except -1:
    global key_count
    cdef bytes data = text.encode()
    cdef KeyInfo* key = &keys[key_count]
    cdef uint32_t slot
    key.text = keep(data)
    key.size = len(data)
    key.word = load_padded(key.text, key.size)
    key.meaning = meaning
    key.overridden = 0
    key.suffixed = suffixed
    lead = b'"' + data + b'":'
    key.lead = keep(lead)
    key.lead_size = len(lead)
    slot = slot_of(key.word, key.size)
    while key_slots[slot] >= 0:
        slot = (slot + 1) & (KEY_SLOTS - 1)
    key_slots[slot] = key_count
    key_count += 1
    return key_count - 1


cdef int load_keys() except -1:
    global override_count, overridden_count
    cdef int at
    for at in range(KEY_SLOTS):
        key_slots[at] = -1
    for at in range(512):
        next_key[at] = -1
    wanted = dict.fromkeys([*SPECIAL_KEYS, *FIELDS, *(key for _, key in OVERRIDES), *COMMON_KEYS])
    ids = {}
    for key in wanted:
        kind = FIELDS.get(key, "plain")
        suffixed = kind in ("uid", "gid", "arch", "syscall") or key in ("saddr", "uring_op")
        ids[key] = add_key(key, meaning_of(kind), suffixed)
    for (number, key), kind in OVERRIDES.items():
        overrides[override_count] = meaning_of(kind)
        at = ids[key]
        if not keys[at].overridden:
            keys[at].overridden = overridden_count
            overridden_count += 1
        override_of[keys[at].overridden][<int> number] = override_count
        override_count += 1
    return 0


cdef int key_id(str text) except -1:
    """The place of a key that is there; KeyError where it is not."""
    cdef bytes data = text.encode() + bytes(8)
    cdef int at = find_key(<Bytes> PyBytes_AS_STRING(data), len(data) - 8)
    if at < 0:
        raise KeyError(text)
    return at


cdef inline Meaning meaning_in(int number, int key) noexcept nogil:
    """What a key holds in records of a type."""
    cdef int row = keys[key].overridden
    if row and 0 <= number < 3000 and override_of[row][number]:
        return overrides[override_of[row][number]]
    return keys[key].meaning
