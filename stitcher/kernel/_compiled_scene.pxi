"""What the records of one event say about each other: what _scene.py says of names and of labels."""

cdef enum:
    BASE_UNKNOWN = 1
    BASE_CWD = 2
    BASE_DESCRIPTOR = 3


cdef void begin_scene(Renderer self) noexcept nogil:
    """Another event: nothing is known of it."""
    self.call_known = False
    self.cwd_known = False
    self.root_known = False
    self.task_known = False
    self.base = 0
    self.cwd.size = 0
    clear_labels(&self.work)


cdef void clear_labels(Work* work) noexcept nogil:
    work.labels[0].size = work.labels[1].size = 0


cdef int find_base(Renderer self) except -1 nogil:
    """How a relative name is resolved."""
    if self.base == 0:
        find_call(self)
        find_directory(self)
        self.base = base_of(self)
    return 0


cdef int base_of(Renderer self) noexcept nogil:
    cdef int at
    cdef Number number
    if find_piece(self, TYPE_URINGOP) >= 0:
        return BASE_DESCRIPTOR
    if self.call.call_name == NULL or self.call.call_name.elsewhere:
        return BASE_UNKNOWN
    for at in range(4 if self.call.call >= 0 else 0):
        if arguments_of_calls[self.call.call].of[at].kind == DIRFD:
            number = hex_of(self.call.arguments[at].data, self.call.arguments[at].size)
            if not number.found or number.value & LOW_WORD != AT_FDCWD:
                return BASE_DESCRIPTOR
    return BASE_CWD if self.cwd.size else BASE_UNKNOWN


cdef int find_directory(Renderer self) except -1 nogil:
    """The working directory of the event's first CWD record."""
    cdef int64_t piece
    if not self.cwd_known:
        self.cwd_known = True
        piece = find_piece(self, TYPE_CWD)
        if piece >= 0:
            read_spare(self, piece)
            take_directory(self)
    return 0


cdef bint is_rooted(Renderer self) except -1 nogil:
    """openat2(2) with RESOLVE_IN_ROOT: the directory it looks in is the root."""
    if not self.root_known:
        self.root_known = True
        self.rooted = self.has_openat2 and in_root(self)
    return self.rooted


cdef bint in_root(Renderer self) except -1 nogil:
    cdef uint32_t at
    cdef Token* token
    cdef Number number
    read_spare(self, find_piece(self, TYPE_OPENAT2))
    for at in range(self.spare.outer.size):
        token = &self.spare.outer.data[at]
        if token.info == RESOLVE_KEY and token.quote == BARE:
            number = number_of(token.value, token.size)
            return number.found and number.value & RESOLVE_IN_ROOT != 0
    return False


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


cdef bint has_nametype(Renderer self, const char* kind) noexcept nogil:
    """Is this the first nametype= of the record at hand?"""
    cdef uint32_t at
    cdef Token* token
    for at in range(self.work.outer.size):
        token = &self.work.outer.data[at]
        if token.info == NAMETYPE_KEY and token.quote == BARE:
            return same(token.value, token.size, <Bytes> kind, strlen(kind))
    return False


cdef int put_resolution(Renderer self) except -1 nogil:
    """What a PATH record's name is, as a whole path, behind its meanings; notes whether any event would say the same."""
    cdef Token* token = resolvable_name(self)
    cdef Slice name
    cdef bint rooted
    self.steady = True
    if token == NULL:
        return 0
    if token.quote == BARE and same(token.value, token.size, <Bytes> <const char*> b"(null)", 6):
        return put_status(self, b'"null"')
    decode(&name, &self.work.scratch, token.value, token.size, token.quote == BARE)
    rooted = is_rooted(self)
    if name.size and name.data[0] == c'/':
        self.steady = not has_nametype(self, b"PARENT")
        if not self.steady:
            find_base(self)
            if self.base == BASE_DESCRIPTOR and same(name.data, name.size, self.cwd.data, self.cwd.size):
                return put_status(self, b'"dirfd"')
        if not rooted:
            put_status(self, b'"absolute"')
            return put_path(self, name, False, False)
    self.steady = False
    find_base(self)
    if self.base == BASE_DESCRIPTOR:
        return put_status(self, b'"dirfd"')
    if self.base == BASE_UNKNOWN or (self.call.call_name.texts and has_nametype(self, b"UNKNOWN")):
        return put_status(self, b'"unknown"')
    put_status(self, b'"cwd"')
    return put_path(self, name, True, rooted)


cdef int put_status(Renderer self, const char* status) except -1 nogil:
    cdef Buffer* out = &self.work.meanings
    cdef size_t start
    reserve(out, 64)
    put_text(out, b'"resolution":')
    start = out.size
    put_text(out, status)
    if self.wants.count:
        note_meaning(self, b"resolution", 10, False, start)
    put_char(out, c',')
    return 0


cdef int put_path(Renderer self, Slice name, bint relative, bint rooted) except -1 nogil:
    """A path without empty parts, `.` and `..`; a relative one begins at the event's directory."""
    cdef Buffer* out = &self.work.meanings
    cdef Buffer* path = &self.path
    cdef size_t start
    path.size = 0
    reserve(path, self.cwd.size + name.size + 4)
    if rooted:
        add_parts(path, name.data, name.size)
        name.size = path.size or 1
        if path.size == 0:
            put_char(path, c'/')
        if self.cwd.size + name.size > MAX_PATH_BYTES:
            return 0
        reserve(path, self.cwd.size + 2 * name.size)
        memcpy(path.data + self.cwd.size + name.size, path.data, name.size)
        name.data = path.data + self.cwd.size + name.size
        path.size = 0
    elif (self.cwd.size + 1 + name.size if relative else name.size) > MAX_PATH_BYTES:
        return 0
    if relative:
        add_parts(path, self.cwd.data, self.cwd.size)
    add_parts(path, name.data, name.size)
    if path.size == 0:
        put_char(path, c'/')
    reserve(out, 6 * path.size + 16)
    put_text(out, b'"path":')
    start = out.size
    put_string(out, path.data, path.size)
    if self.wants.count:
        note_meaning(self, b"path", 4, False, start)
    put_char(out, c',')
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
    """The labels that `subj=?` and `obj=?` of a record stand for: those directly behind it."""
    cdef int which
    cdef int64_t behind
    cdef bint[2] seen
    seen[0] = seen[1] = False
    for behind in range(at + 1, min(at + 3, <int64_t> self.piece_count)):
        if not TYPE_TASK_LABELS <= self.headers[behind].number <= TYPE_OBJECT_LABELS:
            break
        which = self.headers[behind].number == TYPE_OBJECT_LABELS
        if not seen[which]:
            seen[which] = True
            read_spare(self, behind)
            put_labels(self, which)
            self.work.labels[which].data = self.labels[which].data
            self.work.labels[which].size = self.labels[which].size
    if not seen[0]:
        find_task(self)
        self.work.labels[0].data = self.task.data
        self.work.labels[0].size = self.task.size
    return 0


cdef int find_task(Renderer self) except -1 nogil:
    """The labels of the task, where all records of the event that have them say the same."""
    cdef uint32_t at
    cdef bint some = False
    if self.task_known:
        return 0
    self.task_known = True
    self.task.size = 0
    for at in range(self.piece_count):
        if self.headers[at].number != TYPE_TASK_LABELS:
            continue
        read_spare(self, at)
        put_labels(self, 0)
        if some and not same(self.task.data, self.task.size, self.labels[0].data, self.labels[0].size):
            self.task.size = 0
            return 0
        some = True
        self.task.size = 0
        reserve(&self.task, self.labels[0].size)
        put(&self.task, self.labels[0].data, self.labels[0].size)
    return 0


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
