"""What the meanings of a record depend on beyond its own fields: its arch and call, or the arch of its event.

The reference has it as _arguments.Context, and makes it in _scene.py.
"""

#: what a meaning depends on: the arch, its byte order (-1: not known), the call and its arguments
cdef struct Context:
    ArchInfo* arch
    int little
    int call
    #: the value of syscall= that the call was read from, and its name
    Bytes call_text
    Name* call_name
    #: what socketcall(2) or ipc(2) did, NULL for other calls
    Name* sub
    Slice[4] arguments


cdef void no_context(Context* context) noexcept nogil:
    context.arch = NULL
    context.little = -1
    context.call = -1
    context.call_text = NULL
    context.call_name = NULL
    context.sub = NULL
    memset(context.arguments, 0, sizeof(context.arguments))


cdef void arch_context(Context* context, Bytes arch, size_t size) noexcept nogil:
    """What an arch= tells; nothing where it is no hex number."""
    cdef Number number = hex_of(arch, size)
    no_context(context)
    if number.found:
        context.arch = find_arch(number)
        context.little = (number.value & 0x40000000) != 0


cdef void call_context(Context* context, Work* work) noexcept nogil:
    """What a record that was read says with its arch=, its syscall= and its arguments."""
    cdef Slice arch = first_value(work, KEY_ARCH)
    cdef Slice call
    arch_context(context, arch.data, arch.size)
    call = first_value(work, KEY_SYSCALL)
    context.call_text = call.data
    context.call_name = call_name(call.data, call.size, context.arch)
    if context.call_name != NULL:
        context.call = context.call_name.arguments
        read_arguments(context, work)
        context.sub = sub_call(context.call_name, context.arguments[0])


cdef void read_arguments(Context* context, Work* work) noexcept nogil:
    cdef int at
    for at in range(4):
        context.arguments[at] = first_value(work, KEY_A0 + at)


cdef int make_context(Renderer self, Context* context, int number) except -1 nogil:
    """The record's own arch and call, or the event's arch."""
    if first_value(&self.work, KEY_ARCH).size == 0:
        no_context(context)
        find_call(self)
        context.arch = self.call.arch
        context.little = self.call.little
        if number == TYPE_SOCKETCALL and self.call.sub != NULL:
            context.call = self.call.sub.arguments
            read_arguments(context, &self.work)
        return 0
    call_context(context, &self.work)
    if not self.call_known and number == TYPE_SYSCALL:
        self.call = context[0]
        self.call_known = True
    return 0


cdef inline Slice first_value(Work* work, int key) noexcept nogil:
    """The first value of a key that is written without quotes, not looking into msg='…'."""
    cdef Slice found
    cdef int32_t at = work.first[key]
    found.data = work.outer.data[at].value if at >= 0 else NULL
    found.size = work.outer.data[at].size if at >= 0 else 0
    return found


cdef int64_t find_piece(Renderer self, int number) noexcept nogil:
    """The first record of a type in the event, -1 where there is none."""
    cdef uint32_t at
    for at in range(self.piece_count):
        if self.headers[at].number == number:
            return at
    return -1


cdef int read_spare(Renderer self, int64_t at) except -1 nogil:
    """Read a record while another one is written."""
    clear_work(&self.spare)
    return read_record(
        &self.spare, self.headers[at].number, self.headers[at].body, self.pieces[at].data + self.pieces[at].size
    )


cdef int find_call(Renderer self) except -1 nogil:
    """The event's first SYSCALL record, wherever that is."""
    cdef int64_t at
    if self.call_known:
        return 0
    self.call_known = True
    no_context(&self.call)
    at = find_piece(self, TYPE_SYSCALL)
    if at >= 0:
        read_spare(self, at)
        call_context(&self.call, &self.spare)
    return 0
