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


cdef int mean_capabilities(Buffer* out, Bytes at, size_t size) except -1 nogil:
    cdef Number number = hex_of(at, size)
    cdef uint64_t left = 0
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
                left |= <uint64_t> 1 << bit
                continue
            put(out, name.json + 1, name.size - 2)
            put_char(out, c',')
    if left:
        put_text(out, b"0x")
        put_base(out, left, 4, 1)
        put_char(out, c',')
    out.data[out.size - 1] = c'"'
    return 1


cdef Name* call_name(Bytes at, size_t size, ArchInfo* arch) noexcept nogil:
    """The system call of a number; numbers with bit 30 on x86_64 are x32's."""
    cdef Number number = decimal_of(at, size)
    if not number.found or number.negative or arch == NULL:
        return NULL
    if arch.x32 != NULL and number.value & 0x40000000:
        return look_up(arch.x32, number.value & ~(<uint64_t> 0x40000000))
    return look_up(arch.syscalls, number.value)


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


cdef int mean_permissions(Buffer* out, uint64_t number) except -1 nogil:
    """AUDIT_PERM_* as words; 0 asks for all four."""
    if number > 15:
        return 0
    reserve(out, 32)
    put_char(out, c'"')
    if number & 4 or not number:
        put_text(out, b"read,")
    if number & 2 or not number:
        put_text(out, b"write,")
    if number & 1 or not number:
        put_text(out, b"exec,")
    if number & 8 or not number:
        put_text(out, b"attr,")
    out.data[out.size - 1] = c'"'
    return 1


cdef inline bint in_label(unsigned char byte) noexcept nogil:
    return (KEY_BYTE[byte] and byte != c'[' and byte != c']') or byte == c'$'


cdef int mean_label(Buffer* out, Bytes at, size_t size) except -1 nogil:
    """user:role:type[:range] as an object."""
    cdef Bytes[4] parts
    cdef Bytes end = at + size
    cdef int count = 0
    cdef Bytes start = at
    while at < end and count < 3:
        while at < end and in_label(at[0]):
            at += 1
        if at == start or (at < end and at[0] != c':') or (at == end and count < 2):
            return 0
        parts[count] = start
        count += 1
        at += 1
        start = at
    if count < 3 or start == end:
        return 0
    reserve(out, 6 * size + 64)
    put_text(out, b'{"user":')
    put_string(out, parts[0], parts[1] - parts[0] - 1)
    put_text(out, b',"role":')
    put_string(out, parts[1], parts[2] - parts[1] - 1)
    put_text(out, b',"type":')
    put_string(out, parts[2], (start if start <= end else end + 1) - parts[2] - 1)
    if start < end:
        put_text(out, b',"range":')
        put_string(out, start, end - start)
    put_char(out, c'}')
    return 1


cdef int mean_number(Buffer* out, Meaning meaning, Bytes at, size_t size, Context* context) except -1 nogil:
    """Kinds that hold a number."""
    cdef Number number
    if meaning.kind == HEX_NUMBER or meaning.kind == PERSONALITY:
        number = hex_of(at, size)
    else:
        number = number_of(at, size)
    if not number.found:
        return 0
    if meaning.kind == PROMISC:
        reserve(out, 8)
        put_text(out, b'"yes"' if number.value & 0x100 else b'"no"')
        return 1
    if meaning.kind == SECCOMP:
        return mean_name(out, look_up(&seccomp_names, number.value & ACTION_BITS))
    if meaning.kind == NUMBERED:
        return mean_name(out, numbered(meaning.table, number.value, context.arch))
    if meaning.kind == FLAG_WORD:
        return mean_flags(out, meaning.table, number.value & LOW_WORD, context.arch)
    if meaning.kind == PERMISSIONS:
        return mean_permissions(out, number.value)
    if meaning.kind == PERSONALITY:
        return mean_personality(out, number.value, context.arch)
    if meaning.kind == HEX_NUMBER:
        return mean_decimal(out, number.value, False)
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
    if kind == LABEL:
        return token.size > 1 and memchr(token.value, c':', token.size) == NULL
    return False


cdef int mean(Work* work, Buffer* out, Meaning meaning, Token* token, Context* context) except -1 nogil:
    """The meaning of a token by its kind."""
    cdef Number number
    cdef Bytes at = token.value
    cdef size_t size = token.size
    cdef int kind = meaning.kind
    cdef Bytes said = token.name
    cdef int known
    if said != NULL:
        if kind == SOCKET or (token.name_size >= 8 and not token.name_hex and memcmp(said, b"unknown-", 8) == 0):
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
        return mean_call(out, context.call_name if at == context.call_text else call_name(at, size, context.arch), context)
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
    elif kind == KEYSTROKES:
        return mean_keystrokes(out, &work.scratch, token)
    elif kind == LABEL:
        return mean_named_label(work, out, token)
    elif kind == SOCKET:
        return mean_socket(out, &work.scratch, token, context.little)
    return mean_number(out, meaning, at, size, context)


cdef int mean_named_label(Work* work, Buffer* out, Token* token) except -1 nogil:
    """A label, or for `subj=?` and `obj=?` those of the record that holds them."""
    cdef Slice* labels
    if token.size == 1 and token.value[0] == c'?' and token.quote == BARE:
        if token.info != SUBJ_KEY and token.info != OBJ_KEY:
            return 0
        labels = &work.labels[token.info == OBJ_KEY]
        if not labels.size:
            return 0
        reserve(out, labels.size)
        put(out, labels.data, labels.size)
        return 1
    return mean_label(out, token.value, token.size)


cdef int mean_call(Buffer* out, Name* name, Context* context) except -1 nogil:
    """The name of a system call, or of the one that socketcall(2) or ipc(2) did."""
    cdef Name* sub = sub_call(name, context.arguments[0])
    return mean_name(out, sub if sub != NULL else name)


cdef Name* sub_call(Name* name, Slice first) noexcept nogil:
    cdef Number number
    if name == NULL or name.sub == 0:
        return NULL
    number = hex_of(first.data, first.size)
    return look_up(&sub_calls[name.sub], number.value & sub_masks[name.sub]) if number.found else NULL


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
