"""The suffix of a record: what auditd resolved by itself, behind 0x1d or what relays make of it; see _record.py."""

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
    at = read_address(work, at, end)
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


cdef Bytes read_address(Work* work, Bytes at, Bytes end) except NULL nogil:
    """SADDR={…} at the head of a suffix ends at the last brace: the path of a socket may hold some."""
    cdef Bytes start = at
    cdef Bytes last
    cdef Token* token
    while at < end and at[0] == c' ':
        at += 1
    if end - at < 8 or memcmp(at, b"SADDR={", 7) != 0:
        return start
    last = end
    while last > at + 7:
        last -= 1
        if last[0] == c'}' and (last + 1 == end or last[1] == c' '):
            token = add_token(&work.suffix)
            name_token(token, at, 5, at + 6, last - at - 5, BRACES)
            return last + 1
    return start


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
