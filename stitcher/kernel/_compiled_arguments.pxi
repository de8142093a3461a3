"""The meaning of a number in an argument of a system call, written as JSON: what _arguments.py says."""

cdef void put_mode_bits(Buffer* out, uint64_t mode) noexcept nogil:
    if mode & 0o4000:
        put_text(out, b"suid,")
    if mode & 0o2000:
        put_text(out, b"sgid,")
    if mode & 0o1000:
        put_text(out, b"sticky,")


cdef int mean_mode(Buffer* out, uint64_t mode) except -1 nogil:
    """file,644"""
    cdef const char* kind = NULL
    reserve(out, 64)
    put_char(out, c'"')
    if mode & 0o170000 == 0o010000:
        kind = b"fifo"
    elif mode & 0o170000 == 0o020000:
        kind = b"character"
    elif mode & 0o170000 == 0o040000:
        kind = b"dir"
    elif mode & 0o170000 == 0o060000:
        kind = b"block"
    elif mode & 0o170000 == 0o100000:
        kind = b"file"
    elif mode & 0o170000 == 0o120000:
        kind = b"link"
    elif mode & 0o170000 == 0o140000:
        kind = b"socket"
    if kind != NULL:
        put_text(out, kind)
    else:
        put_base(out, (mode & 0o170000) >> 12, 3, 3)
    put_char(out, c',')
    put_mode_bits(out, mode)
    put_base(out, mode & 0o777, 3, 3)
    put_char(out, c'"')
    return 1


cdef int mean_short_mode(Buffer* out, uint64_t mode) except -1 nogil:
    reserve(out, 64)
    put_char(out, c'"')
    put_mode_bits(out, mode)
    put_char(out, c'0')
    put_base(out, mode & 0o777, 3, 3)
    put_char(out, c'"')
    return 1


cdef int mean_flags(Buffer* out, int word, uint64_t number, ArchInfo* arch) except -1 nogil:
    """Names with | between them; a name of several bits stands for its parts."""
    cdef FlagTable* table = &flag_tables[flag_table_of[arch.family if arch != NULL else 0][word]]
    cdef uint64_t left = number
    cdef uint64_t covered = 0
    cdef size_t start = out.size
    cdef int at
    cdef int other
    cdef int held_count = 0
    cdef int[MAX_FLAGS] held
    cdef bint part
    reserve(out, 64 * MAX_FLAGS)
    put_char(out, c'"')
    if table.opens:
        put_access(out, number & 3)
        left &= ~(<uint64_t> 3)
    elif number == 0:
        out.size = start
        return mean_name(out, &table.zero)
    for at in range(table.count):
        if left & table.masks[at] == table.masks[at]:
            held[held_count] = at
            held_count += 1
            covered |= table.masks[at]
    for at in range(held_count):
        part = False
        for other in range(held_count):
            if other != at and table.masks[held[other]] & table.masks[held[at]] == table.masks[held[at]]:
                part = part or table.masks[held[other]] != table.masks[held[at]]
        if not part:
            put_flag(out, start, &table.names[held[at]])
    left &= ~covered
    if left:
        if out.size > start + 1:
            put_char(out, c'|')
        put_text(out, b"0x")
        put_base(out, left, 4, 1)
    if out.size == start + 1:
        out.size = start
        return 0
    put_char(out, c'"')
    return 1


cdef inline void put_flag(Buffer* out, size_t start, Name* name) noexcept nogil:
    if out.size > start + 1:
        put_char(out, c'|')
    put(out, name.json + 1, name.size - 2)


cdef void put_access(Buffer* out, uint64_t access) noexcept nogil:
    if access == 0:
        put_text(out, b"O_RDONLY")
    elif access == 1:
        put_text(out, b"O_WRONLY")
    elif access == 2:
        put_text(out, b"O_RDWR")
    else:
        put_text(out, b"O_ACCMODE")


cdef inline Name* numbered(int table, uint64_t number, ArchInfo* arch) noexcept nogil:
    """The name of a number on an arch; NULL where it has none."""
    return look_up(&number_tables[number_table_of[arch.family if arch != NULL else 0][table]], number)


cdef int put_more(Buffer* out, size_t start, int more) except -1 nogil:
    """Join a string that was just written (`more`) to the one that begins at `start`, a bar between."""
    cdef size_t at = start + 1
    if not more:
        return out.size > start
    while at + 1 < out.size and not (out.data[at] == c'"' and out.data[at + 1] == c'"'):
        at += 1
    if at + 1 < out.size:
        out.data[at] = c'|'
        memmove(out.data + at + 1, out.data + at + 2, out.size - at - 2)
        out.size -= 1
    return 1


cdef int mean_personality(Buffer* out, uint64_t number, ArchInfo* arch) except -1 nogil:
    cdef size_t start = out.size
    if not mean_name(out, numbered(PERSONALITY_NUMBERS, number & 0xFF, arch)):
        return 0
    return put_more(out, start, mean_flags(out, PERSONALITY_FLAGS, number & LOW_WORD & ~(<uint64_t> 0xFF), arch))


cdef int mean_clone(Buffer* out, uint64_t number, ArchInfo* arch) except -1 nogil:
    """Flags, and the signal that tells the parent of the end; 0 of SIGNALS is no signal."""
    cdef size_t start = out.size
    mean_flags(out, CLONE_FLAGS, number & ~(<uint64_t> 0xFF), arch)
    return put_more(out, start, mean_name(out, look_up(&signal_names, number & 0xFF)))


cdef int mean_ipc_flags(Buffer* out, uint64_t number, ArchInfo* arch) except -1 nogil:
    """Flags, and the mode."""
    cdef size_t start = out.size
    mean_flags(out, IPC_FLAG_WORD, number & ~(<uint64_t> 0o777), arch)
    reserve(out, 16)
    put_text(out, b'"0')
    put_base(out, number & 0o777, 3, 3)
    put_char(out, c'"')
    return put_more(out, start, 1)


cdef int mean_sched(Buffer* out, uint64_t number, ArchInfo* arch) except -1 nogil:
    if not mean_name(out, numbered(SCHED_NUMBERS, number & ~(<uint64_t> 0x40000000), arch)):
        return 0
    if number & 0x40000000:
        reserve(out, 32)
        out.size -= 1
        put_text(out, b'|SCHED_RESET_ON_FORK"')
    return 1


cdef int mean_account(Buffer* out, uint64_t number) except -1 nogil:
    """The number of a user or a group."""
    reserve(out, 48)
    if number == LOW_WORD:
        put_text(out, b'"unset"')
    elif number == 0:
        put_text(out, b'"root"')
    else:
        put_text(out, b'"unknown(')
        put_number(out, number)
        put_text(out, b')"')
    return 1


cdef int mean_decimal(Buffer* out, uint64_t number, bint signed) except -1 nogil:
    reserve(out, 32)
    put_char(out, c'"')
    if signed and number >> 31 & 1:
        put_char(out, c'-')
        number = (<uint64_t> 1 << 32) - number
    put_number(out, number)
    put_char(out, c'"')
    return 1


cdef int decider(Meaning meaning, int position) noexcept nogil:
    """The argument that says what the one at `position` means; -1 where none does."""
    if meaning.kind == CREATE_MODE:
        return position - 1
    return choices[meaning.table].position if meaning.kind == CHOICE else -1


cdef Meaning chosen(Choice* choice, Number said) noexcept nogil:
    """What an argument means where another one has this value."""
    cdef Meaning nothing
    cdef int at
    nothing.kind = PLAIN_TEXT
    nothing.table = 0
    for at in range(choice.count if said.found else 0):
        if choice.numbers[at] == said.value & LOW_WORD:
            return choice.meanings[at]
    return nothing


cdef int mean_argument(Buffer* out, int position, Bytes at, size_t size, Context* context) except -1 nogil:
    """a0..a3 by the system call."""
    cdef Meaning meaning
    cdef Number number
    cdef Number said = no_number()
    cdef int deciding
    if context.call < 0:
        return 0
    meaning = arguments_of_calls[context.call].of[position]
    if meaning.kind == PLAIN_TEXT:
        return 0
    number = hex_of(at, size)
    if not number.found:
        return 0
    deciding = decider(meaning, position)
    if deciding >= 0:
        said = hex_of(context.arguments[deciding].data, context.arguments[deciding].size)
    if meaning.kind == CREATE_MODE and not (said.found and said.value & 0o100):
        return 0
    if meaning.kind == CHOICE:
        meaning = chosen(&choices[meaning.table], said)
    return mean_word(out, meaning, number.value & LOW_WORD, context.arch)


cdef int mean_word(Buffer* out, Meaning meaning, uint64_t number, ArchInfo* arch) except -1 nogil:
    """The low 32 bits of an argument by its kind."""
    cdef int kind = meaning.kind
    if kind == FLAG_WORD:
        return mean_flags(out, meaning.table, number, arch)
    if kind == NUMBERED:
        return mean_name(out, numbered(meaning.table, number, arch))
    if kind == DIRFD:
        if number != AT_FDCWD:
            return 0
        reserve(out, 16)
        put_text(out, b'"AT_FDCWD"')
        return 1
    if kind == ACCOUNT_NUMBER:
        return mean_account(out, number)
    if kind == MODE:
        return mean_mode(out, number)
    if kind == SHORT_MODE or kind == CREATE_MODE:
        return mean_short_mode(out, number)
    if kind == SOCKET_TYPE:
        return mean_name(out, numbered(SOCKET_TYPE_NUMBERS, number & 0xFF, arch))
    if kind == DECIMAL or kind == HEX_NUMBER:
        return mean_decimal(out, number, kind == DECIMAL)
    if kind == CLONE:
        return mean_clone(out, number, arch)
    if kind == IPC_FLAGS:
        return mean_ipc_flags(out, number, arch)
    if kind == SCHEDULING:
        return mean_sched(out, number, arch)
    if kind == PERSONALITY:
        return mean_personality(out, number, arch)
    return 0
