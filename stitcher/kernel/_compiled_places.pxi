"""Arguments of an EXECVE event by index and piece: a list that is nearly always in order already."""

cdef struct Place:
    uint32_t index
    uint32_t piece
    uint64_t length
    uint32_t token


cdef struct Places:
    Place* data
    size_t size
    size_t room
    bint unsorted


cdef int add_place(Places* places, Place* place) except -1 nogil:
    cdef size_t room
    cdef Place* data
    if places.size == places.room:
        room = places.room * 2 if places.room else 64
        data = <Place*> realloc(places.data, room * sizeof(Place))
        if data == NULL:
            with gil:
                raise MemoryError
        places.data = data
        places.room = room
    if places.size == 0:
        places.unsorted = False
    elif before(place, &places.data[places.size - 1]):
        places.unsorted = True
    places.data[places.size] = place[0]
    places.size += 1
    return 0


cdef bint before(const Place* left, const Place* right) noexcept nogil:
    if left.index != right.index:
        return left.index < right.index
    if left.piece != right.piece:
        return left.piece < right.piece
    return left.token < right.token


cdef int compare_places(const void* left, const void* right) noexcept nogil:
    if before(<const Place*> left, <const Place*> right):
        return -1
    return 1 if before(<const Place*> right, <const Place*> left) else 0


cdef void sort_places(Places* places) noexcept nogil:
    if places.size and places.unsorted:
        qsort(places.data, places.size, sizeof(Place), compare_places)


cdef Bytes read_index(Bytes at, Bytes end, uint32_t* number) noexcept nogil:
    """Behind a decimal number of 1 to 7 digits without leading zeros; NULL where there is none."""
    cdef Bytes start = at
    cdef uint64_t value
    at = read_digits(at, end, 7, &value)
    if at == NULL or (start[0] == c'0' and at - start > 1):
        return NULL
    number[0] = <uint32_t> value
    return at


cdef bint argument_key(Token* token, Place* place) noexcept nogil:
    """a3 or a3[0]"""
    cdef Bytes end = token.key + token.key_size
    cdef Bytes at = read_index(token.key + 1, end, &place.index)
    place.piece = 0
    place.length = 0
    if at == NULL or at == end:
        return at != NULL
    if at[0] != c'[':
        return False
    at = read_index(at + 1, end, &place.piece)
    return at != NULL and at + 1 == end and at[0] == c']'


cdef bint length_key(Token* token, Place* place) noexcept nogil:
    """a3_len"""
    cdef Bytes end = token.key + token.key_size
    cdef Bytes at = read_index(token.key + 1, end, &place.index)
    return at != NULL and end - at == 4 and memcmp(at, b"_len", 4) == 0
