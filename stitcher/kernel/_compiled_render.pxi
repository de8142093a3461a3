"""Lap 2: groups in, the JSON lines of their events out; what _render.py says, into one buffer.

A record is read to tokens (record), its tokens are linked, same keys in a chain (link), and then written twice at once:
the fields into the output, their meanings into a buffer of their own that follows as `interpreted` (fields).  Here are
the way through an event and all that is kept from one to the next; what the other rooms do takes the Renderer.
"""

cdef class Renderer:
    """Writes events; keeps its buffers from one batch to the next."""

    cdef Work work
    cdef Buffer out
    cdef Wants wants
    #: is `raw` asked for?
    cdef bint raw
    #: the paths that `wants` were made of, as they were given and cut
    cdef object paths
    cdef list parts
    #: the event's first SYSCALL record, and the directory that relative names begin at
    cdef Context call
    cdef bint call_known
    cdef int base
    cdef Buffer cwd
    cdef Buffer path
    #: would the PATH record at hand say the same in any event?
    cdef bint steady
    cdef bint cwd_known
    cdef bint root_known
    cdef bint rooted
    #: has the event records by which others mean something else: labels, OPENAT2?
    cdef bint has_labels
    cdef bint has_openat2
    cdef Buffer[2] labels
    #: the labels of the task
    cdef Buffer task
    cdef bint task_known
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
    #: of the record at hand the fields that each call has of its own, for paths that ask who it was; no size: none
    cdef size_t own_at
    cdef size_t own_end
    #: are the fields that are written those in front of auid=?
    cdef bint front_only
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
        memset(&self.cwd, 0, sizeof(Buffer))
        memset(&self.path, 0, sizeof(Buffer))
        memset(self.labels, 0, sizeof(self.labels))
        memset(&self.task, 0, sizeof(Buffer))
        memset(&self.arguments, 0, sizeof(Places))
        memset(&self.lengths, 0, sizeof(Places))
        self.work.seed = int.from_bytes(os.urandom(8), "little")
        self.spare.seed = self.work.seed
        self.work.seen_slots = <uint32_t*> allocate(SEEN_SLOTS, sizeof(uint32_t))
        self.work.seen_tokens = <int32_t*> allocate(SEEN_SLOTS, sizeof(int32_t))
        self.spare.seen_slots = <uint32_t*> allocate(SEEN_SLOTS, sizeof(uint32_t))
        self.spare.seen_tokens = <int32_t*> allocate(SEEN_SLOTS, sizeof(int32_t))
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
        free(self.cwd.data)
        free(self.path.data)
        free(self.task.data)
        free(self.labels[0].data)
        free(self.labels[1].data)
        free(self.out.data)
        free(self.wants.spans)
        free_wants(&self.wants)
        free(self.headers)
        free(self.pieces)
        free(self.arguments.data)
        free(self.lengths.data)

    cdef int event(self, GroupData* group) except -1 nogil:
        """One event, LF behind it."""
        self.cut(group)
        begin_scene(self)
        self.items_known = False
        # the next message may lie where the last one lay
        self.work.scratch.of = NULL
        self.work.missing.size = 0
        self.work.missing_count = 0
        put_head(self, group)
        self.records()
        self.missing_paths()
        reserve(&self.out, self.work.missing.size + 32)
        if self.work.missing.size:
            put_text(&self.out, b',"missing":[')
            put(&self.out, self.work.missing.data, self.work.missing.size)
            put_char(&self.out, c']')
            if self.wants.count:
                note_top(&self.wants, b"missing", self.out.size - self.work.missing.size - 2, self.out.size)
        if self.raw:
            self.put_raw(group.size)
        reserve(&self.out, 2)
        put_text(&self.out, b"}\n")
        return 0

    cdef int put_raw(self, size_t size) except -1 nogil:
        """The records as they came."""
        cdef uint32_t at
        reserve(&self.out, 16 + 6 * size + 3 * <size_t> self.piece_count)
        put_text(&self.out, b',"raw":[')
        for at in range(self.piece_count):
            put_string(&self.out, self.pieces[at].data, self.pieces[at].size)
            put_char(&self.out, c',')
        self.out.data[self.out.size - 1] = c']'
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
        self.has_labels = False
        self.has_openat2 = False
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
            elif IPE_ACCESS <= self.headers[self.piece_count].number <= TYPE_OBJECT_LABELS:
                self.has_labels = label_header(&self.headers[self.piece_count], last) or self.has_labels
            elif self.headers[self.piece_count].number == TYPE_OPENAT2:
                self.has_openat2 = True
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

    cdef int records(self) except -1 nogil:
        cdef uint32_t at
        cdef bint merged = False
        cdef size_t start
        reserve(&self.out, 32)
        put_text(&self.out, b',"records":[')
        for at in range(self.piece_count):
            start = self.out.size
            self.own_at = self.own_end = 0
            if self.headers[at].number == TYPE_EXECVE:
                if merged:
                    continue
                merged = True
                put_execve(self)
            else:
                self.record(at)
            if self.wants.count:
                note_record_at(self, at, start)
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
        if self.has_labels or self.has_openat2:
            if self.has_labels:
                find_labels(self, at)
            self.new_record(header, header.body + size, -1)
            clear_labels(&self.work)
            return 0
        if header.type < 0 or size > MEMO_TEXT:
            return self.new_record(header, header.body + size, -1)
        if header.number == TYPE_SYSCALL:
            return call_record(self, header, header.body + size)
        if header.number == TYPE_URINGOP or header.number == TYPE_SOCKETCALL or (
            self.wants.count and is_asked(&self.wants, header.type)
        ):
            return self.new_record(header, header.body + size, -1)
        return known_record(self, header, size)

    cdef int unknown_record(self, Slice piece) except -1 nogil:
        """A line without a header."""
        clear_work(&self.work)
        self.begin_record(<Bytes> <const char*> b"UNKNOWN", 7, -1)
        reserve(&self.work.words, piece.size)
        put(&self.work.words, piece.data, piece.size)
        put_char(&self.out, c'}')
        return self.end_record()

    cdef int new_record(self, Header* header, Bytes end, int64_t half) except -1 nogil:
        """Read and write a record; `half` is the offset of the second half, whose place is noted."""
        cdef Context context
        cdef uint32_t at
        clear_work(&self.work)
        read_record(&self.work, header.number, header.body, end)
        if self.work.suffix.size:
            match_names(&self.work, header.number, &self.work.outer)
        make_context(self, &context, header.number)
        self.note_items(header)
        self.half_token = -1
        for at in range(self.work.outer.size if half >= 0 else 0):
            if self.work.outer.data[at].key == header.body + half:
                self.half_token = at
        self.begin_record(header.name, header.name_size, header.type)
        begin_disputes(&self.work, &self.work.outer)
        put_fields(self, header.number, &self.work.outer, 0, self.work.outer.size, &context, True)
        self.half_end = self.out.size
        if header.number == TYPE_PATH:
            put_resolution(self)
        put_char(&self.out, c'}')
        return self.end_record()

    cdef void note_items(self, Header* header) noexcept nogil:
        """items= of the first SYSCALL or URINGOP record."""
        if not self.items_known and (header.number == TYPE_SYSCALL or header.number == TYPE_URINGOP):
            self.items_known = True
            self.items = first_value(&self.work, KEY_ITEMS)

    cdef int begin_record(self, Bytes name, size_t size, int kind) except -1 nogil:
        """{"type":NAME,"fields":{ and which paths ask this record."""
        reserve(&self.out, 64 + 6 * size)
        put_text(&self.out, b'{"type":')
        if kind >= 0:
            put_short(&self.out, types[kind].name.json, types[kind].name.size)
        else:
            put_string(&self.out, name, size)
        put_text(&self.out, b',"fields":{')
        self.work.meanings.size = 0
        if self.wants.count:
            ask_record(&self.wants, kind, name, size)
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
            note_record(self, meanings, start)
        if work.disputes:
            put_conflicts(self)
        reserve(&self.out, 1)
        put_char(&self.out, c'}')
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
