"""The EXECVE records of an event in, JSON of one record with one argv out; what _execve.py says.

`places` puts the arguments in order; all that is no argument is written as fields.
"""

cdef int put_execve(Renderer self) except -1 nogil:
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
            sort_in(self, begin)
    sort_places(&self.arguments)
    sort_places(&self.lengths)
    stop = weigh_arguments(self)
    if work.suffix.size:
        match_names(work, TYPE_EXECVE, &self.rest)
    self.begin_record(<Bytes> <const char*> b"EXECVE", 6, types_by_number[TYPE_EXECVE])
    begin_disputes(work, &self.rest)
    put_fields(self, TYPE_EXECVE, &self.rest, 0, self.rest.size, &context, True)
    reserve(&self.out, 16)
    put_text(&self.out, b',"argv":[' if self.rest.size else b'"argv":[')
    put_arguments(self, stop)
    put_text(&self.out, b"]}")
    return self.end_record()


cdef int sort_in(Renderer self, uint32_t begin) except -1 nogil:
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
        add_rest(self, at)
    return 0


cdef int add_rest(Renderer self, uint32_t at) except -1 nogil:
    cdef Token* token = add_token(&self.rest)
    token[0] = self.work.outer.data[at]
    return 0


cdef size_t weigh_arguments(Renderer self) except? 0 nogil:
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
        end = weigh_pieces(self, at, length_at)
        at = end
    for end in range(at, self.arguments.size):
        add_rest(self, self.arguments.data[end].token)
    weigh_lengths(self, at)
    weigh_count(self, there)
    return at


cdef int weigh_lengths(Renderer self, size_t stop) except -1 nogil:
    """A length of an argument of which no piece is among those in front of `stop`."""
    cdef size_t at
    cdef size_t argument = 0
    cdef Place* place
    for at in range(self.lengths.size):
        place = &self.lengths.data[at]
        while argument < stop and self.arguments.data[argument].index < place.index:
            argument += 1
        if (argument == stop or self.arguments.data[argument].index != place.index) and place.length and (
            at == 0 or self.lengths.data[at - 1].index != place.index
        ):
            note_missing(&self.work, b"argv[", place.index, 0, place.length)
    return 0


cdef size_t weigh_pieces(Renderer self, size_t at, size_t length_at) except? 0 nogil:
    """One argument: a piece that is there twice goes to the rest; returns the place of the next argument."""
    cdef uint32_t index = self.arguments.data[at].index
    cdef int64_t last = -1
    cdef uint64_t logged = 0
    cdef uint64_t pieces = 0
    cdef Place* place
    while at < self.arguments.size and self.arguments.data[at].index == index:
        place = &self.arguments.data[at]
        if place.piece == last:
            add_rest(self, place.token)
        else:
            last = place.piece
            pieces += 1
            logged += self.work.outer.data[place.token].size
        at += 1
    if length_at < self.lengths.size and self.lengths.data[length_at].index == index:
        if logged < self.lengths.data[length_at].length:
            note_missing(&self.work, b"argv[", index, logged, self.lengths.data[length_at].length)
    elif pieces <= <uint64_t> last:
        note_missing(&self.work, b"pieces of argv[", index, pieces, last + 1)
    return at


cdef int weigh_count(Renderer self, uint64_t there) except -1 nogil:
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


cdef int put_arguments(Renderer self, size_t stop) except -1 nogil:
    """The elements of argv, null for one that is missing."""
    cdef Buffer* out = &self.out
    cdef size_t start = out.size - 1
    cdef size_t at = 0
    cdef uint64_t count = 0
    cdef uint32_t index
    while at < stop:
        index = self.arguments.data[at].index
        while count < index:
            reserve(out, 8)
            put_text(out, b"null,")
            count += 1
        count += 1
        at = put_pieces(self, at, stop)
        reserve(out, 2)
        put_char(out, c',')
    if out.data[out.size - 1] == c',':
        out.size -= 1
    note_arguments(self, start)
    return 0


cdef size_t put_pieces(Renderer self, size_t at, size_t stop) except? 0 nogil:
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
