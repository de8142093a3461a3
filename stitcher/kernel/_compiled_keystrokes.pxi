"""What was typed, as JSON: text in quotes and the names of control keys; what _interpret.keystrokes says."""

cdef struct Key:
    Bytes text
    size_t size
    Name name


cdef int sequence_count = 0
cdef Key[128] sequences
#: by the byte; json is NULL where a byte is no key of its own
cdef Name[256] control_keys


cdef int load_keystrokes() except -1:
    global sequence_count
    for text in sorted(SEQUENCES, reverse=True):
        sequences[sequence_count].text = keep(text)
        sequences[sequence_count].size = len(text)
        sequences[sequence_count].name = name_of(SEQUENCES[text])
        sequence_count += 1
    for text, name in CONTROL.items():
        control_keys[<int> text[0]] = name_of(name)
    return 0


cdef size_t read_key(Bytes at, Bytes end, Name** name) noexcept nogil:
    """The bytes of the key that begins here, and its name; 0 where none does."""
    cdef int place
    if at[0] == 0x1B:
        for place in range(sequence_count):
            if <size_t> (end - at) >= sequences[place].size and memcmp(
                at, sequences[place].text, sequences[place].size
            ) == 0:
                name[0] = &sequences[place].name
                return sequences[place].size
    name[0] = &control_keys[at[0]]
    return 1 if name[0].json != NULL else 0


cdef int mean_keystrokes(Buffer* out, Buffer* scratch, Token* token) except -1 nogil:
    """A string; nothing for no bytes."""
    cdef Slice typed
    cdef Bytes at
    cdef Bytes end
    cdef Bytes start
    cdef Name* name = NULL
    cdef size_t size
    decode(&typed, scratch, token.value, token.size, token.quote == BARE)
    if typed.size == 0:
        return 0
    reserve(out, 16 * typed.size + 16)
    put_char(out, c'"')
    at = typed.data
    end = at + typed.size
    start = at
    while at < end:
        size = read_key(at, end, &name)
        if size == 0:
            at += 1
            continue
        if at > start:
            put_typed(out, start, at)
        put_char(out, c'<')
        put(out, name.json + 1, name.size - 2)
        put_text(out, b">,")
        at += size
        start = at
    if at > start:
        put_typed(out, start, at)
    out.data[out.size - 1] = c'"'
    return 1


cdef void put_typed(Buffer* out, Bytes at, Bytes end) noexcept nogil:
    """Text in quotes, within a JSON string, and a comma."""
    cdef Bytes start = at
    put_text(out, b'\\"')
    while at < end:
        if at[0] >= 0x20 and at[0] != c'"' and at[0] != c'\\' and at[0] != 0x7F:
            at += 1
            continue
        out.size = json_inside(out.data + out.size, start, at - start) - out.data
        put_text(out, b"\\\\")
        if at[0] == c'"':
            put_text(out, b'\\"')
        elif at[0] == c'\\':
            put_text(out, b"\\\\")
        else:
            put_base(out, at[0], 3, 3)
        at += 1
        start = at
    out.size = json_inside(out.data + out.size, start, at - start) - out.data
    put_text(out, b'\\",')
