"""Bytes that grow, and what is written into them: text, numbers, JSON strings.

`reserve` is the only place that allocates; the writers behind it trust that their caller reserved enough.
"""

ctypedef const unsigned char* Bytes

cdef extern from "_compiled.h" nogil:
    size_t PADDING
    uint64_t load64(const unsigned char* start)
    uint64_t load_padded(const unsigned char* start, size_t count)
    uint64_t hash_bytes(const unsigned char* start, size_t count, uint64_t seed)
    const unsigned char[256] HEX_VALUE
    Bytes scan_to(Bytes start, Bytes end, unsigned char stop, int* dirty)
    int unhex_to(unsigned char* target, const unsigned char* start, size_t count)
    unsigned char* json_inside(unsigned char* target, const unsigned char* start, size_t count)


cdef struct Buffer:
    unsigned char* data
    size_t size
    size_t room
    #: for a scratch buffer: which hex its bytes were decoded from
    Bytes of
    size_t of_size


cdef struct Slice:
    Bytes data
    size_t size


cdef int reserve_more(Buffer* buffer, size_t more) except -1 nogil:
    """Make room; at least half as much again, so that growing byte by byte stays linear."""
    cdef size_t wanted = buffer.size + more + PADDING
    cdef unsigned char* data
    if wanted < buffer.room + (buffer.room >> 1):
        wanted = buffer.room + (buffer.room >> 1)
    data = <unsigned char*> realloc(buffer.data, wanted)
    if data == NULL:
        with gil:
            raise MemoryError
    buffer.data = data
    buffer.room = wanted
    return 0


cdef inline int reserve(Buffer* buffer, size_t more) except -1 nogil:
    """See that `more` bytes and the padding fit behind what is there."""
    if buffer.size + more + PADDING > buffer.room:
        return reserve_more(buffer, more)
    return 0


cdef inline void put(Buffer* buffer, Bytes data, size_t size) noexcept nogil:
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size


cdef inline void put_short(Buffer* buffer, Bytes data, size_t size) noexcept nogil:
    """Bytes with padding behind them: mostly one copy of a fixed size."""
    if size <= 32:
        memcpy(buffer.data + buffer.size, data, 32)
    else:
        memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size


cdef inline void put_text(Buffer* buffer, const char* text) noexcept nogil:
    put(buffer, <Bytes> text, strlen(text))


cdef inline void put_char(Buffer* buffer, unsigned char byte) noexcept nogil:
    buffer.data[buffer.size] = byte
    buffer.size += 1


cdef inline void put_string(Buffer* buffer, Bytes data, size_t size) noexcept nogil:
    """A JSON string."""
    cdef unsigned char* end
    put_char(buffer, c'"')
    end = json_inside(buffer.data + buffer.size, data, size)
    buffer.size = end - buffer.data
    put_char(buffer, c'"')


cdef inline void put_clean(Buffer* buffer, Bytes data, size_t size) noexcept nogil:
    """A JSON string of bytes that need no look."""
    put_char(buffer, c'"')
    put_short(buffer, data, size)
    put_char(buffer, c'"')


cdef void put_number(Buffer* buffer, uint64_t number) noexcept nogil:
    """Decimal."""
    cdef unsigned char[20] digits
    cdef int at = 20
    while True:
        at -= 1
        digits[at] = <unsigned char> (c'0' + number % 10)
        number //= 10
        if number == 0:
            break
    put(buffer, &digits[at], 20 - at)


cdef inline void put_padded(Buffer* buffer, uint64_t number, int width) noexcept nogil:
    """Decimal with leading zeros, `width` digits."""
    cdef int at = width
    while at > 0:
        at -= 1
        buffer.data[buffer.size + at] = <unsigned char> (c'0' + number % 10)
        number //= 10
    buffer.size += width


cdef void put_base(Buffer* buffer, uint64_t number, int shift, int width) noexcept nogil:
    """Octal (shift 3) or hex (shift 4), at least `width` digits."""
    cdef const char* digits = b"0123456789abcdef"
    cdef int count = 1
    while count < width or (count * shift < 64 and number >> (count * shift)):
        count += 1
    while count > 0:
        count -= 1
        put_char(buffer, 0 if count * shift >= 64 else digits[(number >> (count * shift)) & ((1 << shift) - 1)])


cdef int put_decoded(Buffer* buffer, Buffer* scratch, Bytes data, size_t size, bint hexed) except -1 nogil:
    """A JSON string of a value that may be hex; as it is written if it is no even run of hex digits."""
    cdef Slice decoded
    reserve(buffer, 6 * size + 2)
    if hexed and size and HEX_VALUE[data[0]] != 255:
        decode(&decoded, scratch, data, size, True)
        put_string(buffer, decoded.data, decoded.size)
    else:
        put_string(buffer, data, size)
    return 0


cdef int decode(Slice* result, Buffer* scratch, Bytes data, size_t size, bint hexed) except -1 nogil:
    """The bytes that a value stands for; they live in `scratch`, which knows what it holds, or where they came from."""
    result.data = data
    result.size = size
    if hexed:
        if scratch.of == data and scratch.of_size == size:
            result.data = scratch.data
            result.size = size // 2
            return 0
        scratch.of = NULL
        reserve(scratch, size)
        if unhex_to(scratch.data, data, size):
            scratch.of = data
            scratch.of_size = size
            result.data = scratch.data
            result.size = size // 2
    return 0


cdef inline bint same(Bytes left, size_t left_size, Bytes right, size_t right_size) noexcept nogil:
    return left_size == right_size and memcmp(left, right, left_size) == 0
