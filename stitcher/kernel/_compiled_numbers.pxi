"""Numbers as a log writes them: what the functions *_of of _interpret.py take for one, and nothing else."""

cdef struct Number:
    uint64_t value
    bint negative
    bint found


cdef inline Number no_number() noexcept nogil:
    cdef Number number
    number.value = 0
    number.negative = False
    number.found = False
    return number


cdef Number hex_of(Bytes at, size_t size) noexcept nogil:
    """0x optional, 1 to 16 digits."""
    cdef Number number = no_number()
    cdef size_t place
    if size > 2 and at[0] == c'0' and (at[1] == c'x' or at[1] == c'X'):
        at += 2
        size -= 2
    if size == 0 or size > 16:
        return number
    for place in range(size):
        if HEX_VALUE[at[place]] > 15:
            return number
        number.value = number.value << 4 | HEX_VALUE[at[place]]
    number.found = True
    return number


cdef Number octal_digits(Bytes at, size_t size) noexcept nogil:
    """1 to 22 octal digits that fit 64 bits."""
    cdef Number number = no_number()
    cdef size_t place
    if size == 0 or size > 22:
        return number
    for place in range(size):
        if not c'0' <= at[place] <= c'7' or number.value >> 61:
            return number
        number.value = number.value << 3 | (at[place] - c'0')
    number.found = True
    return number


cdef Number octal_of(Bytes at, size_t size) noexcept nogil:
    """1 to 21 octal digits that fit 32 bits."""
    cdef Number number = octal_digits(at, size)
    if size > 21 or number.value >> 32:
        number.found = False
    return number


cdef Number digits_of(Bytes at, size_t size, size_t most) noexcept nogil:
    """1 to `most` decimal digits."""
    cdef Number number = no_number()
    cdef size_t place
    if size == 0 or size > most:
        return number
    for place in range(size):
        if not c'0' <= at[place] <= c'9':
            return number
        number.value = number.value * 10 + (at[place] - c'0')
    number.found = True
    return number


cdef Number decimal_of(Bytes at, size_t size) noexcept nogil:
    """1 to 18 decimal digits, perhaps with a minus before them."""
    cdef bint negative = size > 0 and at[0] == c'-'
    cdef Number number = digits_of(at + negative, size - negative, 18)
    number.negative = negative and number.value != 0
    return number


cdef Number number_of(Bytes at, size_t size) noexcept nogil:
    """A C number: 0x is hex, a leading 0 octal."""
    if size > 1 and at[0] == c'0':
        if at[1] == c'x' or at[1] == c'X':
            return hex_of(at, size) if size > 2 else no_number()
        return octal_digits(at + 1, size - 1) if size <= 23 else no_number()
    return digits_of(at, size, 19)
