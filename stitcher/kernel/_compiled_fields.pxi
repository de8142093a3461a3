"""The tokens of a record in, JSON of its fields and of their meanings out; what _event.Writer says.

Both are written at once: the fields into the output, the meanings into a buffer of their own.
"""

cdef int put_fields(
    Renderer self, int number, Tokens* tokens, uint32_t begin, uint32_t end, Context* context, bint noted
) except -1 nogil:
    """The fields of one level and their meanings, a comma behind each meaning."""
    cdef Work* work = &self.work
    cdef Buffer* out = &self.out
    cdef Buffer* meanings = &work.meanings
    cdef bint inner = tokens == &work.inner
    cdef uint32_t at
    cdef Token* token
    cdef Meaning meaning
    cdef int32_t title = -1
    cdef int64_t own = -1
    cdef int64_t own_end = -1
    cdef bint argv_key = False
    cdef size_t mean_start
    cdef size_t value_start
    cdef size_t mean_value
    link_tokens(work, tokens, begin, end)
    argv_key = work.stamp[KEY_ARGV] == work.scope
    if self.wants.count and not inner and (number == TYPE_SYSCALL or number == TYPE_URINGOP):
        own_end = find_auid(tokens, begin, end, self.front_only)
        own = own_begin(tokens, begin, own_end)
    for at in range(begin, end):
        token = &tokens.data[at]
        if at == self.half_token and not inner:
            self.half_at = out.size
            self.half_meanings = meanings.size
        if at == own:
            self.own_at = out.size
        if at == own_end and own >= 0:
            self.own_end = out.size
        if token.follows:
            continue
        meaning.kind = PLAIN_TEXT
        meaning.table = 0
        if token.info >= 0:
            meaning = meaning_in(number, token.info)
        reserve(out, token.key_size + 6 * token.size + 64)
        if token.next < 0 and token.quote != INNER and (
            meaning.kind <= ENCODED or means_nothing(meaning, token, context)
        ):
            put_key(out, token)
            value_start = out.size
            put_value(self, token, meaning)
            if work.disputes:
                note_said(work, token, inner, value_start, out.size)
            if noted and self.wants.count:
                note_field(self, token, inner, value_start, 0, False)
            put_char(out, c',')
            continue
        mean_start = meanings.size
        reserve(meanings, token.key_size + 8)
        put_key(out, token)
        put_key(meanings, token)
        value_start = out.size
        mean_value = meanings.size
        if token.next >= 0:
            if not put_chain(self, number, tokens, at, meaning, context, &title):
                meanings.size = mean_start
        elif token.quote == INNER:
            put_inner(self, number, token, context, noted)
            token = &tokens.data[at]
            if meanings.size == mean_value:
                meanings.size = mean_start
        else:
            put_value(self, token, meaning)
            if meaning.kind > ENCODED and mean(work, meanings, meaning, token, context):
                if meaning.kind == TITLE:
                    title = at
            else:
                meanings.size = mean_start
        if work.disputes:
            note_said(work, token, inner, value_start, out.size)
        if noted and self.wants.count:
            note_field(self, token, inner, value_start, mean_value, meanings.size > mean_start)
        reserve(out, 1)
        put_char(out, c',')
        if meanings.size > mean_start:
            reserve(meanings, 1)
            put_char(meanings, c',')
    if end > begin:
        out.size -= 1
    if title >= 0 and not argv_key:
        reserve(meanings, 16)
        put_text(meanings, b'"argv":')
        mean_value = meanings.size
        mean_title_arguments(meanings, &work.scratch, &tokens.data[title])
        if noted and self.wants.count:
            note_meaning(self, b"argv", 4, inner, mean_value)
        reserve(meanings, 1)
        put_char(meanings, c',')
    return 0


cdef inline int put_value(Renderer self, Token* token, Meaning meaning) except -1 nogil:
    """A value as the record wrote it."""
    if token.clean and (token.quote != BARE or meaning.kind == PLAIN_TEXT or meaning.kind > TITLE):
        reserve(&self.out, token.size + 2)
        put_clean(&self.out, token.value, token.size)
        return 0
    return put_other_value(self, token, meaning)


cdef int put_other_value(Renderer self, Token* token, Meaning meaning) except -1 nogil:
    """A value that is decoded, escaped or a list."""
    cdef Buffer* out = &self.out
    cdef Bytes at
    cdef Bytes end
    cdef Bytes last
    if token.quote == WORDS:
        reserve(out, 8 * token.size + 8)
        put_char(out, c'[')
        at = token.value
        end = at + token.size
        while at < end:
            last = find_byte(at, end, c' ')
            if last > at:
                put_string(out, at, last - at)
                put_char(out, c',')
            at = last + 1
        if out.data[out.size - 1] == c',':
            out.size -= 1
        put_char(out, c']')
        return 0
    return put_decoded(
        out, &self.work.scratch, token.value, token.size,
        token.quote == BARE and ENCODED <= meaning.kind <= TITLE,
    )


cdef int put_inner(Renderer self, int number, Token* token, Context* context, bint noted) except -1 nogil:
    """The object of a msg='…', and the one of its meanings if it has some."""
    cdef uint32_t begin = <uint32_t> token.size
    cdef uint32_t end = token.name_size
    cdef Buffer* meanings = &self.work.meanings
    cdef size_t start = meanings.size
    reserve(&self.out, 4)
    reserve(meanings, 4)
    put_char(&self.out, c'{')
    put_char(meanings, c'{')
    clear_labels(&self.work)
    put_fields(self, number, &self.work.inner, begin, end, context, noted)
    put_char(&self.out, c'}')
    if meanings.size == start + 1:
        meanings.size = start
    else:
        meanings.data[meanings.size - 1] = c'}'
    return 0


cdef bint put_chain(
    Renderer self, int number, Tokens* tokens, uint32_t at, Meaning meaning, Context* context, int32_t* title
) except -1 nogil:
    """The list of a key that repeats; a value without meaning stands for itself among the meanings."""
    cdef Buffer* out = &self.out
    cdef Buffer* meanings = &self.work.meanings
    cdef bint some = False
    cdef bint got
    cdef int32_t place = at
    cdef size_t start
    cdef size_t mean_start
    cdef Token* token
    reserve(out, 2)
    reserve(meanings, 2)
    put_char(out, c'[')
    put_char(meanings, c'[')
    while place >= 0:
        token = &tokens.data[place]
        start = out.size
        mean_start = meanings.size
        if token.quote == INNER:
            put_inner(self, number, token, context, False)
            got = meanings.size > mean_start
        else:
            put_value(self, token, meaning)
            got = meaning.kind > ENCODED and mean(&self.work, meanings, meaning, token, context) == 1
            if got and meaning.kind == TITLE and title[0] < 0:
                title[0] = place
        if not got:
            reserve(meanings, out.size - start)
            put(meanings, out.data + start, out.size - start)
        some = some or got
        reserve(out, 2)
        reserve(meanings, 2)
        put_char(out, c',')
        put_char(meanings, c',')
        place = tokens.data[place].next
    out.data[out.size - 1] = c']'
    meanings.data[meanings.size - 1] = c']'
    return some
