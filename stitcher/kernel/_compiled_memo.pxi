"""What a log says again and again, written once: JSON of whole records, and of the second half of SYSCALL records.

In recorded logs some 60 % of the bytes behind headers stand in a record, or in the part of a SYSCALL from auid= on (who
runs what), that was seen not long before (docs/measurements.md).  Such a text is looked up by its hash, compared byte by
byte, and its JSON copied.  A memory has a fixed number of places, one for each hash; what comes later takes the place.
"""

cdef enum:
    MEMO_PLACES = 1024
    #: longer texts or JSON are not remembered: both memories together hold at most 18 MB, and mostly 1 MB
    MEMO_TEXT = 1024
    MEMO_JSON = 8192
    #: keys in front of auid=
    MEMO_KEYS = 24
    #: keys of one second half whose places are remembered
    MEMO_KNOWN = 48


#: a record that was written: what it depended on, its body, its JSON
cdef struct Memo:
    uint64_t hash
    ArchInfo* arch
    int little
    int number
    uint32_t text_size
    Buffer kept


#: where in a second half the value of a key and its meaning are; no size: nowhere
cdef struct Known:
    uint64_t hash
    Slice field
    Slice meaning


#: the second half of a SYSCALL record: the keys in front of it, its text, JSON of its fields and of their meanings
cdef struct HalfMemo:
    uint64_t hash
    uint32_t text_size
    uint32_t fields_size
    uint32_t meanings_size
    #: the sender's names for arch= and syscall= in the text
    uint32_t[2] name_at
    uint32_t[2] name_size
    bint[2] named
    uint32_t key_count
    int16_t[MEMO_KEYS] keys
    #: keys that paths asked for
    uint32_t known_count
    Known[MEMO_KNOWN] known
    Buffer kept


cdef int keep_memo(Buffer* kept, Bytes text, size_t text_size, Bytes json, size_t json_size) except -1 nogil:
    """Put a text and its JSON into a place."""
    kept.size = 0
    reserve(kept, text_size + json_size)
    put(kept, text, text_size)
    put(kept, json, json_size)
    return 0


cdef inline bint memo_holds(Memo* memo, uint64_t hashed, int number, Context* home, Bytes body, size_t size) noexcept nogil:
    return (
        memo.hash == hashed and memo.number == number and memo.arch == home.arch and memo.little == home.little
        and memo.text_size == size and memcmp(memo.kept.data, body, size) == 0
    )


cdef Bytes second_half(Bytes at, Bytes end) noexcept nogil:
    """The space in front of auid=; NULL where there is none."""
    while end - at > 6:
        at = find_byte(at, end - 5, c' ')
        if at == end - 5:
            return NULL
        if memcmp(at, b" auid=", 6) == 0:
            return at
        at += 1
    return NULL


cdef bint plain_front(Tokens* tokens, uint32_t count, bint whole) noexcept nogil:
    """Do the first tokens read the same whatever follows them, and is each key there once?

    `whole`: the tokens of the whole record are linked, so that repeats are known.
    """
    cdef uint32_t at
    cdef Token* token
    if count == 0 or count > MEMO_KEYS:
        return False
    for at in range(count):
        token = &tokens.data[at]
        if token.info < 0 or token.info == KEY_OP or token.info == KEY_MSG or token.quote != BARE or not token.clean:
            return False
        if keys[token.info].meaning.kind == TITLE or (whole and (token.follows or token.next >= 0)):
            return False
        if token.size and (token.value[0] == c"'" or token.value[0] == c'{'):
            return False
    return True


cdef bint names_behind(Tokens* suffix, Bytes half) noexcept nogil:
    """Do all names that the sender says stand in the second half?"""
    cdef uint32_t at
    for at in range(suffix.size):
        if suffix.data[at].key < half:
            return False
    return True


cdef bint same_keys(Tokens* tokens, HalfMemo* memo) noexcept nogil:
    cdef uint32_t at
    if tokens.size != memo.key_count:
        return False
    for at in range(memo.key_count):
        if tokens.data[at].info != memo.keys[at]:
            return False
    return True


cdef int keep_half(
    HalfMemo* memo, Tokens* tokens, uint32_t front, Bytes text, size_t size, Slice fields, Slice meanings
) except -1 nogil:
    """Remember the second half of a record that was just written, if it may stand behind other first halves."""
    cdef uint32_t at
    cdef Token* token
    cdef int place
    memo.hash = 0
    for at in range(front, tokens.size):
        token = &tokens.data[at]
        if token.follows or token.next >= 0 or token.quote == INNER or 0 <= token.info < SPECIALS:
            return 0
    memo.named[0] = memo.named[1] = False
    memo.known_count = 0
    for at in range(front):
        token = &tokens.data[at]
        memo.keys[at] = token.info
        if token.name != NULL:
            place = token.info - KEY_ARCH
            if not 0 <= place <= 1 or token.name < text or token.name + token.name_size > text + size:
                return 0
            memo.name_at[place] = <uint32_t> (token.name - text)
            memo.name_size[place] = token.name_size
            memo.named[place] = True
    memo.key_count = front
    memo.text_size = <uint32_t> size
    memo.fields_size = <uint32_t> fields.size
    memo.meanings_size = <uint32_t> meanings.size
    memo.kept.size = 0
    reserve(&memo.kept, size + fields.size + meanings.size)
    put(&memo.kept, text, size)
    put(&memo.kept, fields.data, fields.size)
    put(&memo.kept, meanings.data, meanings.size)
    return 1


cdef void give_kept_names(Tokens* tokens, HalfMemo* memo) noexcept nogil:
    """The names for arch= and syscall= that stand in the suffix of the second half."""
    cdef uint32_t at
    cdef int place
    for at in range(tokens.size):
        place = tokens.data[at].info - KEY_ARCH
        if 0 <= place <= 1 and memo.named[place]:
            tokens.data[at].name = memo.kept.data + memo.name_at[place]
            tokens.data[at].name_size = memo.name_size[place]
            tokens.data[at].name_hex = False


cdef void note_half(Wants* wants, HalfMemo* memo, size_t fields, size_t meanings) noexcept nogil:
    """A second half was copied to these places: where in it are the values that the paths ask?"""
    cdef uint32_t at
    cdef uint32_t place = 0
    cdef Want* want
    cdef Known known
    cdef Bytes json = memo.kept.data + memo.text_size
    for at in range(wants.asked_count):
        want = &wants.data[wants.asked[at]]
        if want.inner or want.section == IN_TEXT:
            continue
        known = know_key(memo, want, &place)
        if known.field.size:
            want.field_start = fields + (known.field.data - json)
            want.field_end = want.field_start + known.field.size
        if known.meaning.size:
            want.mean_start = meanings + (known.meaning.data - json - memo.fields_size)
            want.mean_end = want.mean_start + known.meaning.size


cdef Known know_key(HalfMemo* memo, Want* want, uint32_t* place) noexcept nogil:
    """Where in a second half the value of a wanted key is, and its meaning.

    `place` is where among the known ones to look first: paths ask in the same order again.
    """
    cdef uint32_t at
    cdef Known known
    cdef Bytes json = memo.kept.data + memo.text_size
    for at in range(memo.known_count):
        if place[0] >= memo.known_count:
            place[0] = 0
        place[0] += 1
        if memo.known[place[0] - 1].hash == want.hash:
            return memo.known[place[0] - 1]
    known.hash = want.hash
    known.field = value_of_key(json, memo.fields_size, want.key)
    known.meaning = value_of_key(json + memo.fields_size, memo.meanings_size, want.key)
    if memo.known_count < MEMO_KNOWN:
        memo.known[memo.known_count] = known
        memo.known_count += 1
    return known


cdef Slice value_of_key(Bytes json, size_t size, Slice key) noexcept nogil:
    """The value of a key among `"key":value,…`; size 0 where it is not there.  Keys hold nothing that is escaped."""
    cdef Bytes end = json + size
    cdef Bytes at = json
    cdef Bytes last
    cdef Slice found
    found.data = json
    found.size = 0
    while at < end:
        last = find_byte(at + 1, end, c'"')
        found.data = last + 2
        found.size = json_length(found.data, end)
        if same(at + 1, last - at - 1, key.data, key.size):
            return found
        at = found.data + found.size + 1
    found.size = 0
    return found


cdef size_t json_length(Bytes at, Bytes end) noexcept nogil:
    """How long the JSON value is that begins here: a string, a list or an object."""
    cdef Bytes start = at
    cdef bint inside = False
    cdef int depth = 0
    while at < end:
        if at[0] == c'\\':
            at += 1
        elif at[0] == c'"':
            inside = not inside
        elif not inside:
            depth += (at[0] == c'[' or at[0] == c'{') - (at[0] == c']' or at[0] == c'}')
        at += 1
        if not inside and depth == 0:
            break
    return at - start


cdef int known_record(Renderer self, Header* header, size_t size) except -1 nogil:
    """A record whose JSON depends on its type, its body and the event's arch alone."""
    cdef Memo* memo
    cdef uint64_t hashed
    cdef size_t start = self.out.size
    find_call(self)
    self.steady = True
    hashed = hash_bytes(header.body, size, self.work.seed + header.number) or 1
    memo = &self.memos[hashed & (MEMO_PLACES - 1)]
    if memo_holds(memo, hashed, header.number, &self.call, header.body, size):
        reserve(&self.out, memo.kept.size - size)
        put(&self.out, memo.kept.data + size, memo.kept.size - size)
        return 0
    self.new_record(header, header.body + size, -1)
    if self.steady and self.out.size - start <= MEMO_JSON:
        keep_memo(&memo.kept, header.body, size, self.out.data + start, self.out.size - start)
        memo.hash = hashed
        memo.number = header.number
        memo.arch = self.call.arch
        memo.little = self.call.little
        memo.text_size = <uint32_t> size
    return 0


cdef int call_record(Renderer self, Header* header, Bytes end) except -1 nogil:
    """A SYSCALL record: its first half is read, its second half often known."""
    cdef Bytes half = second_half(header.body, end)
    cdef HalfMemo* memo
    cdef uint64_t hashed
    cdef Slice fields
    cdef Slice meanings
    if half == NULL:
        return self.new_record(header, end, -1)
    hashed = hash_bytes(half, end - half, self.work.seed) or 1
    memo = &self.halves[hashed & (MEMO_PLACES - 1)]
    if memo.hash == hashed and same(memo.kept.data, memo.text_size, half, end - half):
        if known_half(self, header, half, memo):
            return 0
    self.new_record(header, end, half + 1 - header.body)
    if (
        self.half_token > 0 and self.work.words.size == 0 and names_behind(&self.work.suffix, half)
        and plain_front(&self.work.outer, self.half_token, True)
    ):
        fields.data = self.out.data + self.half_at
        fields.size = self.half_end - self.half_at
        meanings.data = self.work.meanings.data + self.half_meanings
        meanings.size = self.work.meanings.size - self.half_meanings
        if fields.size + meanings.size <= MEMO_JSON and keep_half(
            memo, &self.work.outer, self.half_token, half, end - half, fields, meanings
        ):
            memo.hash = hashed
    return 0


cdef bint known_half(Renderer self, Header* header, Bytes half, HalfMemo* memo) except -1 nogil:
    """Write a SYSCALL record whose second half is remembered; False if its first half is not what it was."""
    cdef Work* work = &self.work
    cdef Context context
    cdef Bytes json = memo.kept.data + memo.text_size
    clear_work(work)
    work.begin = 0
    read_tokens(work, &work.outer, header.body, half, False, header.number, False)
    if work.words.size or not same_keys(&work.outer, memo) or not plain_front(&work.outer, work.outer.size, False):
        return False
    give_kept_names(&work.outer, memo)
    make_context(self, &context, header.number)
    self.note_items(header)
    self.begin_record(header.name, header.name_size, header.type)
    self.front_only = True
    put_fields(self, header.number, &work.outer, 0, work.outer.size, &context, True)
    self.front_only = False
    reserve(&self.out, memo.fields_size + 2)
    put_char(&self.out, c',')
    if self.own_at:
        self.own_end = self.out.size
    put(&self.out, json, memo.fields_size)
    reserve(&work.meanings, memo.meanings_size)
    put(&work.meanings, json + memo.fields_size, memo.meanings_size)
    if self.wants.count:
        note_half(&self.wants, memo, self.out.size - memo.fields_size, work.meanings.size - memo.meanings_size)
    put_char(&self.out, c'}')
    self.end_record()
    return True
