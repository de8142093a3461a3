"""Lap 2: groups in, the JSON lines of their events out; what _render.py says, into one buffer.

A record is read to tokens, its tokens are linked (same keys in a chain), and then written twice at once: the fields
into the output, their meanings into a buffer of their own that follows as `interpreted`.
"""

cdef enum:
    IN_FIELDS = 1
    IN_MEANINGS = 2
    IN_EITHER = 3
    IN_TEXT = 4


#: one path that a caller reads: of a record, or (`top`) of the event itself
cdef struct Want:
    Slice top
    Slice record
    Slice key
    bint any_record
    bint every
    bint inner
    int section
    #: while an event is written: was it found, and is the record at hand one of those it asks
    bint found
    bint asked
    size_t field_start
    size_t field_end
    size_t mean_start
    size_t mean_end


#: where in the output the value of a path is
cdef struct Span:
    uint32_t event
    uint32_t path
    size_t start
    size_t end


cdef struct Wants:
    Want* data
    uint32_t count
    Span* spans
    size_t span_count
    size_t span_room
    uint32_t event


cdef int note_span(Wants* wants, uint32_t path, size_t start, size_t end) except -1 nogil:
    cdef size_t room
    cdef Span* data
    if wants.span_count == wants.span_room:
        room = wants.span_room * 2 or 256
        data = <Span*> realloc(wants.spans, room * sizeof(Span))
        if data == NULL:
            with gil:
                raise MemoryError
        wants.spans = data
        wants.span_room = room
    data = &wants.spans[wants.span_count]
    data.event = wants.event
    data.path = path
    data.start = start
    data.end = end
    wants.span_count += 1
    wants.data[path].found = True
    return 0


cdef int note_top(Wants* wants, const char* name, size_t start, size_t end) except -1 nogil:
    """A value of the event itself was written."""
    cdef uint32_t path
    for path in range(wants.count):
        if wants.data[path].top.size and same(wants.data[path].top.data, wants.data[path].top.size, <Bytes> name, strlen(name)):
            note_span(wants, path, start, end)
    return 0


cdef class Renderer:
    """Writes events; keeps its buffers from one batch to the next."""

    cdef Work work
    cdef Buffer out
    cdef Wants wants
    cdef Context home
    cdef bint home_known
    cdef Slice items
    cdef bint items_known
    #: for a record that is looked into while another is written
    cdef Work spare
    #: what was written before, and where the second half of the record at hand is
    cdef Memo* memos
    cdef HalfMemo* halves
    cdef int64_t half_token
    cdef size_t half_at
    cdef size_t half_end
    cdef size_t half_meanings
    #: fields of EXECVE records that are no arguments, and an argument of several pieces
    cdef Tokens rest
    cdef Buffer joined
    cdef Header* headers
    cdef Slice* pieces
    cdef uint32_t piece_count
    cdef uint32_t piece_room
    cdef int64_t clock_second
    cdef unsigned char[24] clock
    cdef Places arguments
    cdef Places lengths

    def __cinit__(self):
        memset(&self.work, 0, sizeof(Work))
        memset(&self.out, 0, sizeof(Buffer))
        memset(&self.wants, 0, sizeof(Wants))
        memset(&self.spare, 0, sizeof(Work))
        memset(&self.rest, 0, sizeof(Tokens))
        memset(&self.joined, 0, sizeof(Buffer))
        memset(&self.arguments, 0, sizeof(Places))
        memset(&self.lengths, 0, sizeof(Places))
        self.work.seed = int.from_bytes(os.urandom(8), "little")
        self.work.seen_slots = <uint32_t*> allocate(SEEN_SLOTS, sizeof(uint32_t))
        self.work.seen_tokens = <int32_t*> allocate(SEEN_SLOTS, sizeof(int32_t))
        self.memos = <Memo*> allocate(MEMO_PLACES, sizeof(Memo))
        self.halves = <HalfMemo*> allocate(MEMO_PLACES, sizeof(HalfMemo))
        self.half_token = -1
        self.clock_second = -1
        reserve(&self.out, 1 << 16)
        reserve(&self.work.meanings, 1 << 12)
        reserve(&self.work.words, 1 << 10)
        reserve(&self.work.scratch, 1 << 12)
        reserve(&self.work.missing, 1 << 10)

    def __dealloc__(self):
        cdef int place
        for place in range(MEMO_PLACES if self.memos != NULL and self.halves != NULL else 0):
            free(self.memos[place].kept.data)
            free(self.halves[place].kept.data)
        free(self.memos)
        free(self.halves)
        free_work(&self.work)
        free_work(&self.spare)
        free(self.rest.data)
        free(self.joined.data)
        free(self.out.data)
        free(self.wants.spans)
        free(self.wants.data)
        free(self.headers)
        free(self.pieces)
        free(self.arguments.data)
        free(self.lengths.data)

    cdef int event(self, GroupData* group) except -1 nogil:
        """One event, LF behind it."""
        cdef uint32_t path
        self.cut(group)
        self.home_known = False
        self.items_known = False
        # the next message may lie where the last one lay
        self.work.scratch.of = NULL
        self.work.missing.size = 0
        self.work.missing_count = 0
        for path in range(self.wants.count):
            self.wants.data[path].found = False
        self.head(group)
        self.records()
        self.missing_paths()
        reserve(&self.out, self.work.missing.size + 32)
        if self.work.missing.size:
            put_text(&self.out, b',"missing":[')
            put(&self.out, self.work.missing.data, self.work.missing.size)
            put_char(&self.out, c']')
            if self.wants.count:
                note_top(&self.wants, b"missing", self.out.size - self.work.missing.size - 2, self.out.size)
        put_text(&self.out, b"}\n")
        return 0

    cdef int cut(self, GroupData* group) except -1 nogil:
        """The lines of the message, and their headers."""
        cdef unsigned char[64] text
        cdef Buffer id
        cdef Bytes at = group.message
        cdef Bytes end = at + group.size
        cdef Bytes last
        id.data = text
        id.size = 0
        put_text(&id, b" msg=audit(")
        put_id(&id, group)
        put_text(&id, b"):")
        self.piece_count = 0
        while True:
            last = find_byte(at, end, c'\n')
            if self.piece_count == self.piece_room:
                self.more_pieces()
            self.pieces[self.piece_count].data = at
            self.pieces[self.piece_count].size = last - at
            if not known_header(at, last, &id, &self.headers[self.piece_count]) and not parse_header(
                at, last, &self.headers[self.piece_count]
            ):
                self.headers[self.piece_count].number = -1
            self.piece_count += 1
            if last == end:
                return 0
            at = last + 1

    cdef int more_pieces(self) except -1 nogil:
        cdef uint32_t room = self.piece_room * 2 if self.piece_room else 64
        cdef Header* headers = <Header*> realloc(self.headers, room * sizeof(Header))
        cdef Slice* pieces
        if headers != NULL:
            self.headers = headers
            pieces = <Slice*> realloc(self.pieces, room * sizeof(Slice))
            if pieces != NULL:
                self.pieces = pieces
                self.piece_room = room
                return 0
        with gil:
            raise MemoryError

    cdef int head(self, GroupData* group) except -1 nogil:
        """Everything in front of the records."""
        cdef Buffer* out = &self.out
        cdef bint noted = self.wants.count > 0
        cdef size_t start
        cdef size_t envelope = group.host.size + group.time.size + group.program.size + group.peer.size
        reserve(out, 512 + 6 * (group.node.size + envelope))
        put_text(out, b'{"id":')
        start = out.size
        put_char(out, c'"')
        put_id(out, group)
        put_char(out, c'"')
        if noted:
            note_top(&self.wants, b"id", start, out.size)
        put_text(out, b',"time":')
        start = out.size
        self.put_clock(group.seconds)
        put_padded(out, group.milliseconds, 3)
        put_text(out, b'Z"')
        if noted:
            note_top(&self.wants, b"time", start, out.size)
        put_text(out, b',"serial":')
        start = out.size
        put_number(out, group.serial)
        if noted:
            note_top(&self.wants, b"serial", start, out.size)
        if group.node.size:
            put_text(out, b',"node":')
            start = out.size
            put_string(out, group.node.data, group.node.size)
            if noted:
                note_top(&self.wants, b"node", start, out.size)
        put_text(out, b',"complete":')
        start = out.size
        put_text(out, b"true" if 1 <= group.closed_by <= 3 else b"false")
        if noted:
            note_top(&self.wants, b"complete", start, out.size)
        put_text(out, b',"closed_by":')
        start = out.size
        put_text(out, CLOSED_WORDS[group.closed_by])
        if noted:
            note_top(&self.wants, b"closed_by", start, out.size)
        if group.late:
            put_text(out, b',"late":true')
            if noted:
                note_top(&self.wants, b"late", out.size - 4, out.size)
        put_text(out, b',"count":')
        start = out.size
        put_number(out, group.count)
        if noted:
            note_top(&self.wants, b"count", start, out.size)
        if envelope:
            put_text(out, b',"envelope":{')
            self.put_envelope(b"envelope.host", group.host)
            self.put_envelope(b"envelope.time", group.time)
            self.put_envelope(b"envelope.program", group.program)
            self.put_envelope(b"envelope.peer", group.peer)
            out.data[out.size - 1] = c'}'
        return 0

    cdef int put_envelope(self, const char* name, Slice value) except -1 nogil:
        cdef size_t start
        if not value.size:
            return 0
        put_char(&self.out, c'"')
        put_text(&self.out, name + 9)
        put_text(&self.out, b'":')
        start = self.out.size
        put_string(&self.out, value.data, value.size)
        if self.wants.count:
            note_top(&self.wants, name, start, self.out.size)
        put_char(&self.out, c',')
        return 0

    cdef void put_clock(self, uint64_t second) noexcept nogil:
        """"2023-11-14T22:13:20. in UTC; most events share their second with the one before."""
        cdef Buffer text
        if <int64_t> second != self.clock_second:
            self.clock_second = <int64_t> second
            text.data = self.clock
            text.size = 0
            put_date(&text, second)
        put(&self.out, self.clock, 21)

    cdef int records(self) except -1 nogil:
        cdef uint32_t at
        cdef bint merged = False
        reserve(&self.out, 32)
        put_text(&self.out, b',"records":[')
        for at in range(self.piece_count):
            if self.headers[at].number == TYPE_EXECVE:
                if merged:
                    continue
                merged = True
                self.execve()
            else:
                self.record(at)
            put_char(&self.out, c',')
        self.out.data[self.out.size - 1] = c']'
        return 0

    cdef int record(self, uint32_t at) except -1 nogil:
        """A record that is not EXECVE, from memory if it was seen and no path asks it."""
        cdef Header* header = &self.headers[at]
        cdef Slice piece = self.pieces[at]
        cdef size_t size = piece.data + piece.size - header.body
        if header.number < 0:
            return self.unknown_record(piece)
        if header.type < 0 or size > MEMO_TEXT or (self.wants.count and self.is_asked(header)):
            return self.new_record(header, header.body + size, -1)
        if header.number == TYPE_SYSCALL:
            return self.call_record(header, header.body + size)
        if header.number == TYPE_URINGOP:
            return self.new_record(header, header.body + size, -1)
        return self.known_record(header, size)

    cdef int unknown_record(self, Slice piece) except -1 nogil:
        """A line without a header."""
        clear_work(&self.work)
        self.begin_record(<Bytes> <const char*> b"UNKNOWN", 7, NULL)
        reserve(&self.work.words, piece.size)
        put(&self.work.words, piece.data, piece.size)
        put_char(&self.out, c'}')
        return self.end_record()

    cdef int known_record(self, Header* header, size_t size) except -1 nogil:
        """A record whose JSON depends on its type, its body and the event's arch alone."""
        cdef Context home
        cdef Memo* memo
        cdef uint64_t hashed
        cdef size_t start = self.out.size
        no_context(&home)
        if self.needs_home(header.number):
            self.find_home()
            home = self.home
        hashed = hash_bytes(header.body, size, self.work.seed + header.number) or 1
        memo = &self.memos[hashed & (MEMO_PLACES - 1)]
        if memo_holds(memo, hashed, header.number, &home, header.body, size):
            reserve(&self.out, memo.kept.size - size)
            put(&self.out, memo.kept.data + size, memo.kept.size - size)
            return 0
        self.new_record(header, header.body + size, -1)
        if self.out.size - start <= MEMO_JSON:
            keep_memo(&memo.kept, header.body, size, self.out.data + start, self.out.size - start)
            memo.hash = hashed
            memo.number = header.number
            memo.arch = home.arch
            memo.little = home.little
            memo.text_size = <uint32_t> size
        return 0

    cdef int call_record(self, Header* header, Bytes end) except -1 nogil:
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
            if self.known_half(header, half, memo):
                return 0
        self.new_record(header, end, half + 1 - header.body)
        if self.half_token > 0 and self.work.words.size == 0 and names_behind(&self.work.suffix, half) and plain_front(&self.work.outer, self.half_token, True):
            fields.data = self.out.data + self.half_at
            fields.size = self.half_end - self.half_at
            meanings.data = self.work.meanings.data + self.half_meanings
            meanings.size = self.work.meanings.size - self.half_meanings
            if fields.size + meanings.size <= MEMO_JSON and keep_half(
                memo, &self.work.outer, self.half_token, half, end - half, fields, meanings
            ):
                memo.hash = hashed
        return 0

    cdef bint known_half(self, Header* header, Bytes half, HalfMemo* memo) except -1 nogil:
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
        self.make_context(&context, header.number)
        self.note_items(header)
        self.begin_record(header.name, header.name_size, &types[header.type])
        self.fields(header.number, &work.outer, 0, work.outer.size, &context, False)
        reserve(&self.out, memo.fields_size + 2)
        put_char(&self.out, c',')
        put(&self.out, json, memo.fields_size)
        put_char(&self.out, c'}')
        reserve(&work.meanings, memo.meanings_size)
        put(&work.meanings, json + memo.fields_size, memo.meanings_size)
        self.end_record()
        return True

    cdef int new_record(self, Header* header, Bytes end, int64_t half) except -1 nogil:
        """Read and write a record; `half` is the offset of the second half, whose place is noted."""
        cdef Context context
        cdef uint32_t at
        clear_work(&self.work)
        read_record(&self.work, header.number, header.body, end)
        if self.work.suffix.size:
            match_names(&self.work, header.number, &self.work.outer)
        self.make_context(&context, header.number)
        self.note_items(header)
        self.half_token = -1
        for at in range(self.work.outer.size if half >= 0 else 0):
            if self.work.outer.data[at].key == header.body + half:
                self.half_token = at
        self.begin_record(header.name, header.name_size, &types[header.type] if header.type >= 0 else NULL)
        self.fields(header.number, &self.work.outer, 0, self.work.outer.size, &context, True)
        self.half_end = self.out.size
        put_char(&self.out, c'}')
        return self.end_record()

    cdef void note_items(self, Header* header) noexcept nogil:
        """items= of the first SYSCALL or URINGOP record."""
        if not self.items_known and (header.number == TYPE_SYSCALL or header.number == TYPE_URINGOP):
            self.items_known = True
            self.items = self.first(KEY_ITEMS)

    cdef bint is_asked(self, Header* header) noexcept nogil:
        """Does a path ask for records of this type?"""
        cdef uint32_t path
        cdef Want* want
        for path in range(self.wants.count):
            want = &self.wants.data[path]
            if want.top.size == 0 and (want.every or not want.found) and (
                want.any_record or same(want.record.data, want.record.size, types[header.type].text, types[header.type].written)
            ):
                return True
        return False

    cdef int begin_record(self, Bytes name, size_t size, TypeInfo* kind) except -1 nogil:
        """{"type":NAME,"fields":{ and which paths ask this record."""
        cdef uint32_t path
        cdef Want* want
        reserve(&self.out, 64 + 6 * size)
        put_text(&self.out, b'{"type":')
        if kind != NULL:
            put_short(&self.out, kind.name.json, kind.name.size)
            name = kind.text
            size = kind.written
        else:
            put_string(&self.out, name, size)
        put_text(&self.out, b',"fields":{')
        self.work.meanings.size = 0
        for path in range(self.wants.count):
            want = &self.wants.data[path]
            want.field_end = 0
            want.mean_end = 0
            want.asked = want.top.size == 0 and (want.every or not want.found) and (
                want.any_record or same(want.record.data, want.record.size, name, size)
            )
        return 0

    cdef int end_record(self) except -1 nogil:
        """The meanings and the words behind the fields."""
        cdef Work* work = &self.work
        cdef size_t meanings
        cdef size_t start
        reserve(&self.out, work.meanings.size + 6 * work.words.size + 64)
        put_text(&self.out, b',"interpreted":{')
        meanings = self.out.size
        if work.meanings.size:
            put(&self.out, work.meanings.data, work.meanings.size)
            self.out.data[self.out.size - 1] = c'}'
        else:
            self.out.size -= 16
        start = 0
        if work.words.size:
            put_text(&self.out, b',"text":')
            start = self.out.size
            put_string(&self.out, work.words.data, work.words.size)
        if self.wants.count:
            self.note_record(meanings, start)
        put_char(&self.out, c'}')
        return 0

    cdef int note_record(self, size_t meanings, size_t text) except -1 nogil:
        cdef uint32_t path
        cdef Want* want
        for path in range(self.wants.count):
            want = &self.wants.data[path]
            if not want.asked:
                continue
            if want.section == IN_TEXT:
                if text:
                    note_span(&self.wants, path, text, self.out.size)
            elif want.section & IN_MEANINGS and want.mean_end:
                note_span(&self.wants, path, meanings + want.mean_start, meanings + want.mean_end)
            elif want.section & IN_FIELDS and want.field_end:
                note_span(&self.wants, path, want.field_start, want.field_end)
        return 0

    cdef int fields(
        self, int number, Tokens* tokens, uint32_t begin, uint32_t end, Context* context, bint noted
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
        cdef bint argv_key = False
        cdef size_t mean_start
        cdef size_t value_start
        cdef size_t mean_value
        link_tokens(work, tokens, begin, end)
        argv_key = work.stamp[KEY_ARGV] == work.scope
        for at in range(begin, end):
            token = &tokens.data[at]
            if at == self.half_token and not inner:
                self.half_at = out.size
                self.half_meanings = meanings.size
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
                self.value(token, meaning)
                if noted and self.wants.count:
                    self.note_field(token, inner, value_start, 0, False)
                put_char(out, c',')
                continue
            mean_start = meanings.size
            reserve(meanings, token.key_size + 8)
            put_key(out, token)
            put_key(meanings, token)
            value_start = out.size
            mean_value = meanings.size
            if token.next >= 0:
                if not self.chain(number, tokens, at, meaning, context, &title):
                    meanings.size = mean_start
            elif token.quote == INNER:
                self.inner(number, token, context, noted)
                token = &tokens.data[at]
                if meanings.size == mean_value:
                    meanings.size = mean_start
            else:
                self.value(token, meaning)
                if meaning.kind > ENCODED and mean(work, meanings, meaning, token, context):
                    if meaning.kind == TITLE:
                        title = at
                else:
                    meanings.size = mean_start
            if noted and self.wants.count:
                self.note_field(token, inner, value_start, mean_value, meanings.size > mean_start)
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
                self.note_argv(inner, mean_value)
            reserve(meanings, 1)
            put_char(meanings, c',')
        return 0

    cdef inline int value(self, Token* token, Meaning meaning) except -1 nogil:
        """A value as the record wrote it."""
        if token.clean and (token.quote != BARE or meaning.kind == PLAIN_TEXT or meaning.kind > TITLE):
            reserve(&self.out, token.size + 2)
            put_clean(&self.out, token.value, token.size)
            return 0
        return self.other_value(token, meaning)

    cdef int other_value(self, Token* token, Meaning meaning) except -1 nogil:
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

    cdef int inner(self, int number, Token* token, Context* context, bint noted) except -1 nogil:
        """The object of a msg='…', and the one of its meanings if it has some."""
        cdef uint32_t begin = <uint32_t> token.size
        cdef uint32_t end = token.name_size
        cdef Buffer* meanings = &self.work.meanings
        cdef size_t start = meanings.size
        reserve(&self.out, 4)
        reserve(meanings, 4)
        put_char(&self.out, c'{')
        put_char(meanings, c'{')
        self.fields(number, &self.work.inner, begin, end, context, noted)
        put_char(&self.out, c'}')
        if meanings.size == start + 1:
            meanings.size = start
        else:
            meanings.data[meanings.size - 1] = c'}'
        return 0

    cdef bint chain(
        self, int number, Tokens* tokens, uint32_t at, Meaning meaning, Context* context, int32_t* title
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
                self.inner(number, token, context, False)
                got = meanings.size > mean_start
            else:
                self.value(token, meaning)
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

    cdef void note_field(self, Token* token, bint inner, size_t start, size_t mean_start, bint has_meaning) noexcept nogil:
        """A field was written: where are the values that the paths ask?"""
        cdef uint32_t path
        cdef Want* want
        for path in range(self.wants.count):
            want = &self.wants.data[path]
            if want.asked and want.inner == inner and same(want.key.data, want.key.size, token.key, token.key_size):
                want.field_start = start
                want.field_end = self.out.size
                if has_meaning:
                    want.mean_start = mean_start
                    want.mean_end = self.work.meanings.size

    cdef void note_argv(self, bint inner, size_t mean_start) noexcept nogil:
        """The argv of a proctitle was written."""
        cdef uint32_t path
        cdef Want* want
        for path in range(self.wants.count):
            want = &self.wants.data[path]
            if want.asked and want.inner == inner and same(want.key.data, want.key.size, <Bytes> <const char*> b"argv", 4):
                want.mean_start = mean_start
                want.mean_end = self.work.meanings.size

    cdef int make_context(self, Context* context, int number) except -1 nogil:
        """The record's own arch and call, or the event's arch."""
        cdef Slice arch = self.first(KEY_ARCH)
        cdef Slice call
        cdef Name* name
        if arch.size == 0:
            if self.needs_home(number):
                self.find_home()
                context[0] = self.home
            else:
                no_context(context)
            return 0
        arch_context(context, arch.data, arch.size)
        if not self.home_known and number == TYPE_SYSCALL:
            self.home = context[0]
            self.home_known = True
        call = self.first(KEY_SYSCALL)
        name = call_name(call.data, call.size, context.arch)
        context.call_text = call.data
        context.call_name = name
        if name != NULL:
            context.call = name.arguments
            context.before[0] = self.first(KEY_A0)
            context.before[1] = self.first(KEY_A1)
            context.before[2] = self.first(KEY_A2)
        return 0

    cdef bint needs_home(self, int number) noexcept nogil:
        """Reading the SYSCALL record for its arch is left out for the types that never ask for it."""
        return number != TYPE_PATH and number != TYPE_PROCTITLE and number != 1307

    cdef inline Slice first(self, int key) noexcept nogil:
        """The first value of a key that is written without quotes, not looking into msg='…'."""
        cdef Slice found
        cdef int32_t at = self.work.first[key]
        found.data = self.work.outer.data[at].value if at >= 0 else NULL
        found.size = self.work.outer.data[at].size if at >= 0 else 0
        return found

    cdef int find_home(self) except -1 nogil:
        """The arch of the event's first SYSCALL record, wherever that is."""
        cdef uint32_t at
        cdef int32_t found
        if self.home_known:
            return 0
        self.home_known = True
        no_context(&self.home)
        for at in range(self.piece_count):
            if self.headers[at].number == TYPE_SYSCALL:
                clear_work(&self.spare)
                read_record(&self.spare, TYPE_SYSCALL, self.headers[at].body, self.pieces[at].data + self.pieces[at].size)
                found = self.spare.first[KEY_ARCH]
                if found >= 0:
                    arch_context(&self.home, self.spare.outer.data[found].value, self.spare.outer.data[found].size)
                return 0
        return 0

    cdef int missing_paths(self) except -1 nogil:
        """items= of the system call says how many PATH records there are."""
        cdef uint32_t at
        cdef uint64_t found = 0
        cdef Number items
        if not self.items_known:
            return 0
        items = digits_of(self.items.data, self.items.size, 6)
        if not items.found:
            return 0
        for at in range(self.piece_count):
            found += self.headers[at].number == TYPE_PATH
        if found < items.value:
            note_missing(&self.work, b"PATH ", -1, found, items.value)
        return 0

    cdef int execve(self) except -1 nogil:
        """All EXECVE records of the event as one; what _execve.py says."""
        cdef uint32_t at
        cdef uint32_t begin
        cdef Work* work = &self.work
        cdef Context context
        cdef size_t stop
        clear_work(work)
        no_context(&context)
        self.rest.size = 0
        self.arguments.size = 0
        self.lengths.size = 0
        for at in range(self.piece_count):
            if self.headers[at].number == TYPE_EXECVE:
                begin = work.outer.size
                read_record(work, TYPE_EXECVE, self.headers[at].body, self.pieces[at].data + self.pieces[at].size)
                self.sort_in(begin)
        sort_places(&self.arguments)
        sort_places(&self.lengths)
        stop = self.weigh_arguments()
        if work.suffix.size:
            match_names(work, TYPE_EXECVE, &self.rest)
        self.begin_record(<Bytes> <const char*> b"EXECVE", 6, &types[types_by_number[TYPE_EXECVE]])
        self.fields(TYPE_EXECVE, &self.rest, 0, self.rest.size, &context, True)
        reserve(&self.out, 16)
        put_text(&self.out, b',"argv":[' if self.rest.size else b'"argv":[')
        self.put_arguments(stop)
        put_text(&self.out, b"]}")
        return self.end_record()

    cdef int sort_in(self, uint32_t begin) except -1 nogil:
        """Arguments and their lengths from the fields of one record; all others are the rest."""
        cdef uint32_t at
        cdef Token* token
        cdef Place place
        cdef Number number
        for at in range(begin, self.work.outer.size):
            token = &self.work.outer.data[at]
            place.token = at
            if token.quote != INNER and token.key[0] == c'a':
                if argument_key(token, &place):
                    add_place(&self.arguments, &place)
                    continue
                if length_key(token, &place):
                    number = digits_of(token.value, token.size, 7)
                    if number.found:
                        place.piece = 0
                        place.length = number.value
                        add_place(&self.lengths, &place)
                        continue
                if token.info == KEY_ARGV:
                    reserve(&self.work.words, token.size + 8)
                    if self.work.words.size:
                        put_char(&self.work.words, c' ')
                    put_text(&self.work.words, b"argv=")
                    put(&self.work.words, token.value, token.size)
                    continue
            self.add_rest(at)
        return 0

    cdef int add_rest(self, uint32_t at) except -1 nogil:
        cdef Token* token = add_token(&self.rest)
        token[0] = self.work.outer.data[at]
        return 0

    cdef size_t weigh_arguments(self) except? 0 nogil:
        """Which arguments come into argv (all before the place returned), and what is missing among them."""
        cdef size_t at = 0
        cdef size_t end
        cdef size_t length_at = 0
        cdef uint64_t count = 0
        cdef uint64_t there = 0
        cdef uint64_t holes = MAX_HOLES
        cdef uint32_t index
        while at < self.arguments.size:
            index = self.arguments.data[at].index
            if index - count > holes:
                break
            holes -= index - count
            count = index + 1
            there += 1
            while length_at < self.lengths.size and self.lengths.data[length_at].index < index:
                length_at += 1
            end = self.weigh_pieces(at, length_at)
            at = end
        for end in range(at, self.arguments.size):
            self.add_rest(self.arguments.data[end].token)
        self.weigh_count(there)
        return at

    cdef size_t weigh_pieces(self, size_t at, size_t length_at) except? 0 nogil:
        """One argument: a piece that is there twice goes to the rest; returns the place of the next argument."""
        cdef uint32_t index = self.arguments.data[at].index
        cdef int64_t last = -1
        cdef uint64_t logged = 0
        cdef Place* place
        while at < self.arguments.size and self.arguments.data[at].index == index:
            place = &self.arguments.data[at]
            if place.piece == last:
                self.add_rest(place.token)
            else:
                last = place.piece
                logged += self.work.outer.data[place.token].size
            at += 1
        if length_at < self.lengths.size and self.lengths.data[length_at].index == index:
            if logged < self.lengths.data[length_at].length:
                note_missing(&self.work, b"argv[", index, logged, self.lengths.data[length_at].length)
        return at

    cdef int weigh_count(self, uint64_t there) except -1 nogil:
        cdef uint32_t at
        cdef Number number
        cdef Token* token
        for at in range(self.rest.size):
            token = &self.rest.data[at]
            if token.info == KEY_ARGC and token.quote == BARE:
                number = digits_of(token.value, token.size, 7)
                if number.found and there < number.value:
                    note_missing(&self.work, b"argv ", -1, there, number.value)
                return 0
        return 0

    cdef int put_arguments(self, size_t stop) except -1 nogil:
        """The elements of argv, null for one that is missing."""
        cdef Buffer* out = &self.out
        cdef size_t start = out.size - 1
        cdef size_t at = 0
        cdef uint64_t count = 0
        cdef uint32_t index
        cdef uint32_t path
        while at < stop:
            index = self.arguments.data[at].index
            while count < index:
                reserve(out, 8)
                put_text(out, b"null,")
                count += 1
            count += 1
            at = self.put_pieces(at, stop)
            reserve(out, 2)
            put_char(out, c',')
        if out.data[out.size - 1] == c',':
            out.size -= 1
        for path in range(self.wants.count):
            if self.wants.data[path].asked and not self.wants.data[path].inner:
                if same(self.wants.data[path].key.data, self.wants.data[path].key.size, <Bytes> <const char*> b"argv", 4):
                    self.wants.data[path].field_start = start
                    self.wants.data[path].field_end = out.size + 1
        return 0

    cdef size_t put_pieces(self, size_t at, size_t stop) except? 0 nogil:
        """One argument, its pieces decoded one by one and written as one string."""
        cdef uint32_t index = self.arguments.data[at].index
        cdef Token* token = &self.work.outer.data[self.arguments.data[at].token]
        cdef int64_t last = -1
        cdef Slice decoded
        if at + 1 == stop or self.arguments.data[at + 1].index != index:
            put_decoded(&self.out, &self.work.scratch, token.value, token.size, token.quote == BARE)
            return at + 1
        self.joined.size = 0
        while at < stop and self.arguments.data[at].index == index:
            if self.arguments.data[at].piece != last:
                last = self.arguments.data[at].piece
                token = &self.work.outer.data[self.arguments.data[at].token]
                decode(&decoded, &self.work.scratch, token.value, token.size, token.quote == BARE)
                reserve(&self.joined, decoded.size)
                put(&self.joined, decoded.data, decoded.size)
            at += 1
        reserve(&self.out, 6 * self.joined.size + 2)
        reserve(&self.joined, 0)
        put_string(&self.out, self.joined.data, self.joined.size)
        return at
