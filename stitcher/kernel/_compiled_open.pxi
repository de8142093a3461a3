"""How a group begins, grows and ends: the rules of _join.py's theory of operation, one function each."""

cdef Entry* begin_group(
    Joiner self, Entry* entry, Header* header, uint64_t hashed, uint32_t number, Slice node, Slice host, Slice time,
    Slice program,
) except NULL:
    """An open group for a key that is new, or that was closed and gets a late record."""
    cdef Open* open
    cdef bint late = entry != NULL
    if late:
        self.counters[LATE] += 1
        self.marks -= entry.mark_count
    else:
        crowd_out(self, header, hashed, number)
        entry = new_entry(self, hashed)
        entry.hash = hashed
        entry.seconds = header.seconds
        entry.milliseconds = header.milliseconds
        entry.serial = header.serial
        entry.source = number
    entry.number = self.made
    self.made += 1
    open = self.spare_open
    if open != NULL:
        self.spare_open = open.after
    else:
        open = <Open*> allocate(1, sizeof(Open))
    memset(open, 0, sizeof(Open))
    entry.open = open
    open.entry = entry
    open.late = late
    push(&self.open, open)
    push_source(&self.sources[number], open)
    open.from_host = copy_slice(host.data, host.size)
    open.time = copy_slice(time.data, time.size)
    open.program = copy_slice(program.data, program.size)
    return entry


cdef int append_record(Joiner self, Open* open, Bytes at, size_t size, Slice node, Slice host) except -1:
    cdef Entry* entry = open.entry
    cdef Source* source = &self.sources[entry.source]
    if node.size and not entry.node_size:
        entry.node = <unsigned char*> copy_slice(node.data, node.size).data
        entry.node_size = <uint32_t> node.size
    if host.size and not entry.host_size:
        entry.host = <unsigned char*> copy_slice(host.data, host.size).data
        entry.host_size = <uint32_t> host.size
    reserve(&open.message, size + 1 if open.message.room or size > FIRST_ROOM else FIRST_ROOM)
    if open.records:
        put_char(&open.message, c'\n')
    put(&open.message, at, size)
    open.records += 1
    open.bytes += size + 1
    source.bytes += size + 1
    self.bytes += size + 1
    open.line = source.lines
    if not open.ending:
        open.now = self.now
        if self.open.tail != open:
            drop(&self.open, open)
            push(&self.open, open)
        if source.tail != open:
            drop_source(source, open)
            push_source(source, open)
    return 0


cdef inline bint is_full(Joiner self, Open* open, size_t size) noexcept:
    return open.bytes + size + 1 > self.max_event_bytes or open.records >= self.max_event_records


cdef int end_group(Joiner self, Open* open, int mark) except -1:
    """An end came: close, or wait for stragglers."""
    cdef Source* source = &self.sources[open.entry.source]
    cdef bint reorders = source.grace != 0.0
    if (mark == BY_EOE and not reorders) or (mark == BY_SINGLE and reorders) or wait_of(self, open) == 0.0:
        return close_group(self, open, mark)
    if not open.ending:
        open.ending = mark
        open.now = self.now
        drop(&self.open, open)
        drop_source(source, open)
        if reorders:
            push(&self.ending, open)
        else:
            push(&self.lingering, open)
            source.linger = open
    elif not reorders:
        open.ending = mark
    return 0


cdef inline double wait_of(Joiner self, Open* open) noexcept:
    """How long a group waits after its end: for lines that were overtaken, else for stragglers."""
    return self.sources[open.entry.source].grace or self.linger


cdef int close_group(Joiner self, Open* open, int reason) except -1:
    cdef Entry* entry = open.entry
    cdef Source* source = &self.sources[entry.source]
    cdef GroupData* group = self.out.add()
    cdef Slice node
    cdef Slice peer
    if open.ending:
        drop(&self.ending if source.grace != 0.0 else &self.lingering, open)
        if source.linger == open:
            source.linger = NULL
    else:
        drop(&self.open, open)
        drop_source(source, open)
    self.bytes -= open.bytes
    source.bytes -= open.bytes
    peer.data = source.peer
    peer.size = source.peer_size
    node.data = entry.node if entry.node_size else entry.host
    node.size = entry.node_size if entry.node_size else entry.host_size
    if not node.size:
        node = peer
    group.seconds = entry.seconds
    group.milliseconds = entry.milliseconds
    group.serial = entry.serial
    group.closed_by = reason
    group.late = open.late
    group.count = open.records
    group.message = group.owned_message = open.message.data
    group.size = open.message.size
    own_names(group, node.data, node.size, open.from_host, open.time, open.program, peer)
    free_names(open)
    entry.open = NULL
    open.after = self.spare_open
    self.spare_open = open
    count_event(self, group)
    return remember_closed(self, entry)


cdef int count_event(Joiner self, GroupData* group) except -1:
    self.counters[EVENTS] += 1
    self.counters[COMPLETE_EVENTS if BY_EOE <= group.closed_by <= BY_SINGLE else PARTIAL] += 1
    if group.closed_by == BY_LIMIT:
        self.counters[LIMIT] += 1
    elif group.closed_by == BY_TIMEOUT:
        self.counters[TIMEOUT] += 1
    return 0


cdef int relieve_limits(Joiner self, Source* source) except -1:
    """At a limit the group that has been silent longest leaves; first those that have ended already."""
    while self.ending.head != NULL and (
        self.open.count + self.ending.count > self.max_open_events or self.bytes > self.max_open_bytes
    ):
        close_group(self, self.ending.head, self.ending.head.ending)
    while source.head != NULL and (
        source.open_count > self.max_source_events or source.bytes > self.max_source_bytes
    ):
        close_group(self, source.head, BY_LIMIT)
    while self.open.head != NULL and (
        self.open.count > self.max_open_events or self.bytes > self.max_open_bytes
    ):
        close_group(self, self.open.head, BY_LIMIT)
    return 0


cdef int expire_distant(Joiner self, uint32_t number) except -1:
    """Input without a clock: what was left behind so many lines ago will not go on."""
    cdef Source* source = &self.sources[number]
    while self.distance and source.head != NULL and source.lines - source.head.line > self.distance:
        close_group(self, source.head, BY_TIMEOUT)
    return 0
