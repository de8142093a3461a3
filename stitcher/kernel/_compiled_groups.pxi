"""Groups: what lap 1 made, in C; a sequence that gives event.Group values to whoever looks inside."""

cdef struct GroupData:
    uint64_t seconds
    uint32_t milliseconds
    uint32_t serial
    int closed_by
    bint late
    uint64_t count
    Slice node
    Slice host
    Slice time
    Slice program
    Slice peer
    Bytes message
    size_t size
    #: what is freed with the group: the message, and one block with all the names above
    unsigned char* owned_message
    unsigned char* owned_names

ctypedef const char* Word
cdef Word[7] CLOSED_WORDS
CLOSED_WORDS[0] = b'""'
CLOSED_WORDS[1] = b'"eoe"'
CLOSED_WORDS[2] = b'"proctitle"'
CLOSED_WORDS[3] = b'"single"'
CLOSED_WORDS[4] = b'"timeout"'
CLOSED_WORDS[5] = b'"limit"'
CLOSED_WORDS[6] = b'"end"'

cdef enum:
    BY_NOTHING, BY_EOE, BY_PROCTITLE, BY_SINGLE, BY_TIMEOUT, BY_LIMIT, BY_END


cdef int own_names(
    GroupData* group, Bytes node, size_t node_size, Slice host, Slice time, Slice program, Slice peer
) except -1:
    """Copy the names of a group into one block of its own."""
    cdef size_t total = node_size + host.size + time.size + program.size + peer.size
    cdef unsigned char* at
    group.owned_names = NULL
    group.node.size = group.host.size = group.time.size = group.program.size = group.peer.size = 0
    if total == 0:
        return 0
    at = <unsigned char*> malloc(total + PADDING)
    if at == NULL:
        raise MemoryError
    group.owned_names = at
    at = own_name(&group.node, at, node, node_size)
    at = own_name(&group.host, at, host.data, host.size)
    at = own_name(&group.time, at, time.data, time.size)
    at = own_name(&group.program, at, program.data, program.size)
    own_name(&group.peer, at, peer.data, peer.size)
    return 0


cdef unsigned char* own_name(Slice* name, unsigned char* at, Bytes data, size_t size) noexcept nogil:
    if size:
        memcpy(at, data, size)
    name.data = at
    name.size = size
    return at + size


cdef inline void put_id(Buffer* out, GroupData* group) noexcept nogil:
    """1700000000.004:1001"""
    put_number(out, group.seconds)
    put_char(out, c'.')
    put_padded(out, group.milliseconds, 3)
    put_char(out, c':')
    put_number(out, group.serial)


cdef inline bytes bytes_in(Slice slice):
    return PyBytes_FromStringAndSize(<const char*> slice.data, slice.size)


cdef Slice slice_of(bytes data):
    cdef Slice slice
    slice.data = <Bytes> PyBytes_AS_STRING(data)
    slice.size = len(data)
    return slice


cdef class Groups:
    """A batch of groups; `len`, index and iteration give event.Group values."""

    cdef GroupData* data
    cdef size_t size
    cdef size_t room

    def __dealloc__(self):
        cdef size_t at
        for at in range(self.size):
            free(self.data[at].owned_message)
            free(self.data[at].owned_names)
        free(self.data)

    cdef GroupData* add(self) except NULL:
        """A new group at the end, all zero."""
        cdef size_t room
        cdef GroupData* data
        if self.size == self.room:
            room = self.room * 2 if self.room else 16
            data = <GroupData*> realloc(self.data, room * sizeof(GroupData))
            if data == NULL:
                raise MemoryError
            self.data = data
            self.room = room
        memset(&self.data[self.size], 0, sizeof(GroupData))
        self.size += 1
        return &self.data[self.size - 1]

    cdef int add_python(self, group) except -1:
        """A group that was made in Python."""
        cdef GroupData* data
        cdef bytes message = group.message
        cdef bytes node = group.node
        cdef bytes host, time, program, peer
        host, time, program, peer = group.envelope
        reason = CLOSED_BY.index(group.closed_by)
        data = self.add()
        data.seconds = group.seconds
        data.milliseconds = group.milliseconds
        data.serial = group.serial
        data.closed_by = reason
        data.late = group.late
        data.count = group.count
        own_names(
            data, <Bytes> PyBytes_AS_STRING(node), len(node), slice_of(host), slice_of(time), slice_of(program),
            slice_of(peer),
        )
        data.owned_message = <unsigned char*> malloc(len(message) + PADDING)
        if data.owned_message == NULL:
            raise MemoryError
        memcpy(data.owned_message, PyBytes_AS_STRING(message), len(message))
        data.message = data.owned_message
        data.size = len(message)
        return 0

    cdef object python(self, GroupData* data):
        return Group(
            data.seconds, data.milliseconds, data.serial, bytes_in(data.node), CLOSED_BY[data.closed_by],
            bool(data.late), data.count,
            Envelope(bytes_in(data.host), bytes_in(data.time), bytes_in(data.program), bytes_in(data.peer)),
            PyBytes_FromStringAndSize(<const char*> data.message, data.size),
        )

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self.size))]
        at = index + self.size if index < 0 else index
        if not 0 <= at < self.size:
            raise IndexError(index)
        return self.python(&self.data[<size_t> at])

    def __add__(self, other):
        return [*self, *other]

    def __radd__(self, other):
        return [*other, *self]

    def __eq__(self, other):
        return list(self) == list(other)

    def __repr__(self):
        return f"Groups({list(self)!r})"


cdef Groups groups_of(groups):
    """A batch in C of any groups."""
    cdef Groups batch
    if isinstance(groups, Groups):
        return groups
    batch = Groups.__new__(Groups)
    for group in groups:
        batch.add_python(group)
    return batch
