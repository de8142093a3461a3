"""The paths a caller reads, and where in the output their values are: what _paths.py says, by place instead of by tree.

While an event is written, the place of each value that a path reads is noted; `values` takes it from there.  There may
be hundreds of paths: for each type of record it is known beforehand which of them ask it.
"""

cdef enum:
    IN_FIELDS = 1
    IN_MEANINGS = 2
    IN_EITHER = 3
    IN_TEXT = 4
    #: the record itself
    IN_RECORD = 8
    UNNAMED = 512


#: one path that a caller reads: of a record, or (`top`) of the event itself
cdef struct Want:
    Slice top
    Slice key
    #: of the key; what is remembered of it is found by this
    uint64_t hash
    bint every
    bint inner
    #: a record's JSON is handed over as text, perhaps without the fields that each call has of its own
    bint as_json
    bint who
    bint any_record
    #: names of types that no table has, each between two bars
    Slice strays
    int section
    #: one more than the event that it was found in
    uint32_t found
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
    #: what of it is left out
    size_t own_at
    size_t own_end


#: places of wants, for one type of record
cdef struct Askers:
    uint32_t* data
    uint32_t count
    #: does one of them ask for more than the record itself?
    bint inside
    bint whole


cdef struct Wants:
    Want* data
    uint32_t count
    Span* spans
    size_t span_count
    size_t span_room
    uint32_t event
    #: of the event itself
    Askers tops
    #: by the place of a type in `types`; the last one is for all types that no table has
    Askers[UNNAMED + 1] of_type
    #: those that ask the record at hand
    uint32_t* asked
    uint32_t asked_count


cdef inline bint is_open(Wants* wants, Want* want) noexcept nogil:
    """May there be an answer to come?"""
    return want.every or want.found != wants.event + 1


cdef inline Askers* askers_of(Wants* wants, int kind) noexcept nogil:
    return &wants.of_type[kind if kind >= 0 else UNNAMED]


cdef bint names_stray(Want* want, Bytes name, size_t size) noexcept nogil:
    """Does a path ask for a type of this name, which no table has?"""
    cdef Bytes at = want.strays.data
    cdef Bytes end = at + want.strays.size
    if want.any_record:
        return True
    while <size_t> (end - at) > size + 1:
        if at[0] == c'|' and at[size + 1] == c'|' and memcmp(at + 1, name, size) == 0:
            return True
        at += 1
    return False


cdef bint is_asked(Wants* wants, int kind) noexcept nogil:
    """Does a path ask for something in records of this type?"""
    cdef Askers* askers = askers_of(wants, kind)
    cdef Want* want
    cdef uint32_t at
    for at in range(askers.count if askers.inside else 0):
        want = &wants.data[askers.data[at]]
        if want.section != IN_RECORD and is_open(wants, want):
            return True
    return False


cdef void ask_record(Wants* wants, int kind, Bytes name, size_t size) noexcept nogil:
    """A record begins: which paths ask it?  The name counts where the type has no place in `types`."""
    cdef Askers* askers = askers_of(wants, kind)
    cdef Want* want
    cdef uint32_t at
    wants.asked_count = 0
    for at in range(askers.count):
        want = &wants.data[askers.data[at]]
        if want.section != IN_RECORD and is_open(wants, want) and (kind >= 0 or names_stray(want, name, size)):
            want.field_end = 0
            want.mean_end = 0
            wants.asked[wants.asked_count] = askers.data[at]
            wants.asked_count += 1


cdef int64_t find_auid(Tokens* tokens, uint32_t begin, uint32_t end, bint is_next) noexcept nogil:
    """The first auid=, or the end where that is next; -1 where there is none."""
    cdef uint32_t at
    for at in range(begin, end):
        if tokens.data[at].info == AUID_KEY:
            return at
    return end if is_next else -1


cdef int64_t own_begin(Tokens* tokens, uint32_t begin, int64_t auid) noexcept nogil:
    """Where in front of auid= the fields begin that each call has of its own; -1 where there are none."""
    cdef int64_t at
    cdef int64_t found = -1
    cdef Token* token
    for at in range(auid - 1, <int64_t> begin - 1, -1):
        token = &tokens.data[at]
        if token.follows:
            continue
        if token.info < 0 or not of_call[token.info]:
            break
        found = at
    return found


cdef int note_whole(Renderer self, int kind, Bytes name, size_t size, size_t start, size_t end) except -1 nogil:
    """A record stands there in the output."""
    cdef Wants* wants = &self.wants
    cdef Askers* askers = askers_of(wants, kind)
    cdef Want* want
    cdef uint32_t at
    for at in range(askers.count if askers.whole else 0):
        want = &wants.data[askers.data[at]]
        if want.section == IN_RECORD and is_open(wants, want) and (kind >= 0 or names_stray(want, name, size)):
            note_span(wants, askers.data[at], start, end)
            if want.who:
                wants.spans[wants.span_count - 1].own_at = self.own_at
                wants.spans[wants.span_count - 1].own_end = self.own_end
    return 0


cdef int note_record_at(Renderer self, uint32_t place, size_t start) except -1 nogil:
    """The record of a line was written: it stands from `start` on."""
    cdef Header* header = &self.headers[place]
    if header.number < 0:
        return note_whole(self, -1, <Bytes> <const char*> b"UNKNOWN", 7, start, self.out.size)
    if header.number == TYPE_EXECVE:
        return note_whole(self, types_by_number[TYPE_EXECVE], NULL, 0, start, self.out.size)
    return note_whole(self, header.type, header.name, header.name_size, start, self.out.size)


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
    data.own_at = data.own_end = end
    wants.span_count += 1
    wants.data[path].found = wants.event + 1
    return 0


cdef int note_top(Wants* wants, const char* name, size_t start, size_t end) except -1 nogil:
    """A value of the event itself was written."""
    cdef uint32_t at
    cdef Slice top
    for at in range(wants.tops.count):
        top = wants.data[wants.tops.data[at]].top
        if same(top.data, top.size, <Bytes> name, strlen(name)):
            note_span(wants, wants.tops.data[at], start, end)
    return 0


cdef void note_field(
    Renderer self, Token* token, bint inner, size_t start, size_t mean_start, bint has_meaning
) noexcept nogil:
    """A field was written: where are the values that the paths ask?"""
    cdef uint32_t at
    cdef Want* want
    for at in range(self.wants.asked_count):
        want = &self.wants.data[self.wants.asked[at]]
        if want.key.size != token.key_size or want.key.data[0] != token.key[0] or want.inner != inner:
            continue
        if memcmp(want.key.data, token.key, token.key_size) == 0:
            want.field_start = start
            want.field_end = self.out.size
            if has_meaning:
                want.mean_start = mean_start
                want.mean_end = self.work.meanings.size


cdef void note_meaning(Renderer self, const char* key, size_t size, bint inner, size_t mean_start) noexcept nogil:
    """A meaning without a field was written: the argv of a proctitle, the whole path of a name."""
    cdef uint32_t at
    cdef Want* want
    for at in range(self.wants.asked_count):
        want = &self.wants.data[self.wants.asked[at]]
        if want.inner == inner and same(want.key.data, want.key.size, <Bytes> key, size):
            want.mean_start = mean_start
            want.mean_end = self.work.meanings.size


cdef void note_arguments(Renderer self, size_t start) noexcept nogil:
    """The argv of an EXECVE was written."""
    cdef uint32_t at
    cdef Want* want
    for at in range(self.wants.asked_count):
        want = &self.wants.data[self.wants.asked[at]]
        if not want.inner and same(want.key.data, want.key.size, <Bytes> <const char*> b"argv", 4):
            want.field_start = start
            want.field_end = self.out.size + 1


cdef int note_record(Renderer self, size_t meanings, size_t text) except -1 nogil:
    """A record is written but for its end: these are the places."""
    cdef uint32_t at
    cdef uint32_t path
    cdef Want* want
    for at in range(self.wants.asked_count):
        path = self.wants.asked[at]
        want = &self.wants.data[path]
        if want.section == IN_TEXT:
            if text:
                note_span(&self.wants, path, text, self.out.size)
        elif want.section & IN_MEANINGS and want.mean_end:
            note_span(&self.wants, path, meanings + want.mean_start, meanings + want.mean_end)
        elif want.section & IN_FIELDS and want.field_end:
            note_span(&self.wants, path, want.field_start, want.field_end)
    return 0


cdef void free_wants(Wants* wants) noexcept:
    cdef int kind
    free(wants.data)
    free(wants.asked)
    free(wants.tops.data)
    wants.data = NULL
    wants.asked = NULL
    wants.tops.data = NULL
    wants.tops.count = 0
    wants.asked_count = 0
    wants.count = 0
    for kind in range(UNNAMED + 1):
        free(wants.of_type[kind].data)
        wants.of_type[kind].data = NULL
        wants.of_type[kind].count = 0
        wants.of_type[kind].inside = wants.of_type[kind].whole = False


cdef int add_asker(Askers* askers, uint32_t path, int section) except -1:
    """Room doubles at powers of two."""
    cdef uint32_t* data
    if askers.count & (askers.count - 1) == 0:
        data = <uint32_t*> realloc(askers.data, (askers.count * 2 or 1) * sizeof(uint32_t))
        if data == NULL:
            raise MemoryError
        askers.data = data
    askers.data[askers.count] = path
    askers.count += 1
    askers.inside = askers.inside or section != IN_RECORD
    askers.whole = askers.whole or section == IN_RECORD
    return 0


cdef int want_paths(Renderer renderer, list parts) except -1:
    """The paths in the form that the writer looks at; they point into `parts`, which the renderer keeps."""
    cdef Wants* wants = &renderer.wants
    cdef Want* want
    cdef int at
    free_wants(wants)
    if not parts:
        return 0
    wants.data = <Want*> allocate(len(parts), sizeof(Want))
    wants.asked = <uint32_t*> allocate(len(parts), sizeof(uint32_t))
    for at, part in enumerate(parts):
        want = &wants.data[at]
        want.every = part.every
        want.inner = len(part.keys) > 1
        want.as_json = part.section in ("json", "who")
        want.who = part.section == "who"
        want.section = IN_SECTION[part.section]
        top = b"" if part.records else ".".join((part.name, *part.keys)).encode()
        named = [find_type_name(name) for name in part.records if name != "*"]
        strays = [name for name, kind in zip([name for name in part.records if name != "*"], named) if kind < 0]
        key = part.keys[len(part.keys) - 1] if part.keys else ""
        part.kept = [top, key.encode(), f"|{'|'.join(strays)}|".encode()]
        want.top = slice_of(part.kept[0])
        want.key = slice_of(part.kept[1])
        want.strays = slice_of(part.kept[2])
        want.hash = hash_bytes(want.key.data, want.key.size, renderer.work.seed)
        want.any_record = "*" in part.records
        if not part.records:
            add_asker(&wants.tops, at, 0)
        for kind in range(type_count) if want.any_record else sorted({kind for kind in named if kind >= 0}):
            add_asker(&wants.of_type[<int> kind], at, want.section)
        if want.any_record or strays:
            add_asker(&wants.of_type[UNNAMED], at, want.section)
    wants.count = len(parts)
    return 0


cdef dict IN_SECTION = {
    "fields": IN_FIELDS, "interpreted": IN_MEANINGS, "value": IN_EITHER, "text": IN_TEXT, "": IN_RECORD,
    "json": IN_RECORD, "who": IN_RECORD,
}

#: by the number of a key: is it one of what each call has of its own?
cdef bint[512] of_call


cdef int find_type_name(str name) except -2:
    """The place of a type in `types`; -1 where no table has it."""
    cdef bytes data = name.encode() + bytes(8)
    return find_type(<Bytes> PyBytes_AS_STRING(data), len(data) - 8)
