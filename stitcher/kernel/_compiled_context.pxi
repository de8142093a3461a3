"""What the meanings of a record depend on beyond its own fields: its arch and call, or the arch of its event.

The reference has it as _interpret.Context, and makes it in _event.py.
"""

#: what a meaning depends on: the arch, its byte order (-1: not known), the call and its arguments
cdef struct Context:
    ArchInfo* arch
    int little
    int call
    #: the value of syscall= that the call was read from, and its name
    Bytes call_text
    Name* call_name
    Slice[3] before


cdef void no_context(Context* context) noexcept nogil:
    context.arch = NULL
    context.little = -1
    context.call = -1
    context.call_text = NULL
    context.call_name = NULL


cdef void arch_context(Context* context, Bytes arch, size_t size) noexcept nogil:
    """What an arch= tells; nothing where it is no hex number."""
    cdef Number number = hex_of(arch, size)
    no_context(context)
    if number.found:
        context.arch = find_arch(number)
        context.little = (number.value & 0x40000000) != 0


cdef int make_context(Renderer self, Context* context, int number) except -1 nogil:
    """The record's own arch and call, or the event's arch."""
    cdef Slice arch = first_value(self, KEY_ARCH)
    cdef Slice call
    cdef Name* name
    if arch.size == 0:
        if needs_home(number):
            find_home(self)
            context[0] = self.home
        else:
            no_context(context)
        return 0
    arch_context(context, arch.data, arch.size)
    if not self.home_known and number == TYPE_SYSCALL:
        self.home = context[0]
        self.home_known = True
    call = first_value(self, KEY_SYSCALL)
    name = call_name(call.data, call.size, context.arch)
    context.call_text = call.data
    context.call_name = name
    if name != NULL:
        context.call = name.arguments
        context.before[0] = first_value(self, KEY_A0)
        context.before[1] = first_value(self, KEY_A1)
        context.before[2] = first_value(self, KEY_A2)
    return 0


cdef bint needs_home(int number) noexcept nogil:
    """Reading the SYSCALL record for its arch is left out for the types that never ask for it."""
    return number != TYPE_PATH and number != TYPE_PROCTITLE and number != 1307


cdef inline Slice first_value(Renderer self, int key) noexcept nogil:
    """The first value of a key that is written without quotes, not looking into msg='…'."""
    cdef Slice found
    cdef int32_t at = self.work.first[key]
    found.data = self.work.outer.data[at].value if at >= 0 else NULL
    found.size = self.work.outer.data[at].size if at >= 0 else 0
    return found


cdef int find_home(Renderer self) except -1 nogil:
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
