"""The bytes of a struct sockaddr in, a JSON object of its parts out: what _sockaddr.py says."""

cdef uint64_t read_number(Bytes at, int size, bint little) noexcept nogil:
    cdef uint64_t number = 0
    cdef int place
    for place in range(size):
        number = number << 8 | at[size - 1 - place if little else place]
    return number


cdef inline void put_part(Buffer* out, const char* lead, uint64_t number) noexcept nogil:
    put_text(out, lead)
    put_number(out, number)


cdef int mean_socket(Buffer* out, Buffer* scratch, Token* token, int order) except -1 nogil:
    """An object; struct sockaddr of the sender (see _sockaddr.py)."""
    cdef Slice raw
    decode(&raw, scratch, token.value, token.size, True)
    cdef uint64_t family
    cdef bint little
    cdef Name* name
    if raw.size < 2 or raw.data == token.value:
        return 0
    little = order == 1 if order >= 0 else read_number(raw.data, 2, True) < 46
    family = read_number(raw.data, 2, little)
    name = look_up(&family_names, family)
    reserve(out, 6 * raw.size + 256)
    put_text(out, b'{"family":')
    if name != NULL:
        put_short(out, name.json, name.size)
    else:
        put_text(out, b'"unknown"')
    if family != 1 and family != 2 and family != 10:
        put_part(out, b',"number":', family)
    if family == 1:
        put_local(out, raw.data + 2, raw.size - 2)
    elif family == 2 or family == 10:
        put_internet(out, raw.data, raw.size, little, family == 10)
    elif family == 16 and raw.size >= 8:
        put_part(out, b',"pid":', read_number(raw.data + 4, 4, little))
        if raw.size >= 12:
            put_part(out, b',"groups":', read_number(raw.data + 8, 4, little))
    elif family == 17 and raw.size >= 8:
        put_part(out, b',"protocol":', read_number(raw.data + 2, 2, False))
        put_part(out, b',"interface":', read_number(raw.data + 4, 4, little))
    elif family == 40 and raw.size >= 12:
        put_part(out, b',"port":', read_number(raw.data + 4, 4, little))
        put_part(out, b',"cid":', read_number(raw.data + 8, 4, little))
    put_char(out, c'}')
    return 1


cdef void put_local(Buffer* out, Bytes name, size_t size) noexcept nogil:
    """A path ends at its first NUL; an abstract name begins with one, and those at its end are padding."""
    if size == 0:
        return
    if name[0] != 0:
        put_text(out, b',"path":')
        put_string(out, name, find_byte(name, name + size, 0) - name)
        return
    while size and name[size - 1] == 0:
        size -= 1
    if size:
        put_text(out, b',"abstract":')
        put_string(out, name + 1, size - 1)


cdef void put_internet(Buffer* out, Bytes raw, size_t size, bint little, bint six) noexcept nogil:
    cdef size_t at = 8 if six else 4
    cdef char[64] text
    if size >= at + (16 if six else 4):
        if inet_ntop(AF_INET6 if six else AF_INET, raw + at, text, 64) != NULL:
            put_text(out, b',"addr":"')
            put(out, <Bytes> text, strlen(text))
            put_char(out, c'"')
    if size >= 4:
        put_part(out, b',"port":', read_number(raw + 2, 2, False))
    if six and size >= 8 and read_number(raw + 4, 4, False):
        put_part(out, b',"flow":', read_number(raw + 4, 4, False))
    if six and size >= 28 and read_number(raw + 24, 4, little):
        put_part(out, b',"scope":', read_number(raw + 24, 4, little))
