"""Lap 1: lines in, groups out; the theory of operation is in _join.py, and so is every rule.

Open groups hang in three lists: the bucket of their key, all open groups, and those of their source; the last two in
order of their last record, so that the one that has been silent longest is always at the head.
"""

cdef enum:
    #: most events are four or five lines of 150 bytes
    FIRST_ROOM = 480
    FEW = 5

#: the number of an entry that is forgotten
cdef uint64_t FORGOTTEN = 0xFFFFFFFFFFFFFFFFULL


cdef struct Source:
    unsigned char* peer
    size_t peer_size
    double grace
    uint64_t lines
    uint64_t bytes
    uint64_t open_count
    Open* head
    Open* tail
    #: the group that ended and may still get a straggler
    Open* linger


#: one key: small, because many that are closed are remembered
cdef struct Entry:
    uint64_t seconds
    uint32_t milliseconds
    uint32_t serial
    uint64_t hash
    uint64_t number
    Entry* next_in_bucket
    #: NULL when it is closed
    Open* open
    #: hashes of its records, so that an exact repeat is known; more than FEW are in a block of their own
    uint64_t* more_marks
    uint32_t mark_count
    uint32_t mark_room
    uint64_t[FEW] marks
    uint32_t source
    #: what tells hosts apart
    uint32_t node_size
    uint32_t host_size
    unsigned char* node
    unsigned char* host


#: what a key has while its group is open
cdef struct Open:
    Entry* entry
    uint64_t line
    uint64_t bytes
    double now
    uint32_t records
    int ending
    bint late
    #: the envelope of the first record
    Slice from_host
    Slice time
    Slice program
    Buffer message
    Open* before
    Open* after
    Open* source_before
    Open* source_after


cdef struct OpenList:
    Open* head
    Open* tail
    uint64_t count


cdef struct Closed:
    uint64_t number
    Entry* entry


cdef enum:
    LINES, RECORDS, EVENTS, COMPLETE_EVENTS, PARTIAL, LATE, LATE_DROPPED, DUPLICATES, END_MARKS, SKIPPED, AGGREGATED
    REJECTED, NOT_AUDIT, BAD_HEADER, BAD_JSON, TOO_LONG, LIMIT, TIMEOUT, COUNTER_COUNT


cdef Slice copy_slice(Bytes data, size_t size) except *:
    cdef Slice copy
    copy.data = NULL
    copy.size = size
    if size:
        copy.data = <Bytes> malloc(size + PADDING)
        if copy.data == NULL:
            raise MemoryError
        memcpy(<void*> copy.data, data, size)
    return copy


cdef inline bint is_of(Entry* entry, Slice node, Slice host) noexcept nogil:
    """Same host?"""
    if node.size and entry.node_size:
        return same(node.data, node.size, entry.node, entry.node_size)
    return not host.size or not entry.host_size or same(host.data, host.size, entry.host, entry.host_size)


cdef inline bint same_key(Entry* entry, Header* header, uint64_t hashed, uint32_t number) noexcept nogil:
    """The same time and serial on the same source?"""
    return (
        entry.hash == hashed and entry.serial == header.serial and entry.seconds == header.seconds
        and entry.milliseconds == header.milliseconds and entry.source == number
    )


cdef inline bint has_key(
    Entry* entry, Header* header, uint64_t hashed, uint32_t number, Slice node, Slice host
) noexcept nogil:
    """Is this the key of a record?"""
    return same_key(entry, header, hashed, number) and is_of(entry, node, host)


cdef inline bint has_mark(Entry* entry, uint64_t mark) noexcept nogil:
    cdef uint32_t at
    for at in range(entry.mark_count if entry.mark_count < FEW else FEW):
        if entry.marks[at] == mark:
            return True
    if entry.mark_count > FEW:
        for at in range(entry.mark_count - FEW):
            if entry.more_marks[at] == mark:
                return True
    return False


cdef int add_mark(Entry* entry, uint64_t mark) except -1:
    cdef uint64_t* data
    if entry.mark_count >= FEW:
        if entry.mark_count - FEW == entry.mark_room:
            data = <uint64_t*> realloc(entry.more_marks, (entry.mark_room * 2 + 11) * sizeof(uint64_t))
            if data == NULL:
                raise MemoryError
            entry.more_marks = data
            entry.mark_room = entry.mark_room * 2 + 11
        entry.more_marks[entry.mark_count - FEW] = mark
    else:
        entry.marks[entry.mark_count] = mark
    entry.mark_count += 1
    return 0


cdef class Joiner:
    """Joins records to groups; the same answers as the reference's Joiner, see kernel/_join.py."""

    cdef object unwrap
    cdef bint keep_rejected
    cdef list rejected
    cdef int64_t[COUNTER_COUNT] counters
    cdef Source* sources
    cdef uint32_t source_count
    cdef uint32_t source_room
    cdef Entry** buckets
    cdef uint64_t bucket_count
    cdef uint64_t entry_count
    cdef Entry* spare
    cdef Open* spare_open
    cdef OpenList open
    #: groups that ended: on sources that reorder, and on all others
    cdef OpenList ending
    cdef OpenList lingering
    cdef Closed* ring
    cdef uint64_t ring_size
    cdef uint64_t ring_start
    cdef uint64_t ring_count
    cdef uint64_t bytes
    #: hashes of records that closed entries remember
    cdef uint64_t marks
    cdef uint64_t made
    cdef uint64_t seed
    #: the entry of the last record without a host, and the ` msg=audit(…):` of its line
    cdef Entry* latest
    cdef uint64_t latest_number
    cdef unsigned char[48] stamp
    cdef size_t stamp_size
    cdef Groups out
    cdef double now
    cdef double timeout
    cdef double linger
    cdef uint64_t distance
    cdef bint drop_late
    cdef uint64_t max_line_bytes
    cdef uint64_t max_event_bytes
    cdef uint64_t max_event_records
    cdef uint64_t max_source_events
    cdef uint64_t max_source_bytes
    cdef uint64_t max_open_events
    cdef uint64_t max_open_bytes
    cdef uint64_t remember_events

    def __cinit__(self, limits, unwrap, bint keep_rejected=False):
        self.unwrap = unwrap
        self.keep_rejected = keep_rejected
        self.rejected = []
        self.timeout = limits.timeout_seconds
        self.linger = limits.linger_seconds
        self.distance = limits.distance_lines
        self.drop_late = limits.late == "drop"
        self.max_line_bytes = limits.max_line_bytes
        self.max_event_bytes = limits.max_event_bytes
        self.max_event_records = limits.max_event_records
        self.max_source_events = limits.max_source_events
        self.max_source_bytes = limits.max_source_bytes
        self.max_open_events = limits.max_open_events
        self.max_open_bytes = limits.max_open_bytes
        self.remember_events = limits.remember_events
        self.seed = int.from_bytes(os.urandom(8), "little")
        self.bucket_count = 4096
        self.buckets = <Entry**> allocate(self.bucket_count, sizeof(Entry*))
        self.ring_size = self.remember_events + 1
        self.ring = <Closed*> allocate(self.ring_size, sizeof(Closed))
        self.out = Groups.__new__(Groups)

    def __dealloc__(self):
        cdef uint64_t at
        cdef Entry* entry
        cdef Entry* after
        cdef Open* open
        for at in range(self.bucket_count if self.buckets != NULL else 0):
            entry = self.buckets[at]
            while entry != NULL:
                after = entry.next_in_bucket
                free_entry(entry)
                entry = after
        while self.spare != NULL:
            after = self.spare.next_in_bucket
            free_entry(self.spare)
            self.spare = after
        while self.spare_open != NULL:
            open = self.spare_open.after
            free(self.spare_open)
            self.spare_open = open
        for at in range(self.source_count):
            free(self.sources[at].peer)
        free(self.sources)
        free(self.buckets)
        free(self.ring)

    def source(self, bytes peer=b"", double grace=0.0):
        """A number for a new source of lines; see the reference."""
        cdef uint32_t room
        cdef Source* source
        if self.source_count == self.source_room:
            room = self.source_room * 2 if self.source_room else 8
            source = <Source*> realloc(self.sources, room * sizeof(Source))
            if source == NULL:
                raise MemoryError
            self.sources = source
            self.source_room = room
        source = &self.sources[self.source_count]
        memset(source, 0, sizeof(Source))
        copied = copy_slice(<Bytes> PyBytes_AS_STRING(peer), len(peer))
        source.peer = <unsigned char*> copied.data
        source.peer_size = copied.size
        source.grace = grace
        self.source_count += 1
        return self.source_count - 1

    def feed(self, lines, uint32_t source, double now):
        """Take whole lines; see the reference."""
        cdef Py_buffer view
        if source >= self.source_count:
            raise IndexError(source)
        if now > self.now:
            self.now = now
        PyObject_GetBuffer(lines, &view, PyBUF_SIMPLE)
        try:
            self.lines(<Bytes> view.buf, view.len, source)
        finally:
            PyBuffer_Release(&view)
        return self.take()

    def expire(self, double now):
        """Close what has been silent too long, and what ended and had its grace."""
        cdef Open* open
        cdef int queue
        if now > self.now:
            self.now = now
        for queue in range(2):
            while True:
                open = self.lingering.head if queue else self.ending.head
                if open == NULL or open.now + self.wait(open) > self.now:
                    break
                self.close_open(open, open.ending)
        while self.open.head != NULL:
            open = self.open.head
            if open.now + self.timeout > self.now:
                break
            self.close_open(open, BY_TIMEOUT)
        return self.take()

    def next_deadline(self):
        """When `expire` will next have something to do; None while nothing is open."""
        deadlines = []
        if self.ending.head != NULL:
            deadlines.append(self.ending.head.now + self.wait(self.ending.head))
        if self.lingering.head != NULL:
            deadlines.append(self.lingering.head.now + self.wait(self.lingering.head))
        if self.open.head != NULL:
            deadlines.append(self.open.head.now + self.timeout)
        return min(deadlines, default=None)

    def close(self):
        """End of input: give back everything that is held."""
        while self.ending.head != NULL:
            self.close_open(self.ending.head, self.ending.head.ending)
        while self.lingering.head != NULL:
            self.close_open(self.lingering.head, self.lingering.head.ending)
        while self.open.head != NULL:
            self.close_open(self.open.head, BY_END)
        return self.take()

    def counts(self):
        """What happened so far, by event.COUNTERS."""
        return {name: self.counters[<int> at] for at, name in enumerate(COUNTERS)}

    def held(self):
        """How many groups are open, and the bytes of their records."""
        return self.open.count + self.ending.count + self.lingering.count, self.bytes

    def take_rejected(self):
        """The rejected lines since the last call."""
        rejected, self.rejected = self.rejected, []
        return rejected

    cdef Groups take(self):
        cdef Groups out = self.out
        self.out = Groups.__new__(Groups)
        return out

    cdef int lines(self, Bytes at, size_t size, uint32_t number) except -1:
        cdef Bytes end = at + size
        cdef Bytes last
        while at < end:
            last = find_byte(at, end, c'\n')
            self.line(at, last, number)
            self.expire_distant(number)
            at = last + 1
        return 0

    cdef int line(self, Bytes at, Bytes end, uint32_t number) except -1:
        cdef Slice nothing
        self.sources[number].lines += 1
        self.counters[LINES] += 1
        if <uint64_t> (end - at) > self.max_line_bytes:
            return self.reject(TOO_LONG, at, end)
        while end > at and ((end - 1)[0] == c' ' or (end - 1)[0] == c'\r' or (end - 1)[0] == 0):
            end -= 1
        if at == end:
            self.counters[SKIPPED] += 1
            return 0
        nothing.data = NULL
        nothing.size = 0
        if end - at >= 5 and (memcmp(at, b"type=", 5) == 0 or memcmp(at, b"node=", 5) == 0):
            return self.payload(at, end, at, end, number, nothing, nothing, nothing)
        return self.wrapped(at, end, number)

    cdef int wrapped(self, Bytes at, Bytes end, uint32_t number) except -1:
        """A line in a wrapper, which Python takes off."""
        found = self.unwrap(PyBytes_FromStringAndSize(<const char*> at, end - at))
        cdef Slice payload
        if found is None:
            return self.reject(NOT_AUDIT, at, end)
        if isinstance(found, str):
            if not found:
                self.counters[SKIPPED] += 1
                return 0
            return self.reject(COUNTERS.index(found), at, end)
        if isinstance(found, Group):
            self.counters[AGGREGATED] += 1
            self.out.add_python(found)
            return self.count_event(&self.out.data[self.out.size - 1])
        envelope = found.envelope
        payload = slice_of(found.payload)
        return self.payload(
            payload.data, payload.data + payload.size, at, end, number, slice_of(envelope.host),
            slice_of(envelope.time), slice_of(envelope.program),
        )

    cdef int reject(self, int reason, Bytes at, Bytes end) except -1:
        self.counters[REJECTED] += 1
        self.counters[reason] += 1
        if self.keep_rejected:
            self.rejected.append(Rejected(COUNTERS[reason], PyBytes_FromStringAndSize(<const char*> at, end - at)))
        return 0

    cdef int payload(
        self, Bytes at, Bytes end, Bytes line, Bytes line_end, uint32_t number, Slice host, Slice time, Slice program
    ) except -1:
        """[node=NAME ]type=…"""
        cdef Header header
        cdef Slice node
        cdef Bytes last
        node.data = NULL
        node.size = 0
        if end - at >= 5 and memcmp(at, b"node=", 5) == 0:
            last = find_type_behind(at + 5, end if end - at < MAX_NODE_BYTES + 11 else at + MAX_NODE_BYTES + 11)
            if last == NULL:
                return self.reject(BAD_HEADER, line, line_end)
            node.data = at + 5
            node.size = last - node.data
            at = last + 1
        elif host.size == 0 and self.goes_on(at, end, number, &header):
            self.counters[RECORDS] += 1
            return self.put_record(
                self.latest, &header, self.latest.hash, at, end - at, number, node, host, time, program
            )
        if not parse_header(at, end, &header):
            return self.reject(BAD_HEADER, line, line_end)
        self.counters[RECORDS] += 1
        return self.record(&header, at, end - at, number, node, host, time, program)

    cdef inline bint goes_on(self, Bytes at, Bytes end, uint32_t number, Header* header) noexcept:
        """Has this line the very stamp of the one before, whose group is still open?  Most lines have."""
        cdef Entry* entry = self.latest
        if entry == NULL or entry.number != self.latest_number or entry.open == NULL or entry.source != number:
            return False
        if self.sources[number].linger != NULL and self.sources[number].linger != entry.open:
            return False
        if end - at < SHORTEST_HEADER or memcmp(at, b"type=", 5) != 0:
            return False
        at = quick_type(at + 5, header)
        header.seconds = entry.seconds
        header.milliseconds = entry.milliseconds
        header.serial = entry.serial
        return (
            at != NULL and <size_t> (end - at) >= self.stamp_size and memcmp(at, self.stamp, self.stamp_size) == 0
        )

    cdef inline void remember_stamp(self, Entry* entry, Header* header) noexcept:
        """The next line may go on where this one ends."""
        cdef Bytes at = header.name + header.name_size
        cdef Bytes end = at + 1
        while end[0] != c')':
            end += 1
        self.latest = NULL
        if <size_t> (end + 2 - at) <= sizeof(self.stamp):
            self.latest = entry
            self.latest_number = entry.number
            self.stamp_size = end + 2 - at
            memcpy(self.stamp, at, self.stamp_size)

    cdef int record(
        self, Header* header, Bytes at, size_t size, uint32_t number, Slice node, Slice host, Slice time, Slice program
    ) except -1:
        cdef uint64_t hashed = self.hash_key(header, number)
        cdef Entry* entry
        cdef Open* open = self.sources[number].linger
        if node.size or host.size:
            # a named host may take an id that lines without a name went to
            self.latest = NULL
        if open != NULL and not has_key(open.entry, header, hashed, number, node, host):
            self.close_open(open, open.ending)
        entry = self.find(header, hashed, number, node, host)
        return self.put_record(entry, header, hashed, at, size, number, node, host, time, program)

    cdef int put_record(
        self, Entry* entry, Header* header, uint64_t hashed, Bytes at, size_t size, uint32_t number, Slice node,
        Slice host, Slice time, Slice program,
    ) except -1:
        """A record of a key that was looked up: `entry` is what is known of it, or NULL."""
        cdef Open* open
        cdef uint64_t mark
        if header.number == TYPE_EOE:
            self.counters[END_MARKS] += 1
            if entry != NULL and entry.open != NULL:
                self.end(entry.open, BY_EOE)
            return 0
        mark = hash_bytes(at, size, self.seed)
        if entry != NULL and has_mark(entry, mark):
            self.counters[DUPLICATES] += 1
            return 0
        if entry != NULL and entry.open != NULL and self.full(entry.open, size):
            self.close_open(entry.open, BY_LIMIT)
            # what was closed may have been forgotten in the same moment, if nothing is to be remembered
            entry = self.find(header, hashed, number, node, host)
        if entry == NULL or entry.open == NULL:
            if entry != NULL and self.drop_late:
                self.counters[LATE_DROPPED] += 1
                return 0
            entry = self.begin(entry, header, hashed, number, node, host, time, program)
        if node.size == 0 and host.size == 0 and (entry != self.latest or entry.number != self.latest_number):
            self.remember_stamp(entry, header)
        open = entry.open
        if entry.mark_count < self.max_event_records:
            add_mark(entry, mark)
        self.append(open, at, size, node, host)
        if header.number == TYPE_PROCTITLE:
            self.end(open, BY_PROCTITLE)
        elif open.records == 1 and not open.ending and stands_alone(header.number):
            self.end(open, BY_SINGLE)
        return self.relieve(&self.sources[number])

    cdef inline uint64_t hash_key(self, Header* header, uint32_t number) noexcept:
        cdef uint64_t[3] key
        key[0] = header.seconds
        key[1] = (<uint64_t> header.milliseconds << 32) | header.serial
        key[2] = number
        return hash_bytes(<Bytes> key, sizeof(key), self.seed)

    cdef Entry* find(self, Header* header, uint64_t hashed, uint32_t number, Slice node, Slice host) noexcept:
        """The open group of this key and host, else the closed one."""
        cdef Entry* entry = self.buckets[hashed & (self.bucket_count - 1)]
        cdef Entry* fallback = NULL
        while entry != NULL:
            if has_key(entry, header, hashed, number, node, host):
                if entry.open != NULL:
                    return entry
                if fallback == NULL:
                    fallback = entry
            entry = entry.next_in_bucket
        return fallback

    cdef inline bint full(self, Open* open, size_t size) noexcept:
        return open.bytes + size + 1 > self.max_event_bytes or open.records >= self.max_event_records

    cdef Entry* begin(
        self, Entry* entry, Header* header, uint64_t hashed, uint32_t number, Slice node, Slice host, Slice time,
        Slice program,
    ) except NULL:
        """An open group for a key that is new, or that was closed and gets a late record."""
        cdef Open* open
        cdef bint late = entry != NULL
        if late:
            self.counters[LATE] += 1
            self.marks -= entry.mark_count
        else:
            self.crowd_out(header, hashed, number)
            entry = self.new_entry(hashed)
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

    cdef int append(self, Open* open, Bytes at, size_t size, Slice node, Slice host) except -1:
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

    cdef int end(self, Open* open, int mark) except -1:
        """An end came: close, or wait for stragglers."""
        cdef Source* source = &self.sources[open.entry.source]
        cdef bint reorders = source.grace != 0.0
        if (mark == BY_EOE and not reorders) or (mark == BY_SINGLE and reorders) or self.wait(open) == 0.0:
            return self.close_open(open, mark)
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

    cdef inline double wait(self, Open* open) noexcept:
        """How long a group waits after its end: for lines that were overtaken, else for stragglers."""
        return self.sources[open.entry.source].grace or self.linger

    cdef int close_open(self, Open* open, int reason) except -1:
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
        self.count_event(group)
        return self.remember(entry)

    cdef int count_event(self, GroupData* group) except -1:
        self.counters[EVENTS] += 1
        self.counters[COMPLETE_EVENTS if BY_EOE <= group.closed_by <= BY_SINGLE else PARTIAL] += 1
        if group.closed_by == BY_LIMIT:
            self.counters[LIMIT] += 1
        elif group.closed_by == BY_TIMEOUT:
            self.counters[TIMEOUT] += 1
        return 0

    cdef int remember(self, Entry* entry) except -1:
        cdef Closed* old
        old = &self.ring[(self.ring_start + self.ring_count) % self.ring_size]
        old.number = entry.number
        old.entry = entry
        self.ring_count += 1
        self.marks += entry.mark_count
        while self.ring_count > self.remember_events or self.marks > MARKS_EACH * self.remember_events:
            old = &self.ring[self.ring_start]
            self.ring_start = (self.ring_start + 1) % self.ring_size
            self.ring_count -= 1
            if old.entry.number == old.number and old.entry.open == NULL:
                self.forget(old.entry)
        return 0

    cdef void forget(self, Entry* entry) noexcept:
        cdef Entry** place = &self.buckets[entry.hash & (self.bucket_count - 1)]
        entry.number = FORGOTTEN
        self.marks -= entry.mark_count
        while place[0] != entry:
            place = &place[0].next_in_bucket
        place[0] = entry.next_in_bucket
        free_marks(entry)
        entry.next_in_bucket = self.spare
        self.spare = entry
        self.entry_count -= 1

    cdef int crowd_out(self, Header* header, uint64_t hashed, uint32_t number) except -1:
        """One host more for a key that has MAX_HOSTS: the first of them leaves."""
        cdef Entry* entry = self.buckets[hashed & (self.bucket_count - 1)]
        cdef Entry* first = NULL
        cdef int hosts = 0
        while entry != NULL:
            if same_key(entry, header, hashed, number):
                first = entry if first == NULL else first
                hosts += 1
            entry = entry.next_in_bucket
        if hosts < MAX_HOSTS:
            return 0
        if first.open != NULL:
            self.close_open(first.open, first.open.ending or BY_LIMIT)
        if first.number != FORGOTTEN:
            self.forget(first)
        return 0

    cdef Entry* new_entry(self, uint64_t hashed) except NULL:
        """An entry at the end of its bucket."""
        cdef Entry* entry = self.spare
        cdef Entry** place
        if entry != NULL:
            self.spare = entry.next_in_bucket
        else:
            entry = <Entry*> allocate(1, sizeof(Entry))
        memset(entry, 0, sizeof(Entry))
        if self.entry_count >= self.bucket_count:
            self.grow()
        place = &self.buckets[hashed & (self.bucket_count - 1)]
        while place[0] != NULL:
            place = &place[0].next_in_bucket
        place[0] = entry
        self.entry_count += 1
        return entry

    cdef int grow(self) except -1:
        """Twice the buckets; entries of one bucket keep their order."""
        cdef uint64_t count = self.bucket_count * 2
        cdef Entry** buckets = <Entry**> allocate(count, sizeof(Entry*))
        cdef Entry** place
        cdef Entry* entry
        cdef Entry* after
        cdef uint64_t at
        for at in range(self.bucket_count):
            entry = self.buckets[at]
            while entry != NULL:
                after = entry.next_in_bucket
                place = &buckets[entry.hash & (count - 1)]
                while place[0] != NULL:
                    place = &place[0].next_in_bucket
                entry.next_in_bucket = NULL
                place[0] = entry
                entry = after
        free(self.buckets)
        self.buckets = buckets
        self.bucket_count = count
        return 0

    cdef int relieve(self, Source* source) except -1:
        """At a limit the group that has been silent longest leaves; first those that have ended already."""
        while self.ending.head != NULL and (
            self.open.count + self.ending.count > self.max_open_events or self.bytes > self.max_open_bytes
        ):
            self.close_open(self.ending.head, self.ending.head.ending)
        while source.head != NULL and (
            source.open_count > self.max_source_events or source.bytes > self.max_source_bytes
        ):
            self.close_open(source.head, BY_LIMIT)
        while self.open.head != NULL and (
            self.open.count > self.max_open_events or self.bytes > self.max_open_bytes
        ):
            self.close_open(self.open.head, BY_LIMIT)
        return 0

    cdef int expire_distant(self, uint32_t number) except -1:
        """Input without a clock: what was left behind so many lines ago will not go on."""
        cdef Source* source = &self.sources[number]
        while self.distance and source.head != NULL and source.lines - source.head.line > self.distance:
            self.close_open(source.head, BY_TIMEOUT)
        return 0


cdef inline void free_marks(Entry* entry) noexcept:
    """What an entry has in blocks of its own; most have nothing."""
    if entry.more_marks != NULL or entry.node != NULL or entry.host != NULL:
        free(entry.more_marks)
        free(entry.node)
        free(entry.host)
        entry.more_marks = NULL
        entry.node = entry.host = NULL


cdef inline void free_names(Open* open) noexcept:
    if open.from_host.size:
        free(<void*> open.from_host.data)
    if open.time.size:
        free(<void*> open.time.data)
    if open.program.size:
        free(<void*> open.program.data)


cdef void free_entry(Entry* entry) noexcept:
    if entry.open != NULL:
        free_names(entry.open)
        free(entry.open.message.data)
        free(entry.open)
    free_marks(entry)
    free(entry)


cdef Bytes find_type_behind(Bytes at, Bytes end) noexcept nogil:
    """The space in front of the first `type=`."""
    while end - at >= 6:
        at = find_byte(at, end - 5, c' ')
        if at == end - 5:
            return NULL
        if memcmp(at, b" type=", 6) == 0:
            return at
        at += 1
    return NULL


cdef inline void push(OpenList* list, Open* open) noexcept nogil:
    open.before = list.tail
    open.after = NULL
    if list.tail != NULL:
        list.tail.after = open
    else:
        list.head = open
    list.tail = open
    list.count += 1


cdef inline void drop(OpenList* list, Open* open) noexcept nogil:
    if open.before != NULL:
        open.before.after = open.after
    else:
        list.head = open.after
    if open.after != NULL:
        open.after.before = open.before
    else:
        list.tail = open.before
    list.count -= 1


cdef inline void push_source(Source* source, Open* open) noexcept nogil:
    open.source_before = source.tail
    open.source_after = NULL
    if source.tail != NULL:
        source.tail.source_after = open
    else:
        source.head = open
    source.tail = open
    source.open_count += 1


cdef inline void drop_source(Source* source, Open* open) noexcept nogil:
    if open.source_before != NULL:
        open.source_before.source_after = open.source_after
    else:
        source.head = open.source_after
    if open.source_after != NULL:
        open.source_after.source_before = open.source_before
    else:
        source.tail = open.source_before
    source.open_count -= 1
