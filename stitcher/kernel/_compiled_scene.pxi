"""What the records of one event say about each other: what _scene.py says of relative names and of labels.

A piece whose answer is asked for again and again (where do labels stand?) is found once: records are written in order,
so the place only moves forward.
"""

cdef enum:
    BASE_UNKNOWN = 1
    BASE_CWD = 2
    BASE_DESCRIPTOR = 3


cdef void begin_scene(Renderer self) noexcept nogil:
    """Another event: nothing is known of it."""
    self.call_known = False
    self.base = 0
    self.cwd.size = 0
    self.label_at[0] = self.label_at[1] = -1
    self.label_last[0] = self.label_last[1] = -1
    self.label_of[0] = self.label_of[1] = -1
    clear_labels(&self.work)


cdef void clear_labels(Work* work) noexcept nogil:
    work.labels[0].size = work.labels[1].size = 0


cdef int find_base(Renderer self) except -1 nogil:
    """How a relative name is resolved, and the directory that it begins at."""
    cdef int at
    cdef int64_t piece
    cdef Number number
    if self.base:
        return 0
    find_call(self)
    if self.call.call_name == NULL:
        self.base = BASE_UNKNOWN
        if find_piece(self, TYPE_URINGOP) >= 0 and find_piece(self, TYPE_SYSCALL) < 0:
            self.base = BASE_DESCRIPTOR
        return 0
    for at in range(4 if self.call.call >= 0 else 0):
        if arguments_of_calls[self.call.call].of[at].kind == DIRFD:
            number = hex_of(self.call.arguments[at].data, self.call.arguments[at].size)
            if not number.found or number.value & LOW_WORD != AT_FDCWD:
                self.base = BASE_DESCRIPTOR
                return 0
    piece = find_piece(self, TYPE_CWD)
    if piece >= 0:
        read_spare(self, piece)
        take_directory(self)
    self.base = BASE_CWD if self.cwd.size else BASE_UNKNOWN
    return 0


cdef int take_directory(Renderer self) except -1 nogil:
    """The cwd= of the record in `spare`, if it is an absolute path."""
    cdef uint32_t at
    cdef Token* token
    cdef Slice path
    for at in range(self.spare.outer.size):
        token = &self.spare.outer.data[at]
        if token.info == CWD_KEY and token.quote != INNER:
            self.spare.scratch.of = NULL
            decode(&path, &self.spare.scratch, token.value, token.size, token.quote == BARE)
            if path.size and path.data[0] == c'/':
                reserve(&self.cwd, path.size)
                put(&self.cwd, path.data, path.size)
            return 0
    return 0


cdef Token* resolvable_name(Renderer self) noexcept nogil:
    """The one name= of a PATH record; NULL where it has none or more, or keys that a resolution would be taken for."""
    cdef uint32_t at
    cdef Token* token
    cdef Token* found = NULL
    for at in range(self.work.outer.size):
        token = &self.work.outer.data[at]
        if token.info == PATH_KEY or token.info == RESOLUTION_KEY or (token.info == NAME_KEY and found != NULL):
            return NULL
        if token.info == NAME_KEY:
            found = token
    return found


cdef int put_resolution(Renderer self) except -1 nogil:
    """What a PATH record's name is, as a whole path, behind its meanings; notes whether any event would say the same."""
    cdef Buffer* out = &self.work.meanings
    cdef Token* token = resolvable_name(self)
    cdef Slice name
    cdef const char* status
    cdef bint whole = False
    cdef size_t start
    self.steady = True
    if token == NULL:
        return 0
    decode(&name, &self.work.scratch, token.value, token.size, token.quote == BARE)
    if token.quote == BARE and same(token.value, token.size, <Bytes> <const char*> b"(null)", 6):
        status = b'"null"'
    elif name.size and name.data[0] == c'/':
        status = b'"absolute"'
        whole = True
    else:
        self.steady = False
        find_base(self)
        whole = self.base == BASE_CWD
        status = b'"cwd"' if whole else b'"dirfd"' if self.base == BASE_DESCRIPTOR else b'"unknown"'
    reserve(out, 64)
    put_text(out, b'"resolution":')
    start = out.size
    put_text(out, status)
    if self.wants.count:
        note_meaning(self, b"resolution", 10, False, start)
    put_char(out, c',')
    if whole:
        put_text(out, b'"path":')
        start = out.size
        put_tidy(self, name, self.steady)
        if self.wants.count:
            note_meaning(self, b"path", 4, False, start)
        reserve(out, 1)
        put_char(out, c',')
    return 0


cdef int put_tidy(Renderer self, Slice name, bint absolute) except -1 nogil:
    """A path without empty parts, `.` and `..`; a relative one begins at the event's directory."""
    cdef Buffer* path = &self.path
    path.size = 0
    reserve(path, self.cwd.size + name.size + 2)
    if not absolute:
        add_parts(path, self.cwd.data, self.cwd.size)
    add_parts(path, name.data, name.size)
    if path.size == 0:
        put_char(path, c'/')
    reserve(&self.work.meanings, 6 * path.size + 2)
    put_string(&self.work.meanings, path.data, path.size)
    return 0


cdef void add_parts(Buffer* path, Bytes at, size_t size) noexcept nogil:
    """Go down the parts of a path, and up again for `..`."""
    cdef Bytes end = at + size
    cdef Bytes last
    while True:
        last = find_byte(at, end, c'/')
        if last - at == 2 and at[0] == c'.' and at[1] == c'.':
            while path.size and path.data[path.size - 1] != c'/':
                path.size -= 1
            if path.size:
                path.size -= 1
        elif last > at and not (last - at == 1 and at[0] == c'.'):
            put_char(path, c'/')
            put(path, at, last - at)
        if last == end:
            return
        at = last + 1


cdef int find_labels(Renderer self, int64_t at) except -1 nogil:
    """The labels that `subj=?` and `obj=?` of a record stand for, ready for its meanings."""
    cdef int which
    cdef int64_t place
    for which in range(2):
        place = label_place(self, at, which)
        if place >= 0 and self.label_of[which] != place:
            self.label_of[which] = place
            read_spare(self, place)
            put_labels(self, which)
        if place >= 0:
            self.work.labels[which].data = self.labels[which].data
            self.work.labels[which].size = self.labels[which].size
    return 0


cdef int64_t label_place(Renderer self, int64_t at, int which) noexcept nogil:
    """The next record of labels behind `at`, or the last before; -1 where the event has none."""
    cdef int number = TYPE_OBJECT_LABELS if which else TYPE_TASK_LABELS
    cdef int64_t place = self.label_at[which]
    if place <= at:
        place = at + 1
        while place < self.piece_count and self.headers[place].number != number:
            place += 1
        self.label_at[which] = place
        if place < self.piece_count:
            self.label_last[which] = place
        elif self.label_last[which] < 0:
            place = at
            while place >= 0 and self.headers[place].number != number:
                place -= 1
            self.label_last[which] = place
    return self.label_at[which] if self.label_at[which] < self.piece_count else self.label_last[which]


cdef int put_labels(Renderer self, int which) except -1 nogil:
    """The labels of the record in `spare`, as an object by the names of the security modules; nothing for none."""
    cdef Buffer* out = &self.labels[which]
    cdef uint32_t lead = 4 if which else 5
    cdef uint32_t at
    cdef Token* token
    out.size = 0
    link_tokens(&self.spare, &self.spare.outer, 0, self.spare.outer.size)
    for at in range(self.spare.outer.size):
        token = &self.spare.outer.data[at]
        if token.follows or token.quote == INNER or token.key_size < lead:
            continue
        if memcmp(token.key, b"obj_" if which else b"subj_", lead) != 0:
            continue
        reserve(out, token.key_size + 6 * token.size + 8)
        put_char(out, c',' if out.size else c'{')
        put_char(out, c'"')
        put(out, token.key + lead, token.key_size - lead)
        put_text(out, b'":')
        put_string(out, token.value, token.size)
    if out.size:
        reserve(out, 1)
        put_char(out, c'}')
    return 0
