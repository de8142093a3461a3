"""One record's body cut into tokens: the grammar of _record.py, character by character.

Tokens point into the body; nothing is copied but words that are no fields.  Every step goes forward, and every look
ahead ends at the next quote, brace or space, so a body of n bytes costs n steps whatever is in it.
"""

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
    """The last single quote behind which nothing stands but names that auditd resolved, NULL where there is none."""
    cdef Bytes last = end
    while True:
        last = <Bytes> memrchr(at, c"'", last - at) if last > at else NULL
        if last == NULL or only_names(last + 1, end):
            return last


cdef bint only_names(Bytes at, Bytes end) noexcept nogil:
    cdef Bytes start = at
    while at < end and at[0] == c' ':
        at += 1
    return at == end or strict_suffix(start, end)


cdef bint may_end(Bytes start, Bytes at) noexcept nogil:
    """May the sender's fields end here?  If they hold msg='…', it has to be closed."""
    cdef Bytes quote = start
    if at > start and (at - 1)[0] == c"'":
        return True
    while quote < at:
        quote = find_byte(quote, at, c"'")
        if quote < at and quote - start >= 4 and memcmp(quote - 4, b"msg=", 4) == 0:
            if quote - 4 == start or (quote - 5)[0] == c' ':
                return False
        quote += 1
    return True


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
            if may_end(at, mark):
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
                    if mark + 4 < end and strict_suffix(mark + 4, end) and may_end(at, mark):
                        body_end = mark
                        tail = True
                        read_suffix(work, mark + 4, end)
                    break
                last = mark + 3
    return read_tokens(work, &work.outer, at, body_end, number == 1400, number, not tail)
