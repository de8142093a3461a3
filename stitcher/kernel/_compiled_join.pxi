"""Lap 1: lines in, groups out; the theory of operation is in _join.py, and so is every rule.

Here is the way of a line to its record; how groups begin and end is in `open`, how keys are found in `keys`.
"""

cdef enum:
    LINES, RECORDS, EVENTS, COMPLETE_EVENTS, PARTIAL, LATE, LATE_DROPPED, DUPLICATES, END_MARKS, SKIPPED, AGGREGATED
    REJECTED, NOT_AUDIT, BAD_HEADER, BAD_JSON, TOO_LONG, LIMIT, TIMEOUT, COUNTER_COUNT


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
                if open == NULL or open.now + wait_of(self, open) > self.now:
                    break
                close_group(self, open, open.ending)
        while self.open.head != NULL:
            open = self.open.head
            if open.now + self.timeout > self.now:
                break
            close_group(self, open, BY_TIMEOUT)
        return self.take()

    def next_deadline(self):
        """When `expire` will next have something to do; None while nothing is open."""
        deadlines = []
        if self.ending.head != NULL:
            deadlines.append(self.ending.head.now + wait_of(self, self.ending.head))
        if self.lingering.head != NULL:
            deadlines.append(self.lingering.head.now + wait_of(self, self.lingering.head))
        if self.open.head != NULL:
            deadlines.append(self.open.head.now + self.timeout)
        return min(deadlines, default=None)

    def close(self):
        """End of input: give back everything that is held."""
        while self.ending.head != NULL:
            close_group(self, self.ending.head, self.ending.head.ending)
        while self.lingering.head != NULL:
            close_group(self, self.lingering.head, self.lingering.head.ending)
        while self.open.head != NULL:
            close_group(self, self.open.head, BY_END)
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
            expire_distant(self, number)
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
            return count_event(self, &self.out.data[self.out.size - 1])
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
            close_group(self, open, open.ending)
        entry = find_entry(self, header, hashed, number, node, host)
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
                end_group(self, entry.open, BY_EOE)
            return 0
        # the same labels may stand behind several records of an event: there the record in front counts, too
        mark = hash_bytes(at, size, self.seed ^ entry.before if entry != NULL and holds_labels(header) else self.seed)
        if entry != NULL:
            entry.before = mark
            if has_mark(entry, mark):
                self.counters[DUPLICATES] += 1
                return 0
        if entry != NULL and entry.open != NULL and is_full(self, entry.open, size):
            close_group(self, entry.open, BY_LIMIT)
            # what was closed may have been forgotten in the same moment, if nothing is to be remembered
            entry = find_entry(self, header, hashed, number, node, host)
        if entry == NULL or entry.open == NULL:
            if entry != NULL and self.drop_late:
                self.counters[LATE_DROPPED] += 1
                return 0
            entry = begin_group(self, entry, header, hashed, number, node, host, time, program)
        if node.size == 0 and host.size == 0 and (entry != self.latest or entry.number != self.latest_number):
            self.remember_stamp(entry, header)
        open = entry.open
        entry.before = mark
        if entry.mark_count < self.max_event_records:
            add_mark(entry, mark)
        append_record(self, open, at, size, node, host)
        if header.number == TYPE_PROCTITLE:
            end_group(self, open, BY_PROCTITLE)
        elif open.records == 1 and not open.ending and stands_alone(header.number):
            end_group(self, open, BY_SINGLE)
        return relieve_limits(self, &self.sources[number])

    cdef inline uint64_t hash_key(self, Header* header, uint32_t number) noexcept:
        cdef uint64_t[3] key
        key[0] = header.seconds
        key[1] = (<uint64_t> header.milliseconds << 32) | header.serial
        key[2] = number
        return hash_bytes(<Bytes> key, sizeof(key), self.seed)
