"""Keys in, entries out: the hash table of lap 1, and the ring of those that are closed and remembered; see _join.py."""

cdef Entry* find_entry(Joiner self, Header* header, uint64_t hashed, uint32_t number, Slice node, Slice host) noexcept:
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


cdef Entry* new_entry(Joiner self, uint64_t hashed) except NULL:
    """An entry at the end of its bucket."""
    cdef Entry* entry = self.spare
    cdef Entry** place
    if entry != NULL:
        self.spare = entry.next_in_bucket
    else:
        entry = <Entry*> allocate(1, sizeof(Entry))
    memset(entry, 0, sizeof(Entry))
    if self.entry_count >= self.bucket_count:
        grow_buckets(self)
    place = &self.buckets[hashed & (self.bucket_count - 1)]
    while place[0] != NULL:
        place = &place[0].next_in_bucket
    place[0] = entry
    self.entry_count += 1
    return entry


cdef int grow_buckets(Joiner self) except -1:
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


cdef int crowd_out(Joiner self, Header* header, uint64_t hashed, uint32_t number) except -1:
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
        close_group(self, first.open, first.open.ending or BY_LIMIT)
    if first.number != FORGOTTEN:
        forget_entry(self, first)
    return 0


cdef int remember_closed(Joiner self, Entry* entry) except -1:
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
            forget_entry(self, old.entry)
    return 0


cdef void forget_entry(Joiner self, Entry* entry) noexcept:
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
