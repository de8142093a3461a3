"""Keys for which the words of a program, msg='…', hold other values than the kernel wrote: _event.conflicts."""

cdef enum:
    MAX_KERNEL_KEYS = 8

cdef int kernel_key_count = 0
#: for each key its place among the kernel's, -1 where it is none of them
cdef int8_t[512] kernel_key_of
cdef Bytes[MAX_KERNEL_KEYS] kernel_key_text


cdef int load_kernel_keys() except -1:
    global kernel_key_count
    cdef int at
    for at in range(512):
        kernel_key_of[at] = -1
    for text in KERNEL_KEYS:
        kernel_key_of[key_id(text)] = <int8_t> kernel_key_count
        kernel_key_text[kernel_key_count] = keep(b'"' + text.encode() + b'"')
        kernel_key_count += 1
    return 0


cdef void begin_disputes(Work* work, Tokens* tokens) noexcept nogil:
    """Look for conflicts in a record that has one msg='…'."""
    cdef uint32_t at
    cdef int found = 0
    work.disputes = False
    if work.inner.size == 0:
        return
    for at in range(tokens.size):
        if tokens.data[at].info == KEY_MSG:
            found += 1
            work.disputes = tokens.data[at].quote == INNER
    work.disputes = work.disputes and found == 1
    memset(work.said, 0, sizeof(work.said))


cdef inline void note_said(Work* work, Token* token, bint inner, size_t start, size_t end) noexcept nogil:
    """The value of a field stands there in the output."""
    cdef int place = kernel_key_of[token.info] if token.info >= 0 else -1
    if place >= 0:
        work.said[place].start[inner] = start
        work.said[place].end[inner] = end


cdef bint is_unset(Bytes json, size_t size) noexcept nogil:
    """Is this a word for nobody?"""
    return (
        same(json, size, <Bytes> <const char*> b'"4294967295"', 12) or same(json, size, <Bytes> <const char*> b'"-1"', 4)
        or same(json, size, <Bytes> <const char*> b'"unset"', 7)
    )


cdef bint agree(Bytes left, size_t left_size, Bytes right, size_t right_size) noexcept nogil:
    return same(left, left_size, right, right_size) or (is_unset(left, left_size) and is_unset(right, right_size))


cdef int put_conflicts(Renderer self) except -1 nogil:
    """The keys whose two values differ."""
    cdef Said* said
    cdef Bytes json
    cdef int at
    cdef bint some = False
    self.work.disputes = False
    reserve(&self.out, 32 + 24 * MAX_KERNEL_KEYS)
    json = self.out.data
    for at in range(kernel_key_count):
        said = &self.work.said[at]
        if not said.end[0] or not said.end[1] or agree(
            json + said.start[0], said.end[0] - said.start[0], json + said.start[1], said.end[1] - said.start[1]
        ):
            continue
        put_text(&self.out, b"," if some else b',"conflicts":[')
        put_text(&self.out, <const char*> kernel_key_text[at])
        some = True
    if some:
        put_char(&self.out, c']')
    return 0
