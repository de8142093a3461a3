"""What lap 1 remembers, in C: where lines come from, keys, open groups, and the lists that they hang in; see _entries.py.

Open groups hang in three lists: the bucket of their key, all open groups (or those that ended and wait), and those of
their source; the last two in order of their last record, so that the one silent longest is always at the head.
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
    #: hash of the record that came last, a repeat or not
    uint64_t before
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
