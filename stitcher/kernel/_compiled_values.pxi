"""What Python calls: render with the values that paths ask for, and aggregate."""

cdef enum:
    #: texts of values that are kept because logs repeat them, and the longest of them
    TEXT_PLACES = 4096
    TEXT_SIZE = 96
    #: the same of JSON and other long texts
    LONG_PLACES = 2048
    LONG_SIZE = 1024

#: renderers that are not at work; each keeps its buffers
cdef list _idle = []
#: ASCII texts by their hash; a rule that looks one up need not hash it again
cdef list _texts = [""] * TEXT_PLACES
cdef list _longs = [""] * LONG_PLACES


cdef Renderer borrow():
    return _idle.pop() if _idle else Renderer.__new__(Renderer)


def render(groups, paths=(), bint raw=False):
    """One JSON line for each group; see the reference."""
    cdef Groups batch = groups_of(groups)
    cdef Renderer renderer = borrow()
    cdef size_t at
    cdef list ends = []
    renderer.out.size = 0
    renderer.raw = raw
    if paths or renderer.wants.count:
        ask_paths(renderer, paths)
    for at in range(batch.size):
        renderer.wants.event = <uint32_t> at
        renderer.event(&batch.data[at])
        if renderer.wants.count:
            ends.append(renderer.out.size)
    data = PyBytes_FromStringAndSize(<const char*> renderer.out.data, renderer.out.size)
    values = values_of(renderer, batch.size) if renderer.wants.count else []
    _idle.append(renderer)
    return Rendered(data, ends, values)


cdef int ask_paths(Renderer renderer, object paths) except -1:
    """Prepare for paths, if they are not those of the last call: a rule asks by the same tuple again and again."""
    cdef uint32_t at
    cdef list parts
    renderer.wants.span_count = 0
    if paths is not renderer.paths or type(paths) is not tuple:
        parts = [PathParts(path) for path in paths]
        renderer.paths = None
        want_paths(renderer, parts)
        renderer.parts = parts
        renderer.paths = paths
    for at in range(renderer.wants.count):
        renderer.wants.data[at].found = 0
    return 0


cdef list values_of(Renderer renderer, size_t events):
    """A tuple for each event: the value of each path, None (or an empty list) where it has none."""
    cdef size_t at = 0
    cdef size_t event
    cdef Span* span
    cdef list row
    cdef list rows = []
    cdef Want* want
    cdef list nothing = [None] * len(renderer.parts)
    cdef list lists = [place for place, part in enumerate(renderer.parts) if part.every]
    for event in range(events):
        row = nothing[:]
        for place in lists:
            row[<Py_ssize_t> place] = []
        while at < renderer.wants.span_count and renderer.wants.spans[at].event == event:
            span = &renderer.wants.spans[at]
            want = &renderer.wants.data[span.path]
            if want.as_json:
                value = json_in(&renderer.out, span)
            else:
                value = value_in(renderer.out.data + span.start, span.end - span.start)
            if want.every:
                (<list> row[<Py_ssize_t> span.path]).append(value)
            else:
                row[<Py_ssize_t> span.path] = value
            at += 1
        rows.append(tuple(row))
    return rows


cdef object value_in(Bytes at, size_t size):
    """A JSON value; most are strings without a backslash."""
    if at[0] == c'"' and memchr(at, c'\\', size) == NULL:
        if size <= TEXT_SIZE:
            return text_in(at + 1, size - 2)
        return long_text_in(at + 1, size - 2)
    return orjson.loads(PyBytes_FromStringAndSize(<const char*> at, size))


cdef object json_in(Buffer* out, Span* span):
    """The JSON of a record, perhaps without what each call has of its own; that is put together behind the output."""
    cdef size_t front = span.own_at - span.start
    cdef size_t rest = span.end - span.own_end
    if span.own_at >= span.own_end:
        return long_text_in(out.data + span.start, span.end - span.start)
    reserve(out, front + rest)
    memcpy(out.data + out.size, out.data + span.start, front)
    memcpy(out.data + out.size + front, out.data + span.own_end, rest)
    return long_text_in(out.data + out.size, front + rest)


cdef object long_text_in(Bytes at, size_t size):
    """A text: the one of the last time, if it is ASCII and not too long, and it was not long ago."""
    cdef Py_ssize_t place
    if size > LONG_SIZE:
        return PyUnicode_DecodeUTF8(<const char*> at, size, NULL)
    place = <Py_ssize_t> (hash_bytes(at, size, 0) & (LONG_PLACES - 1))
    known = _longs[place]
    if <size_t> PyUnicode_GET_LENGTH(known) == size and memcmp(PyUnicode_DATA(known), at, size) == 0:
        return known
    text = PyUnicode_DecodeUTF8(<const char*> at, size, NULL)
    if <size_t> PyUnicode_GET_LENGTH(text) == size:
        _longs[place] = text
    return text


cdef object text_in(Bytes at, size_t size):
    """A short text: the one of the last time, if it was not long ago."""
    cdef Py_ssize_t place = <Py_ssize_t> (hash_bytes(at, size, 0) & (TEXT_PLACES - 1))
    known = _texts[place]
    if <size_t> PyUnicode_GET_LENGTH(known) == size and memcmp(PyUnicode_DATA(known), at, size) == 0:
        return known
    text = PyUnicode_DecodeUTF8(<const char*> at, size, NULL)
    if <size_t> PyUnicode_GET_LENGTH(text) == size:  # ASCII: one byte, one character
        _texts[place] = text
    return text


def splice(rendered, list additions):
    """The lines of `rendered` with what is added to each; see the reference."""
    cdef bytes data = rendered.data
    cdef list ends = rendered.ends
    cdef bytes out
    cdef bytes addition
    cdef const char* source = PyBytes_AS_STRING(data)
    cdef char* target
    cdef size_t start = 0
    cdef size_t end
    cdef size_t total = 0
    cdef Py_ssize_t at
    if len(ends) != len(additions):
        raise ValueError(f"{len(additions)} additions for {len(ends)} lines")
    for at in range(len(additions)):
        addition = additions[at]
        end = ends[at]
        if not start + 2 <= end <= <size_t> len(data):
            raise ValueError(f"line {at} ends at {end}")
        if addition is not None:
            # a comma takes the place of the bracket and the LF, which the addition has again
            total += end - start + (len(addition) - 1 if addition else 0)
        start = end
    start = 0
    out = PyBytes_FromStringAndSize(NULL, total)
    target = PyBytes_AS_STRING(out)
    for at in range(len(additions)):
        addition = additions[at]
        end = ends[at]
        if addition is not None:
            memcpy(target, source + start, end - start)
            target += end - start
            if len(addition):
                (target - 2)[0] = c','
                target -= 1
                memcpy(target, PyBytes_AS_STRING(addition), len(addition))
                target += len(addition)
        start = end
    return out


def aggregate(groups, str rule="audit"):
    """One Type=2 JSON line for each group; see the reference."""
    cdef Groups batch = groups_of(groups)
    cdef Renderer renderer = borrow()
    cdef bytes name = orjson.dumps(rule)
    cdef size_t at
    renderer.out.size = 0
    for at in range(batch.size):
        put_type2(&renderer.out, &batch.data[at], <Bytes> PyBytes_AS_STRING(name), len(name))
    data = PyBytes_FromStringAndSize(<const char*> renderer.out.data, renderer.out.size)
    _idle.append(renderer)
    return data


cdef int put_type2(Buffer* out, GroupData* group, Bytes rule, size_t rule_size) except -1 nogil:
    cdef size_t names = group.node.size + group.host.size + group.time.size + group.program.size + group.peer.size
    cdef unsigned char[48] external
    cdef Buffer id
    id.data = external
    id.size = 0
    put_id(&id, group)
    reserve(out, 6 * (group.size + names) + rule_size + 512)
    put_text(out, b'{"Type":2,"ID":"')
    put_uuid(out, group.node, id.data, id.size, group.late)
    put_text(out, b'","ExternalID":"')
    put(out, id.data, id.size)
    put_text(out, b'","')
    if group.node.size:
        put_text(out, b'DeviceHostName":')
        put_string(out, group.node.data, group.node.size)
        put_text(out, b',"')
    put_text(out, b'StartTime":')
    put_number(out, group.seconds * 1000 + group.milliseconds)
    put_text(out, b',"EndTime":')
    put_number(out, group.seconds * 1000 + group.milliseconds)
    put_text(out, b',"BaseEventCount":')
    put_number(out, group.count)
    put_text(out, b',"AggregationRuleName":')
    put(out, rule, rule_size)
    put_text(out, b',"Extra":{"closed_by":')
    put_text(out, CLOSED_WORDS[group.closed_by])
    if group.late:
        put_text(out, b',"late":"true"')
    put_extra(out, b',"host":', group.host)
    put_extra(out, b',"time":', group.time)
    put_extra(out, b',"program":', group.program)
    put_extra(out, b',"peer":', group.peer)
    put_text(out, b'},"Message":')
    put_string(out, group.message, group.size)
    put_text(out, b"}\n")
    return 0


cdef inline void put_extra(Buffer* out, const char* lead, Slice value) noexcept nogil:
    if value.size:
        put_text(out, lead)
        put_string(out, value.data, value.size)


cdef void put_uuid(Buffer* out, Slice node, Bytes external, size_t size, bint late) noexcept nogil:
    """Two FNV-1a hashes as a UUID of version 8; see _aggregate.uuid_of."""
    cdef uint64_t high = fnv(fnv(<uint64_t> 0xCBF29CE484222325ULL, node.data, node.size), <Bytes> <const char*> b"\0", 1)
    cdef uint64_t low = fnv(fnv(<uint64_t> 0x4645B230CECE75B2ULL, node.data, node.size), <Bytes> <const char*> b"\0", 1)
    cdef unsigned char last = late
    high = fnv(fnv(high, external, size), &last, 1)
    low = fnv(fnv(low, external, size), &last, 1)
    high = (high & <uint64_t> 0xFFFFFFFFFFFF0FFFULL) | 0x8000
    low = (low & <uint64_t> 0x3FFFFFFFFFFFFFFFULL) | <uint64_t> 0x8000000000000000ULL
    put_base(out, high >> 32, 4, 8)
    put_char(out, c'-')
    put_base(out, high >> 16 & 0xFFFF, 4, 4)
    put_char(out, c'-')
    put_base(out, high & 0xFFFF, 4, 4)
    put_char(out, c'-')
    put_base(out, low >> 48, 4, 4)
    put_char(out, c'-')
    put_base(out, low & <uint64_t> 0xFFFFFFFFFFFFULL, 4, 12)


cdef inline uint64_t fnv(uint64_t value, Bytes data, size_t size) noexcept nogil:
    cdef size_t at
    for at in range(size):
        value = (value ^ data[at]) * <uint64_t> 0x100000001B3ULL
    return value
