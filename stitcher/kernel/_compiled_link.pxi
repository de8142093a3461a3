"""Between reading a record and writing it: keys that repeat, the sender's names, what is missing."""

cdef void link_tokens(Work* work, Tokens* tokens, uint32_t begin, uint32_t end) noexcept nogil:
    """Chain the tokens of one key, in order."""
    cdef uint32_t at
    cdef uint32_t slot
    cdef int32_t before
    cdef Token* token
    work.scope += 1
    if work.scope == 0:
        memset(work.stamp, 0, sizeof(work.stamp))
        memset(work.seen_slots, 0, SEEN_SLOTS * sizeof(uint32_t))
        work.scope = 1
    for at in range(begin, end):
        token = &tokens.data[at]
        token.next = -1
        token.follows = False
        before = -1
        if token.info >= 0:
            if work.stamp[token.info] == work.scope:
                before = work.last_of[token.info]
            work.stamp[token.info] = work.scope
            work.last_of[token.info] = at
        else:
            slot = <uint32_t> hash_bytes(token.key, token.key_size, work.seed) & (SEEN_SLOTS - 1)
            while work.seen_slots[slot] == work.scope:
                before = work.seen_tokens[slot]
                if same(tokens.data[before].key, tokens.data[before].key_size, token.key, token.key_size):
                    break
                before = -1
                slot = (slot + 1) & (SEEN_SLOTS - 1)
            work.seen_slots[slot] = work.scope
            work.seen_tokens[slot] = at
        if before >= 0:
            tokens.data[before].next = at
            token.follows = True


cdef int match_names(Work* work, int number, Tokens* tokens) except -1 nogil:
    """Give the sender's names to their fields, in order of writing; what does not match one to one becomes words."""
    cdef uint32_t at
    cdef int64_t place
    cdef Token* said
    cdef int32_t[512] left
    cdef int32_t[512] balance
    memset(balance, 0, sizeof(balance))
    for at in range(tokens.size):
        count_names(work, &tokens.data[at], balance)
    for place in range(work.suffix.size):
        said = &work.suffix.data[place]
        said.info = suffix_key(said)
        if said.info >= 0 and not named_kind(meaning_in(number, said.info)):
            said.info = -1
        if said.info >= 0:
            balance[said.info] -= 1
    for at in range(512):
        left[at] = -1
    for place in range(<int64_t> work.suffix.size - 1, -1, -1):
        said = &work.suffix.data[place]
        if said.info >= 0 and balance[said.info] == 0:
            said.next = left[said.info]
            left[said.info] = <int32_t> place
    for place in range(work.suffix.size):
        said = &work.suffix.data[place]
        if said.info < 0 or balance[said.info] != 0:
            said_as_words(work, said)
    for at in range(tokens.size):
        give_names(work, number, &tokens.data[at], left)
    return 0


cdef inline bint named_kind(Meaning meaning) noexcept nogil:
    """Does auditd resolve fields of this kind?"""
    cdef int kind = meaning.kind
    return (
        kind == ACCOUNT or kind == GROUP_ACCOUNT or kind == ARCH or kind == SYSTEM_CALL or kind == SOCKET
        or (kind == NUMBERED and meaning.table == IO_URING_TABLE)
    )


cdef void count_names(Work* work, Token* token, int32_t* balance) noexcept nogil:
    cdef uint32_t at
    if token.quote == INNER:
        for at in range(<uint32_t> token.size, token.name_size):
            count_names(work, &work.inner.data[at], balance)
    elif token.info >= 0:
        balance[token.info] += 1


cdef void give_names(Work* work, int number, Token* token, int32_t* left) noexcept nogil:
    cdef uint32_t at
    cdef Token* said
    cdef int kind
    if token.quote == INNER:
        for at in range(<uint32_t> token.size, token.name_size):
            give_names(work, number, &work.inner.data[at], left)
    elif token.info >= 0 and left[token.info] >= 0:
        said = &work.suffix.data[left[token.info]]
        left[token.info] = said.next
        kind = meaning_in(number, token.info).kind
        token.name = said.value
        token.name_size = <uint32_t> said.size
        token.name_hex = said.quote == BARE and (kind == ACCOUNT or kind == GROUP_ACCOUNT)


cdef int said_as_words(Work* work, Token* said) except -1 nogil:
    """A name that fits no field, as it was written."""
    reserve(&work.words, said.key_size + said.size + 4)
    if work.words.size:
        put_char(&work.words, c' ')
    put(&work.words, said.key, said.key_size)
    put_char(&work.words, c'=')
    if said.quote == DOUBLE or said.quote == SINGLE:
        put_char(&work.words, said.quote)
    put(&work.words, said.value, said.size)
    if said.quote == DOUBLE or said.quote == SINGLE:
        put_char(&work.words, said.quote)
    return 0


cdef void clear_work(Work* work) noexcept nogil:
    """Nothing read yet."""
    work.outer.size = 0
    work.inner.size = 0
    work.suffix.size = 0
    work.words.size = 0
    memset(work.first, 0xFF, sizeof(work.first))


cdef void free_work(Work* work) noexcept nogil:
    free(work.outer.data)
    free(work.inner.data)
    free(work.suffix.data)
    free(work.words.data)
    free(work.scratch.data)
    free(work.meanings.data)
    free(work.missing.data)
    free(work.seen_slots)
    free(work.seen_tokens)


cdef int note_missing(Work* work, const char* what, int64_t index, uint64_t there, uint64_t wanted) except -1 nogil:
    """"PATH 1/2" or, with an index, "argv[3] 100/200"; the first MAX_MISSING notes are kept."""
    cdef Buffer* out = &work.missing
    if work.missing_count >= MAX_MISSING:
        return 0
    work.missing_count += 1
    reserve(out, 128)
    if out.size:
        put_char(out, c',')
    put_char(out, c'"')
    put_text(out, what)
    if index >= 0:
        put_number(out, index)
        put_text(out, b"] ")
    put_number(out, there)
    put_char(out, c'/')
    put_number(out, wanted)
    put_char(out, c'"')
    return 0


cdef inline void put_key(Buffer* out, Token* token) noexcept nogil:
    """"key": with its quotes; a key's bytes are all safe in JSON."""
    if token.info >= 0:
        put_short(out, keys[token.info].lead, keys[token.info].lead_size)
        return
    put_char(out, c'"')
    put(out, token.key, token.key_size)
    put_text(out, b'":')
