"""A line that is no bare record in, its envelope and the record out: wrapper after wrapper is taken off.

    syslog.py   syslog headers, the kernel's printk form, separators of ausearch
    json.py     our own Type=2 events, the journal's export, a record in a field of any JSON

They may stand in one another: JSON behind a syslog header, a syslog line in a field of JSON, JSON in JSON.  What an
inner wrapper says of host, time and program counts before what an outer one says, because it is nearer to the sender.
"""

from typing import Final

from stitcher.event import Envelope, Group, Unwrapped
from stitcher.parsers.syslog import unwrap_syslog

#: JSON text in a field of JSON
MAX_JSON_DEPTH: Final = 3


def unwrap(line: bytes) -> Unwrapped | Group | str | None:
    """What the joiner asks for a line that begins with neither `type=` nor `node=`.

    Unwrapped: the record.  Group: a whole event that was joined elsewhere.  A word: the reason why the line is
    rejected, "" for a separator, which is nothing at all.  None: no record.
    """
    return _unwrap(line, MAX_JSON_DEPTH)


def _unwrap(line: bytes, depth: int) -> Unwrapped | Group | str | None:
    if line.startswith((b"type=", b"node=")):
        return Unwrapped(Envelope(), line)
    if line.startswith(b"{"):
        # with it comes YAML for its key names: 30 ms that a log without JSON need not wait for
        from stitcher.parsers.json import unwrap_json

        return unwrap_json(line, lambda text: _unwrap(text, depth - 1)) if depth >= 0 else None
    if line.startswith(b"host="):
        # setroubleshoot's form of node=
        host, space, record = line[5:].partition(b" ")
        return Unwrapped(Envelope(host=host), record) if space and record.startswith(b"type=") else None
    found = unwrap_syslog(line)
    if not isinstance(found, Unwrapped) or not found.payload.startswith(b"{"):
        return found
    inner = _unwrap(found.payload, depth)
    return inner._replace(envelope=fill(inner.envelope, found.envelope)) if isinstance(inner, Unwrapped) else inner


def fill(inner: Envelope, outer: Envelope) -> Envelope:
    """`inner`, and what it does not know from `outer`."""
    return Envelope(*(mine or theirs for mine, theirs in zip(inner, outer, strict=True)))
