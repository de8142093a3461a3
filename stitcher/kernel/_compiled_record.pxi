"""One record's body cut into tokens: the grammar of _record.py, character by character.

Tokens point into the body; nothing is copied but words that are no fields.  Every step goes forward, and every look
ahead ends at the next quote, brace or space, so a body of n bytes costs n steps whatever is in it.
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


cdef inline bint closes(Bytes quote, Bytes end) noexcept nogil:
    """May a value end with the quote here?  A space, a comma, a bracket or the end must follow."""
    return quote + 1 == end or quote[1] == c' ' or quote[1] == c',' or quote[1] == c')'


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
    """Without one comma at the end, or one closing bracket that nothing opened."""
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
            if last < end and (last[0] == c',' or last[0] == c')'):
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
    if token.size and ((last - 1)[0] == c',' or (last - 1)[0] == c')'):
        token.size = <uint32_t> trimmed(at, token.size)
    return last


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
        if last < end and (last[0] == c',' or last[0] == c')'):
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


cdef Bytes operation_end(Bytes at, Bytes end) noexcept nogil:
    """The end of the value of op=, which runs over words until the next key; NULL where it does not begin so."""
    cdef Bytes last
    if at == end or at[0] == c' ' or at[0] == c'"' or at[0] == c"'" or at[0] == c'{':
        return NULL
    while True:
        last = find_byte(at, end, c' ')
        at = last
        while at < end and at[0] == c' ':
            at += 1
        if at == end or begins_field(at, end):
            return last


cdef Bytes message_end(Bytes at, Bytes end) noexcept nogil:
    """The last single quote that a space, the end or a KEY= follows, NULL where there is none."""
    cdef Bytes last = end
    while last > at:
        last -= 1
        if last[0] == c"'" and (last + 1 == end or last[1] == c' ' or suffix_key_end(last + 1, end) != NULL):
            return last
    return NULL


cdef Bytes read_decision(Tokens* tokens, Bytes at, Bytes end) except NULL nogil:
    """`avc:  denied  { read write } for` at the head of an access vector; returns where to go on."""
    cdef Bytes start = at
    cdef Bytes verdict
    cdef Bytes open
    cdef Bytes last
    cdef Token* token
    cdef size_t size
    at = skip_word(at, end, b"avc:", 4, 0)
    if at == NULL:
        return start
    verdict = at
    size = 6
    at = skip_word(verdict, end, b"denied", 6, 1)
    if at == NULL:
        size = 7
        at = skip_word(verdict, end, b"granted", 7, 1)
    if at == NULL:
        return start
    verdict = at - size
    open = skip_word(at, end, b"{", 1, 1)
    if open == NULL:
        return start
    last = open
    while last < end and last[0] != c'{' and last[0] != c'}':
        last += 1
    if last == end or last[0] == c'{':
        return start
    at = skip_word(last + 1, end, b"for", 3, 1)
    if at == NULL or (at < end and at[0] != c' '):
        return start
    token = add_token(tokens)
    name_token(token, <Bytes> <const char*> b"seresult", 8, verdict, size, BARE)
    token = add_token(tokens)
    name_token(token, <Bytes> <const char*> b"seperms", 7, open, last - open, WORDS)
    return at


cdef Bytes skip_word(Bytes at, Bytes end, const char* word, size_t size, size_t spaces) noexcept nogil:
    """Behind spaces (at least so many) and a word; NULL where they are not there."""
    cdef Bytes start = at
    while at < end and at[0] == c' ':
        at += 1
    if <size_t> (at - start) < spaces or <size_t> (end - at) < size or memcmp(at, word, size) != 0:
        return NULL
    return at + size


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


#: for each key the one that came behind it last: most records of a log have the same keys in the same order
cdef int16_t[512] next_key


cdef inline bint guess_holds(int guess, Bytes at, Bytes end) noexcept nogil:
    """Is this very key written here, with its `=`?"""
    cdef KeyInfo* key = &keys[guess]
    cdef uint32_t size = key.size
    return (
        <size_t> (end - at) > size and at[size] == c'=' and load_padded(at, size) == key.word
        and (size <= 8 or memcmp(at, key.text, size) == 0)
    )


cdef int read_tokens(Work* work, Tokens* tokens, Bytes at, Bytes end, bint decision, int number, bint spaced) except -1 nogil:
    """Tokens of a text into `tokens`; `decision`: an access vector may stand at its head."""
    cdef bint is_outer = tokens == &work.outer
    cdef Bytes start
    cdef Bytes key
    cdef Bytes last
    cdef Token* token
    cdef int64_t room
    cdef int guess = -1
    cdef int before = -1
    if decision:
        at = read_decision(tokens, at, end)
    room = MAX_FIELDS - <int64_t> (work.outer.size - work.begin)
    while True:
        while at < end and at[0] == c' ':
            at += 1
        if at == end:
            return 0
        start = at
        if guess >= 0 and guess_holds(guess, at, end):
            if room <= 0:
                add_words(work, start, end)
                return 0
            room -= 1
            token = add_token(tokens)
            token.key = at
            token.key_size = keys[guess].size
            token.info = guess
            at = read_value(token, at + token.key_size + 1, end)
            if guess < SPECIALS and is_outer and token.quote == BARE and work.first[guess] < 0:
                work.first[guess] = tokens.size - 1
            guess = next_key[guess]
            continue
        key = at + (at[0] == c'(')
        last = key_end(key, end)
        if last == NULL:
            at = find_byte(at, end, c' ')
            add_words(work, start, at)
            continue
        if room <= 0:
            add_words(work, start, end)
            return 0
        room -= 1
        if last == key + 3 and is_outer and key == start and end - key > 4 and memcmp(key, b"msg='", 5) == 0:
            at = read_message(work, key, end, number)
            continue
        token = add_token(tokens)
        token.key = key
        token.key_size = <uint32_t> (last - key)
        token.info = find_key(key, token.key_size)
        if last == key + 2 and key[0] == c'o' and key[1] == c'p':
            at = operation_end(last + 1, end)
            if at != NULL:
                token.quote = BARE
                token.clean = False
                token.value = last + 1
                token.size = <uint32_t> trimmed(token.value, at - token.value)
                continue
        at = read_value(token, last + 1, end)
        if token.info >= 0:
            if before >= 0 and token.info != KEY_MSG and token.info != KEY_OP:
                next_key[before] = token.info
            before = token.info
            guess = next_key[before]
            if token.info < SPECIALS and is_outer and token.quote == BARE and work.first[token.info] < 0:
                work.first[token.info] = tokens.size - 1
        elif spaced and key[0] < c'a' and suffix_key(token) >= 0:
            token = add_token(&work.suffix)
            token[0] = tokens.data[tokens.size - 1]
            token.info = suffix_key(token)
            tokens.size -= 1


cdef Bytes read_message(Work* work, Bytes at, Bytes end, int number) except NULL nogil:
    """msg='…': a token of its own whose fields are inner tokens."""
    cdef Bytes last = message_end(at + 5, end)
    cdef Token* token = add_token(&work.outer)
    cdef uint32_t index = work.outer.size - 1
    cdef Bytes stop = last if last != NULL else end
    name_token(token, at, 3, NULL, work.inner.size, INNER)
    read_tokens(work, &work.inner, at + 5, stop, number == 1107, number, False)
    work.outer.data[index].name_size = work.inner.size
    return last + 1 if last != NULL else end


cdef int suffix_key(Token* token) noexcept nogil:
    """The place in `keys` of the field that an upper-case KEY names; -1 where it names none that auditd resolves."""
    cdef unsigned char[40] small
    cdef uint32_t at
    cdef int key
    if token.key_size > 24:
        return -1
    for at in range(token.key_size):
        small[at] = token.key[at]
        if c'a' <= small[at] <= c'z':
            return -1
        if c'A' <= small[at] <= c'Z':
            small[at] += 32
    key = find_key(small, token.key_size)
    return key if key >= 0 and keys[key].suffixed else -1


cdef int read_suffix(Work* work, Bytes at, Bytes end) except -1 nogil:
    """Tokens of a suffix; from the first thing on that is none it is words."""
    cdef Bytes start
    cdef Bytes last
    cdef Token* token
    while work.suffix.size < MAX_FIELDS:
        start = at
        while at < end and at[0] == c' ':
            at += 1
        last = suffix_key_end(at, end)
        if last == NULL:
            at = start
            break
        token = add_token(&work.suffix)
        token.key = at
        token.key_size = <uint32_t> (last - at)
        at = read_value(token, last + 1, end)
    return add_words(work, at, end)


cdef Bytes suffix_key_end(Bytes at, Bytes end) noexcept nogil:
    cdef Bytes start = at
    if at == end or not c'A' <= at[0] <= c'Z':
        return NULL
    while at < end and (c'A' <= at[0] <= c'Z' or c'0' <= at[0] <= c'9' or at[0] == c'_' or at[0] == c'-'):
        at += 1
    return at if at > start and at < end and at[0] == c'=' else NULL


cdef bint strict_suffix(Bytes at, Bytes end) noexcept nogil:
    """Is all of it KEY=value, as auditd writes it?"""
    cdef bint some = False
    cdef Bytes last
    while True:
        while at < end and at[0] == c' ':
            at += 1
        if at == end:
            return some
        at = suffix_key_end(at, end)
        if at == NULL or at + 1 == end:
            return False
        at += 1
        if at[0] == c'"' or at[0] == c'{':
            last = closing(at, end)
            if last == NULL or (last + 1 < end and last[1] != c' '):
                return False
            at = last + 1
        else:
            last = at
            while at < end and at[0] != c' ':
                if at[0] == c'"' or at[0] == c"'" or (at == last and at[0] == c'{'):
                    return False
                at += 1
            if at == last:
                return False
        some = True


cdef int read_record(Work* work, int number, Bytes at, Bytes end) except -1 nogil:
    """All tokens of a record's body; `work` holds what was there before as well."""
    cdef Bytes mark = NULL
    cdef Bytes body_end = end
    cdef Bytes last
    cdef bint tail = False
    work.begin = work.outer.size
    if end > at:
        mark = <Bytes> memrchr(at, 0x1D, end - at)
        if mark != NULL and (end - 1)[0] != c"'":
            body_end = mark
            tail = mark + 1 < end
            if tail:
                read_suffix(work, mark + 1, end)
        else:
            last = end
            while last - at >= 4:
                mark = <Bytes> memrchr(at, c'#', last - at - 3)
                if mark == NULL:
                    break
                if memcmp(mark, b"#035", 4) == 0:
                    if mark + 4 < end and strict_suffix(mark + 4, end):
                        body_end = mark
                        tail = True
                        read_suffix(work, mark + 4, end)
                    break
                last = mark + 3
    return read_tokens(work, &work.outer, at, body_end, number == 1400, number, not tail)
