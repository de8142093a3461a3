"""Everything of an event in front of its records: what _event.head_of says."""

cdef int put_head(Renderer self, GroupData* group) except -1 nogil:
    """Everything in front of the records."""
    cdef Buffer* out = &self.out
    cdef bint noted = self.wants.count > 0
    cdef size_t start
    cdef size_t envelope = group.host.size + group.time.size + group.program.size + group.peer.size
    reserve(out, 512 + 6 * (group.node.size + envelope))
    put_text(out, b'{"id":')
    start = out.size
    put_char(out, c'"')
    put_id(out, group)
    put_char(out, c'"')
    if noted:
        note_top(&self.wants, b"id", start, out.size)
    put_text(out, b',"time":')
    start = out.size
    put_clock(self, group.seconds)
    put_padded(out, group.milliseconds, 3)
    put_text(out, b'Z"')
    if noted:
        note_top(&self.wants, b"time", start, out.size)
    put_text(out, b',"serial":')
    start = out.size
    put_number(out, group.serial)
    if noted:
        note_top(&self.wants, b"serial", start, out.size)
    if group.node.size:
        put_text(out, b',"node":')
        start = out.size
        put_string(out, group.node.data, group.node.size)
        if noted:
            note_top(&self.wants, b"node", start, out.size)
    put_text(out, b',"complete":')
    start = out.size
    put_text(out, b"true" if 1 <= group.closed_by <= 3 else b"false")
    if noted:
        note_top(&self.wants, b"complete", start, out.size)
    put_text(out, b',"closed_by":')
    start = out.size
    put_text(out, CLOSED_WORDS[group.closed_by])
    if noted:
        note_top(&self.wants, b"closed_by", start, out.size)
    if group.late:
        put_text(out, b',"late":true')
        if noted:
            note_top(&self.wants, b"late", out.size - 4, out.size)
    put_text(out, b',"count":')
    start = out.size
    put_number(out, group.count)
    if noted:
        note_top(&self.wants, b"count", start, out.size)
    if envelope:
        put_text(out, b',"envelope":{')
        put_envelope(self, b"envelope.host", group.host)
        put_envelope(self, b"envelope.time", group.time)
        put_envelope(self, b"envelope.program", group.program)
        put_envelope(self, b"envelope.peer", group.peer)
        out.data[out.size - 1] = c'}'
    return 0


cdef int put_envelope(Renderer self, const char* name, Slice value) except -1 nogil:
    cdef size_t start
    if not value.size:
        return 0
    put_char(&self.out, c'"')
    put_text(&self.out, name + 9)
    put_text(&self.out, b'":')
    start = self.out.size
    put_string(&self.out, value.data, value.size)
    if self.wants.count:
        note_top(&self.wants, name, start, self.out.size)
    put_char(&self.out, c',')
    return 0


cdef void put_clock(Renderer self, uint64_t second) noexcept nogil:
    """"2023-11-14T22:13:20. in UTC; most events share their second with the one before."""
    cdef Buffer text
    if <int64_t> second != self.clock_second:
        self.clock_second = <int64_t> second
        text.data = self.clock
        text.size = 0
        put_date(&text, second)
    put(&self.out, self.clock, 21)


cdef void put_date(Buffer* out, uint64_t second) noexcept nogil:
    """"2023-11-14T22:13:20. with the quote in front; days to a date as in the proleptic Gregorian calendar."""
    cdef uint64_t days = second // 86400 + 719468
    cdef uint64_t rest = second % 86400
    cdef uint64_t era = days // 146097
    cdef uint64_t day_of_era = days % 146097
    cdef uint64_t year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    cdef uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    cdef uint64_t month = (5 * day_of_year + 2) // 153
    cdef uint64_t day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    put_char(out, c'"')
    put_padded(out, era * 400 + year_of_era + (month <= 2), 4)
    put_char(out, c'-')
    put_padded(out, month, 2)
    put_char(out, c'-')
    put_padded(out, day, 2)
    put_char(out, c'T')
    put_padded(out, rest // 3600, 2)
    put_char(out, c':')
    put_padded(out, rest % 3600 // 60, 2)
    put_char(out, c':')
    put_padded(out, rest % 60, 2)
    put_char(out, c'.')
