"""Chunks of a stream in, blocks of whole lines out.

    operations   push(chunk) -> blocks of whole lines, each line with its LF; flush() -> the unfinished last line
    goals        no byte is searched twice; no work per line where LF frames; the same lines however a stream is cut
    plan         one rfind for the last LF; what is behind it is carried, and joined with the head of the next chunk
    bounds       a line longer than the limit comes out once, cut one byte above the limit, so that lap 1 rejects and
                 counts it; its rest is thrown away.  At most that much is ever held.

`SyslogFramer` also takes octet counting (RFC 6587, 3.4.1): `SIZE SP MESSAGE`, without anything between messages.
"""

import re
from typing import Final

Block = bytes | memoryview

#: what begins a counted frame: RFC 6587 wants a PRI behind the count; bare records and JSON are counted by some, too
_FIRST_COUNT: Final = re.compile(rb"[1-9][0-9]{0,8} (?:<|\{|type=|node=)")
#: so many bytes decide which framing a connection has: nine digits, a space, `type=`
_DECIDING: Final = 15
#: senders that put an LF behind each counted message exist
_BETWEEN: Final = b"\r\n\0 "
_COUNT: Final = re.compile(rb"([1-9][0-9]{0,8}) ")
_COUNT_BEGUN: Final = re.compile(rb"[1-9][0-9]{0,8}\Z")


class LineFramer:
    """Lines that end in LF."""

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._carry = bytearray()
        self._skipping = False

    def push(self, chunk: bytes) -> list[Block]:
        """What `chunk` makes whole; mostly two blocks, the first a line that began in an earlier chunk."""
        last = chunk.rfind(b"\n")
        if last < 0:
            return self._hold(chunk)
        blocks: list[Block] = []
        start = 0
        if self._carry or self._skipping:
            start = chunk.find(b"\n") + 1
            blocks += self._hold(chunk[:start])
            if self._carry:
                blocks.append(bytes(self._carry))
                self._carry.clear()
            self._skipping = False
        if start <= last:
            blocks += self._whole(chunk, start, last + 1)
        return blocks + self._hold(chunk[last + 1 :])

    def flush(self) -> list[Block]:
        """The unfinished last line, if there is one; the framer is then as new."""
        blocks: list[Block] = [bytes(self._carry) + b"\n"] if self._carry else []
        self._carry.clear()
        self._skipping = False
        return blocks

    def _hold(self, part: bytes) -> list[Block]:
        """Carry a part of one line (its LF may be there), and let the line go once it is over-long."""
        if self._skipping:
            return []
        self._carry += part[: self._max + 2 - len(self._carry)]
        if len(self._carry) - self._carry.endswith(b"\n") <= self._max:
            return []
        cut = bytes(self._carry[: self._max + 1]) + b"\n"
        self._carry.clear()
        self._skipping = True
        return [cut]

    def _whole(self, chunk: bytes, start: int, end: int) -> list[Block]:
        """chunk[start:end], whole lines, of which the over-long ones are cut.

        A jump of the longest line's size that lands behind an LF passes only lines that fit, so a chunk of the usual
        size costs nothing here.
        """
        blocks: list[Block] = []
        view = memoryview(chunk)
        at = start
        while end - at > self._max:
            fits = chunk.rfind(b"\n", at, at + self._max + 1)
            if fits >= 0:
                at = fits + 1
                continue
            blocks += [view[start:at], chunk[at : at + self._max + 1] + b"\n"]
            start = at = chunk.index(b"\n", at) + 1
        blocks.append(view[start:end])
        return [block for block in blocks if block]


class SyslogFramer:
    """LF or octet counting, whichever the first frame of a connection has.

    An LF inside a counted message becomes a space, as auditd itself does.  Where a count is expected and none comes,
    the connection is out of step, and is read by lines from there on.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._lines = LineFramer(max_line_bytes)
        self._counted: bool | None = None
        self._buffer = bytearray()
        self._need = 1
        self._skip = 0

    def push(self, chunk: bytes) -> list[Block]:
        """What `chunk` makes whole."""
        if self._counted is False:
            return self._lines.push(chunk)
        if self._skip:
            skipped = min(self._skip, len(chunk))
            self._skip -= skipped
            chunk = chunk[skipped:]
        self._buffer += chunk
        if len(self._buffer) < self._need:
            return []
        data = bytes(self._buffer)
        self._buffer.clear()
        return self._decide(data) if self._counted is None else self._frames(data)

    def flush(self) -> list[Block]:
        """The unfinished last message, if there is one; the framer is then as new."""
        rest = bytes(self._buffer)
        begun = _COUNT.match(rest) if self._counted else None
        rest = rest[begun.end() :] if begun else rest
        blocks = [] if self._counted is False else self._lines.push(rest.replace(b"\n", b" ") if begun else rest)
        self._counted, self._need, self._skip = None, 1, 0
        self._buffer.clear()
        return blocks + self._lines.flush()

    def _decide(self, data: bytes) -> list[Block]:
        if _FIRST_COUNT.match(data):
            self._counted = True
            return self._frames(data)
        if data[:1].isdigit() and len(data) < _DECIDING and b"\n" not in data:
            self._buffer += data
            return []
        self._counted = False
        return self._lines.push(data)

    def _frames(self, data: bytes) -> list[Block]:
        """The counted messages of `data` as one block of lines; what is incomplete is kept."""
        lines: list[bytes] = []
        at = 0
        self._need = 1
        while at < len(data):
            if data[at] in _BETWEEN:
                at += 1
                continue
            count = _COUNT.match(data, at)
            if count is None:
                return self._no_count(data[at:], lines)
            size = int(count[1])
            taken = min(size, self._max + 1)
            if len(data) - count.end() < taken:
                self._buffer += data[at:]
                self._need = count.end() - at + taken
                break
            message = data[count.end() : count.end() + taken]
            lines.append((message.rstrip(b"\r\n") if taken == size else message).replace(b"\n", b" "))
            at = count.end() + size
            self._skip = max(at - len(data), 0)
        return [b"\n".join([*lines, b""])] if lines else []

    def _no_count(self, rest: bytes, lines: list[bytes]) -> list[Block]:
        block: list[Block] = [b"\n".join([*lines, b""])] if lines else []
        if _COUNT_BEGUN.match(rest):
            self._buffer += rest
            return block
        self._counted = False
        return block + self._lines.push(rest)
