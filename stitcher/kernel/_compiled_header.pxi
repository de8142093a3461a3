"""The header of a record, as _header.py reads it: the only part of a line that says what it is."""

cdef enum:
    TYPE_SYSCALL = 1300
    TYPE_PATH = 1302
    TYPE_SOCKETCALL = 1304
    TYPE_CWD = 1307
    TYPE_EXECVE = 1309
    TYPE_EOE = 1320
    TYPE_PROCTITLE = 1327
    TYPE_URINGOP = 1336
    TYPE_OPENAT2 = 1337
    IPE_ACCESS = 1420
    TYPE_TASK_LABELS = 1425
    TYPE_OBJECT_LABELS = 1426
    #: type=A audit(1.000:1):
    SHORTEST_HEADER = 22


cdef struct Header:
    Bytes body
    Bytes name
    uint64_t seconds
    uint32_t name_size
    uint32_t milliseconds
    uint32_t serial
    int32_t number
    #: place in `types`, -1 where the type has no name here
    int32_t type


cdef inline Bytes read_digits(Bytes at, Bytes end, int most, uint64_t* number) noexcept nogil:
    """Behind 1 to `most` digits; NULL where there are none or more."""
    cdef Bytes start = at
    cdef uint64_t value = 0
    while at < end and at - start <= most and c'0' <= at[0] <= c'9':
        value = value * 10 + (at[0] - c'0')
        at += 1
    number[0] = value
    return at if 0 < at - start <= most else NULL


cdef inline Bytes quick_type(Bytes at, Header* header) noexcept nogil:
    """Behind a type of up to 15 letters that has a name here; NULL else.  16 bytes are readable at `at`."""
    cdef int dirty = 0
    cdef Bytes end = scan_to(at, at + 16, c' ', &dirty)
    if end == at + 16:
        return NULL
    header.type = find_type(at, end - at)
    if header.type < 0:
        return NULL
    header.name = at
    header.name_size = <uint32_t> (end - at)
    header.number = types[header.type].number
    return end


cdef bint known_header(Bytes at, Bytes end, Buffer* id, Header* header) noexcept nogil:
    """The header of a record whose id is known already; False says only that the long way must be gone."""
    if end - at < SHORTEST_HEADER or memcmp(at, b"type=", 5) != 0:
        return False
    at = quick_type(at + 5, header)
    if at == NULL or <size_t> (end - at) < id.size or memcmp(at, id.data, id.size) != 0:
        return False
    at += id.size
    header.body = at + 1 if at < end and at[0] == c' ' else at
    return True


cdef bint parse_header(Bytes at, Bytes end, Header* header) noexcept nogil:
    """The header at the very start of a line."""
    cdef Bytes start
    cdef Bytes quick
    cdef uint64_t number
    if end - at < SHORTEST_HEADER or memcmp(at, b"type=", 5) != 0:
        return False
    quick = quick_type(at + 5, header)
    if quick != NULL:
        return parse_id(quick, end, header)
    at += 5
    start = at
    while at < end and (c'A' <= at[0] <= c'Z' or at[0] == c'_' or c'0' <= at[0] <= c'9'):
        at += 1
    if at == start or at - start > 64:
        return False
    if at < end and at[0] == c'[':
        at = read_digits(at + 1, end, 7, &number)
        if at == NULL or at == end or at[0] != c']':
            return False
        at += 1
    header.name = start
    header.name_size = <uint32_t> (at - start)
    if not parse_id(at, end, header):
        return False
    resolve_type(header)
    return True


cdef bint parse_id(Bytes at, Bytes end, Header* header) noexcept nogil:
    """ msg=audit(SECONDS.MMM:SERIAL): and where the body begins; a space may stand for the last colon."""
    cdef Bytes start
    cdef uint64_t number
    if end - at < 7 or at[0] != c' ':
        return False
    at += 1
    if end - at > 4 and memcmp(at, b"msg=", 4) == 0:
        at += 4
    if end - at < 6 or memcmp(at, b"audit(", 6) != 0:
        return False
    at = read_digits(at + 6, end, 11, &header.seconds)
    if at == NULL or end - at < 5 or at[0] != c'.' or at[4] != c':':
        return False
    start = at + 5
    at = read_digits(at + 1, start - 1, 3, &number)
    if at != start - 1:
        return False
    header.milliseconds = <uint32_t> number
    at = read_digits(start, end, 10, &number)
    if at == NULL or number > LOW_WORD or end - at < 2 or at[0] != c')' or not (at[1] == c':' or at[1] == c' '):
        return False
    header.serial = <uint32_t> number
    at += 1 + (at[1] == c':')
    header.body = at + 1 if at < end and at[0] == c' ' else at
    return True


cdef void resolve_type(Header* header) noexcept nogil:
    """The number of a type; a name that no table has is 0, a number or UNKNOWN[number] is itself."""
    cdef Bytes at = header.name
    cdef Bytes end = at + header.name_size
    cdef uint64_t number
    header.type = find_type(at, header.name_size)
    if header.type >= 0:
        header.number = types[header.type].number
        return
    header.number = 0
    if header.name_size > 9 and (end - 1)[0] == c']' and memcmp(at, b"UNKNOWN[", 8) == 0:
        at += 8
        end -= 1
    at = read_digits(at, end, 7, &number)
    if at != end:
        return
    header.number = <int32_t> number
    if number < 3000 and types_by_number[number] >= 0:
        header.type = types_by_number[number]


cdef inline bint stands_alone(int number) noexcept nogil:
    """Records that never have company."""
    return (1000 <= number <= 1299 and number != 1006) or number == 2000 or 2100 <= number <= 2999


cdef bint label_header(Header* header, Bytes end) noexcept nogil:
    """Is this a record of labels?  Ubuntu's kernels had them under the numbers that are now IPE's; see _scene.py."""
    cdef int number = 0
    cdef size_t size = end - header.body
    if header.number == IPE_ACCESS and size >= 5 and memcmp(header.body, b"subj_", 5) == 0:
        number = TYPE_TASK_LABELS
    elif header.number == IPE_ACCESS + 1 and size >= 4 and memcmp(header.body, b"obj_", 4) == 0:
        number = TYPE_OBJECT_LABELS
    if number:
        header.number = number
        header.type = types_by_number[number]
        header.name = types[header.type].text
        header.name_size = types[header.type].written
    return header.number >= TYPE_TASK_LABELS


cdef inline bint holds_labels(Header* header) noexcept nogil:
    """Of _header.LABEL_TYPES?"""
    return IPE_ACCESS <= header.number <= IPE_ACCESS + 1 or TYPE_TASK_LABELS <= header.number <= TYPE_OBJECT_LABELS
