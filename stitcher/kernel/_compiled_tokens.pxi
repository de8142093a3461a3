"""Tokens, and the value of one: where it ends by its quote, brace or space, as _record.py says.

A token points into the body that it was read from; nothing is copied but words that are no fields.
"""

cdef enum:
    BARE = 0
    WORDS = 1
    INNER = 2
    DOUBLE = 34
    SINGLE = 39
    BRACES = 123


#: one field as it is written; 48 bytes, because there are fifty in an event
cdef struct Token:
    Bytes key
    Bytes value
    #: the name that the sender gave, NULL where it gave none
    Bytes name
    #: bytes of the value; for INNER the first inner token
    uint32_t size
    #: bytes of the name; for INNER the end of the inner tokens
    uint32_t name_size
    uint32_t key_size
    #: the next token of the same key; `follows` where there is one before
    int32_t next
    #: place in `keys`, -1 for a key that is not there
    int16_t info
    uint8_t quote
    #: the value holds no byte that JSON must escape
    uint8_t clean
    uint8_t name_hex
    uint8_t follows


cdef struct Tokens:
    Token* data
    uint32_t size
    uint32_t room


#: where in the output the kernel's value of a key is, and that of msg='…'; an end of 0: there is none
cdef struct Said:
    size_t[2] start
    size_t[2] end


#: what one thread needs to read records: grown once, used again and again
cdef struct Work:
    Tokens outer
    Tokens inner
    Tokens suffix
    Buffer words
    Buffer scratch
    Buffer meanings
    Buffer missing
    int missing_count
    int32_t[16] first
    #: the first outer token of the record that is read
    uint32_t begin
    uint32_t* seen_slots
    int32_t* seen_tokens
    uint32_t scope
    uint64_t seed
    uint32_t[512] stamp
    int32_t[512] last_of
    #: what subj=? and obj=? of the record at hand stand for; size 0: themselves
    Slice[2] labels
    #: the record at hand has one msg='…', and values in it may differ from those in front
    bint disputes
    Said[8] said


cdef enum:
    SEEN_SLOTS = 65536

#: 1 for the bytes of a key
cdef uint8_t[256] KEY_BYTE


cdef void load_key_bytes() noexcept:
    cdef int byte
    for byte in range(256):
        KEY_BYTE[byte] = chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "_.-[]")


cdef Token* add_token(Tokens* tokens) except NULL nogil:
    cdef uint32_t room
    cdef Token* data
    if tokens.size == tokens.room:
        room = tokens.room * 2 if tokens.room else 256
        data = <Token*> realloc(tokens.data, room * sizeof(Token))
        if data == NULL:
            with gil:
                raise MemoryError
        tokens.data = data
        tokens.room = room
    tokens.size += 1
    data = &tokens.data[tokens.size - 1]
    data.name = NULL
    return data


cdef inline void name_token(
    Token* token, Bytes key, size_t key_size, Bytes value, size_t size, uint8_t quote
) noexcept nogil:
    token.key = key
    token.key_size = <uint32_t> key_size
    token.info = find_key(key, key_size)
    token.value = value
    token.size = <uint32_t> size
    token.quote = quote
    token.clean = False


cdef int add_words(Work* work, Bytes at, Bytes end) except -1 nogil:
    """Words that are no fields, one space between them."""
    cdef Bytes start
    reserve(&work.words, end - at + 1)
    while at < end:
        while at < end and at[0] == c' ':
            at += 1
        start = at
        while at < end and at[0] != c' ':
            at += 1
        if at > start:
            if work.words.size:
                put_char(&work.words, c' ')
            put(&work.words, start, at - start)
    return 0


cdef inline Bytes find_byte(Bytes at, Bytes end, int byte) noexcept nogil:
    """The first such byte, `end` where there is none."""
    cdef Bytes found = <Bytes> memchr(at, byte, end - at)
    return found if found != NULL else end


cdef inline bint is_prose(unsigned char byte) noexcept nogil:
    """What belongs to the prose behind a value."""
    return byte == c',' or byte == c')' or byte == c':'


cdef inline bint closes(Bytes quote, Bytes end) noexcept nogil:
    """May a value end with the quote here?  A space, a comma, a colon, a bracket or the end must follow."""
    return quote + 1 == end or quote[1] == c' ' or is_prose(quote[1])


cdef Bytes closing(Bytes value, Bytes end) noexcept nogil:
    """The quote or brace that ends a quoted value which begins at `value`; NULL where none does."""
    cdef Bytes at
    if value == end:
        return NULL
    if value[0] == c'"' or value[0] == c"'":
        at = find_byte(value + 1, end, value[0])
    elif value[0] == c'{':
        at = value + 1
        while at < end and at[0] != c'{' and at[0] != c'}':
            at += 1
        if at < end and at[0] == c'{':
            return NULL
    else:
        return NULL
    return at if at < end and closes(at, end) else NULL


cdef inline size_t trimmed(Bytes value, size_t size) noexcept nogil:
    """Without a colon, and without a comma or a closing bracket that nothing opened; see _record.trim."""
    if size and value[size - 1] == c':' and (size == 1 or value[size - 2] != c':'):
        size -= 1
    if size and value[size - 1] == c',':
        return size - 1
    if size and value[size - 1] == c')' and memchr(value, c'(', size) == NULL:
        return size - 1
    return size


cdef inline Bytes read_value(Token* token, Bytes at, Bytes end) noexcept nogil:
    """The value that begins at `at`; returns where to go on."""
    cdef Bytes last
    cdef int dirty = 0
    if at < end and at[0] == c'"':
        last = scan_to(at + 1, end, c'"', &dirty)
        if last < end and closes(last, end):
            token.quote = DOUBLE
            token.clean = not dirty
            token.value = at + 1
            token.size = <uint32_t> (last - token.value)
            last += 1
            if last < end and is_prose(last[0]):
                last += 1
            return last
        return read_bare(token, at, end)
    if at < end and (at[0] == c"'" or at[0] == c'{'):
        return read_other(token, at, end)
    return read_bare(token, at, end)


cdef inline Bytes read_bare(Token* token, Bytes at, Bytes end) noexcept nogil:
    """A value up to the next space."""
    cdef int dirty = 0
    cdef Bytes last = scan_to(at, end, c' ', &dirty)
    token.quote = BARE
    token.clean = not dirty
    token.value = at
    token.size = <uint32_t> (last - at)
    if end - last > 2 and last[1] == c'(' and token.size:
        return read_mode(token, last, end)
    if token.size and is_prose((last - 1)[0]):
        token.size = <uint32_t> trimmed(at, token.size)
    return last


cdef Bytes read_mode(Token* token, Bytes at, Bytes end) noexcept nogil:
    """Behind a value: ` (enforce)` or another mode of AppArmor belongs to it."""
    cdef Bytes last = find_byte(at + 1, end, c' ')
    cdef size_t size = last - at - 3
    if last - at > 3 and (last - 1)[0] == c')' and (
        same(at + 2, size, <Bytes> <const char*> b"enforce", 7)
        or same(at + 2, size, <Bytes> <const char*> b"complain", 8)
        or same(at + 2, size, <Bytes> <const char*> b"kill", 4)
        or same(at + 2, size, <Bytes> <const char*> b"mixed", 5)
        or same(at + 2, size, <Bytes> <const char*> b"unconfined", 10)
        or same(at + 2, size, <Bytes> <const char*> b"user", 4)
    ):
        token.size = <uint32_t> (last - token.value)
        return last
    token.size = <uint32_t> trimmed(token.value, token.size)
    return at


cdef Bytes read_other(Token* token, Bytes at, Bytes end) noexcept nogil:
    """A value in single quotes or braces."""
    cdef Bytes last
    last = closing(at, end)
    if last != NULL:
        token.quote = at[0]
        token.clean = False
        token.value = at + 1 if at[0] != c'{' else at
        token.size = <uint32_t> (last - token.value) + (at[0] == c'{')
        last += 1
        if last < end and is_prose(last[0]):
            last += 1
        return last
    return read_bare(token, at, end)


cdef inline Bytes key_end(Bytes at, Bytes end) noexcept nogil:
    """Behind the key that begins at `at` if a `=` is there, else NULL."""
    cdef Bytes start = at
    while at < end and KEY_BYTE[at[0]]:
        at += 1
    return at if at > start and at < end and at[0] == c'=' else NULL


cdef bint begins_field(Bytes at, Bytes end) noexcept nogil:
    return key_end(at + (at[0] == c'('), end) != NULL
