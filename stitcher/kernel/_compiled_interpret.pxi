"""The meaning of a value written as JSON: what _interpret.py says, into a buffer.

Each `mean_*` writes one JSON value and returns 1, or writes nothing and returns 0 where there is no meaning.
"""

cdef inline int mean_name(Buffer* out, Name* name) except -1 nogil:
    if name == NULL or name.json == NULL:
        return 0
    reserve(out, name.size)
    put_short(out, name.json, name.size)
    return 1


cdef inline int mean_unset(Buffer* out, Bytes at, size_t size) except -1 nogil:
    if same(at, size, <Bytes> <const char*> b"4294967295", 10) or same(at, size, <Bytes> <const char*> b"-1", 2):
        reserve(out, 8)
        put_text(out, b'"unset"')
        return 1
    return 0


cdef int mean_error(Buffer* out, Bytes at, size_t size, bint either_sign) except -1 nogil:
    cdef Number number
    if not either_sign and (size < 2 or at[0] != c'-'):
        return 0
    number = decimal_of(at, size)
    if not number.found or number.value == 0:
        return 0
    return mean_name(out, look_up(&error_names, number.value))


cdef int mean_success(Buffer* out, Bytes at, size_t size) except -1 nogil:
    if size != 1 or not (at[0] == c'1' or at[0] == c'0'):
        return 0
    reserve(out, 8)
    put_text(out, b'"yes"' if at[0] == c'1' else b'"no"')
    return 1


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
    if mode & 0o4000:
        put_text(out, b"suid,")
    if mode & 0o2000:
        put_text(out, b"sgid,")
    if mode & 0o1000:
        put_text(out, b"sticky,")
    put_base(out, mode & 0o777, 3, 3)
    put_char(out, c'"')
    return 1


cdef int mean_short_mode(Buffer* out, uint64_t mode) except -1 nogil:
    reserve(out, 32)
    put_text(out, b'"0')
    put_base(out, mode & 0o7777, 3, 3)
    put_char(out, c'"')
    return 1


cdef int mean_capabilities(Buffer* out, Bytes at, size_t size) except -1 nogil:
    cdef Number number = hex_of(at, size)
    cdef size_t start = out.size
    cdef Name* name
    cdef int bit
    if not number.found:
        return 0
    reserve(out, 64 * 32)
    put_char(out, c'"')
    if number.value == 0:
        put_text(out, b"none,")
    for bit in range(64):
        if number.value >> bit & 1:
            name = look_up(&capability_names, bit)
            if name == NULL:
                out.size = start
                return 0
            put(out, name.json + 1, name.size - 2)
            put_char(out, c',')
    out.data[out.size - 1] = c'"'
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


cdef Name* call_name(Bytes at, size_t size, ArchInfo* arch) noexcept nogil:
    """The system call of a number; numbers with bit 30 on x86_64 are x32's."""
    cdef Number number = decimal_of(at, size)
    if not number.found or number.negative or arch == NULL:
        return NULL
    if arch.x32 != NULL and number.value & 0x40000000:
        return look_up(arch.x32, number.value & ~(<uint64_t> 0x40000000))
    return look_up(arch.syscalls, number.value)


cdef int mean_argument(Buffer* out, int position, Bytes at, size_t size, Context* context) except -1 nogil:
    """a0..a3 by the system call."""
    cdef Meaning meaning
    cdef Number number
    cdef Number opened
    if context.call < 0:
        return 0
    meaning = arguments_of_calls[context.call].of[position]
    if meaning.kind == PLAIN_TEXT:
        return 0
    number = hex_of(at, size)
    if not number.found:
        return 0
    if meaning.kind == FLAG_WORD:
        return mean_flags(out, meaning.table, number.value & LOW_WORD, context.arch)
    if meaning.kind == NUMBERED:
        return mean_name(out, look_up(&number_tables[meaning.table], number.value & LOW_WORD))
    if meaning.kind == DIRFD:
        if number.value & LOW_WORD != AT_FDCWD:
            return 0
        reserve(out, 16)
        put_text(out, b'"AT_FDCWD"')
        return 1
    if meaning.kind == MODE:
        return mean_mode(out, number.value & LOW_WORD)
    if meaning.kind == CREATE_MODE:
        opened = no_number()
        if position > 0:
            opened = hex_of(context.before[position - 1].data, context.before[position - 1].size)
        if not opened.found or not opened.value & 0o100:
            return 0
    return mean_short_mode(out, number.value)


cdef int mean_keys(Buffer* out, Buffer* scratch, Token* token) except -1 nogil:
    """A list, where several keys have 0x01 between them."""
    cdef Slice decoded
    decode(&decoded, scratch, token.value, token.size, token.quote == BARE)
    if decoded.size == 0:
        return 0
    return mean_parts(out, decoded.data, decoded.size, 1) if memchr(decoded.data, 1, decoded.size) != NULL else 0


cdef int mean_parts(Buffer* out, Bytes at, size_t size, int separator) except -1 nogil:
    """A list of strings, cut at a byte."""
    cdef Bytes end = at + size
    cdef Bytes last
    reserve(out, 9 * size + 8)
    put_char(out, c'[')
    while True:
        last = find_byte(at, end, separator)
        put_string(out, at, last - at)
        if last == end:
            break
        put_char(out, c',')
        at = last + 1
    put_char(out, c']')
    return 1


cdef int mean_title(Buffer* out, Buffer* scratch, Token* token) except -1 nogil:
    """Arguments with spaces for the NULs between them, where there are some."""
    cdef Slice decoded
    cdef Bytes at
    cdef Bytes end
    cdef Bytes last
    decode(&decoded, scratch, token.value, token.size, token.quote == BARE)
    if decoded.size == 0 or memchr(decoded.data, 0, decoded.size) == NULL:
        return 0
    reserve(out, 6 * decoded.size + 2)
    put_char(out, c'"')
    at = decoded.data
    end = at + decoded.size
    while True:
        last = find_byte(at, end, 0)
        out.size = json_inside(out.data + out.size, at, last - at) - out.data
        if last == end:
            break
        put_char(out, c' ')
        at = last + 1
    put_char(out, c'"')
    return 1


cdef int mean_title_arguments(Buffer* out, Buffer* scratch, Token* token) except -1 nogil:
    """The argv in a proctitle: one NUL at the end is no argument."""
    cdef Slice decoded
    decode(&decoded, scratch, token.value, token.size, token.quote == BARE)
    cdef size_t size = decoded.size
    if size and decoded.data[size - 1] == 0:
        size -= 1
    return mean_parts(out, decoded.data, size, 0)


cdef int mean_number(Buffer* out, Meaning meaning, Bytes at, size_t size, Context* context) except -1 nogil:
    """Kinds that hold a C number."""
    cdef Number number = number_of(at, size)
    if not number.found:
        return 0
    if meaning.kind == PROMISC:
        reserve(out, 8)
        put_text(out, b'"yes"' if number.value & 0x100 else b'"no"')
        return 1
    if meaning.kind == SECCOMP:
        return mean_name(out, look_up(&seccomp_names, number.value & ACTION_BITS))
    if meaning.kind == NUMBERED:
        return mean_name(out, look_up(&number_tables[meaning.table], number.value))
    if meaning.kind == FLAG_WORD:
        return mean_flags(out, meaning.table, number.value & LOW_WORD, context.arch)
    return 0


cdef inline bint means_nothing(Meaning meaning, Token* token, Context* context) noexcept nogil:
    """A quick look that spares most values the long one: True only where `mean` would write nothing."""
    cdef int kind = meaning.kind
    if token.name != NULL:
        return False
    if kind == ACCOUNT or kind == GROUP_ACCOUNT or kind == SESSION:
        return token.size != 10 and token.size != 2
    if kind == ARGUMENT:
        return context.call < 0 or arguments_of_calls[context.call].of[meaning.table].kind == PLAIN_TEXT
    if kind == EXIT:
        return token.size == 0 or token.value[0] != c'-'
    if kind == KEYS:
        return token.clean and (token.quote != BARE or token.size == 0 or HEX_VALUE[token.value[0]] == 255)
    return False


cdef int mean(Work* work, Buffer* out, Meaning meaning, Token* token, Context* context) except -1 nogil:
    """The meaning of a token by its kind."""
    cdef Number number
    cdef Bytes at = token.value
    cdef size_t size = token.size
    cdef int kind = meaning.kind
    cdef Bytes said = token.name
    cdef int known
    if said != NULL and kind != SOCKET:
        if token.name_size >= 8 and not token.name_hex and memcmp(said, b"unknown-", 8) == 0:
            token.name = NULL
            known = mean(work, out, meaning, token, context)
            token.name = said
            if known:
                return 1
        put_decoded(out, &work.scratch, token.name, token.name_size, token.name_hex)
        return 1
    if kind == ACCOUNT or kind == GROUP_ACCOUNT or kind == SESSION:
        return mean_unset(out, at, size)
    elif kind == ARGUMENT:
        return mean_argument(out, meaning.table, at, size, context)
    elif kind == EXIT or kind == ERROR:
        return mean_error(out, at, size, kind == ERROR)
    elif kind == ARCH:
        return mean_arch(out, find_arch(hex_of(at, size)))
    elif kind == SYSTEM_CALL:
        if at == context.call_text:
            return mean_name(out, context.call_name)
        return mean_name(out, call_name(at, size, context.arch))
    elif kind == SUCCESS:
        return mean_success(out, at, size)
    elif kind == MODE or kind == SHORT_MODE:
        number = octal_of(at, size)
        if not number.found:
            return 0
        return mean_mode(out, number.value) if kind == MODE else mean_short_mode(out, number.value)
    elif kind == CAP_BITMAP:
        return mean_capabilities(out, at, size)
    elif kind == CAPABILITY:
        number = decimal_of(at, size)
        return mean_name(out, look_up(&capability_names, number.value)) if number.found and not number.negative else 0
    elif kind == KEYS:
        return mean_keys(out, &work.scratch, token)
    elif kind == TITLE:
        return mean_title(out, &work.scratch, token)
    elif kind == SOCKET:
        return mean_socket(out, &work.scratch, token, context.little)
    return mean_number(out, meaning, at, size, context)


cdef int mean_arch(Buffer* out, ArchInfo* arch) except -1 nogil:
    return mean_name(out, &arch.name) if arch != NULL else 0


#: most lines of a log are of one arch
cdef int last_arch = 0


cdef ArchInfo* find_arch(Number number) noexcept nogil:
    global last_arch
    cdef int at
    if not number.found:
        return NULL
    if arches[last_arch].number == number.value:
        return &arches[last_arch]
    for at in range(arch_count):
        if arches[at].number == number.value:
            last_arch = at
            return &arches[at]
    return NULL
