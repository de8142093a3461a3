"""The paths a caller reads, and where in the output their values are: what _paths.py says, by place instead of by tree.

While an event is written, the place of each value that a path reads is noted; `values` takes it from there.
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
    #: of the key; what is remembered of it is found by this
    uint64_t hash
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


cdef inline bint asks(Want* want, Bytes name, size_t size) noexcept nogil:
    """Does a path ask for records of this type, and may there be an answer to come?"""
    return want.top.size == 0 and (want.every or not want.found) and (
        want.any_record or same(want.record.data, want.record.size, name, size)
    )


cdef bint is_asked(Wants* wants, TypeInfo* kind) noexcept nogil:
    """Does a path ask for records of this type?"""
    cdef uint32_t path
    for path in range(wants.count):
        if asks(&wants.data[path], kind.text, kind.written):
            return True
    return False


cdef void ask_record(Wants* wants, Bytes name, size_t size) noexcept nogil:
    """A record begins: which paths ask it?"""
    cdef uint32_t path
    cdef Want* want
    for path in range(wants.count):
        want = &wants.data[path]
        want.field_end = 0
        want.mean_end = 0
        want.asked = asks(want, name, size)


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


cdef void note_field(
    Renderer self, Token* token, bint inner, size_t start, size_t mean_start, bint has_meaning
) noexcept nogil:
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


cdef void note_meaning(Renderer self, const char* key, size_t size, bint inner, size_t mean_start) noexcept nogil:
    """A meaning without a field was written: the argv of a proctitle, the whole path of a name."""
    cdef uint32_t path
    cdef Want* want
    for path in range(self.wants.count):
        want = &self.wants.data[path]
        if want.asked and want.inner == inner and same(want.key.data, want.key.size, <Bytes> key, size):
            want.mean_start = mean_start
            want.mean_end = self.work.meanings.size


cdef void note_arguments(Renderer self, size_t start) noexcept nogil:
    """The argv of an EXECVE was written."""
    cdef uint32_t path
    cdef Want* want
    for path in range(self.wants.count):
        want = &self.wants.data[path]
        if want.asked and not want.inner and same(want.key.data, want.key.size, <Bytes> <const char*> b"argv", 4):
            want.field_start = start
            want.field_end = self.out.size + 1


cdef int note_record(Renderer self, size_t meanings, size_t text) except -1 nogil:
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
