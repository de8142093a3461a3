"""What a group is in, the ID of its event out: the same for the same group, however often it is read.

An ID is a UUID of version 8, made as `kernel._aggregate` makes it.  A rule that names `identity` fields says what a
group is: for audit host and id, as the kernel has it.  A group of any other rule is told by the rule, the identical
values and the time of its first event (where events have no time, by what was summed).  Several groups of a busy key
may begin in one millisecond: the second, third, … of those that are remembered get a number.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Any, Final

from stitcher.core._aggregation import Event, Rule, text_of_any
from stitcher.core.conditions import dig
from stitcher.kernel._aggregate import uuid_of
from stitcher.kernel._record import bytes_of

#: IDs that are remembered, to number groups that would have the same one
REMEMBERED: Final = 16_384
#: a longer name goes through a digest first: the hash of the ID takes its time for each byte
LONGEST: Final = 1_024


class Identity:
    """Makes the IDs of one rule's events."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._turns: OrderedDict[str, int] = OrderedDict()

    def of(self, event: Event, late: bool, part: int = 0) -> str:
        """The ID of a Type=2 event that has all else; `part` counts from 1 where a group was split."""
        rule = self._rule
        told = [_bytes(dig(event, name)) for name in (rule.identity or rule.identical)]
        if not rule.identity:
            start = event.get("StartTime")
            told = [rule.name.encode(), *told, _bytes(start) if start is not None else _digest(event, rule)]
        if part:
            told.append(b"part %d" % part)
        made = _uuid(told, late)
        if rule.identity:
            return made
        turn = self._turns.get(made, 0)
        self._turns[made] = turn + 1
        if len(self._turns) > REMEMBERED:
            self._turns.popitem(last=False)
        return _uuid([*told, b"turn %d" % turn], late) if turn else made


def _uuid(told: list[bytes], late: bool) -> str:
    node, external = told[0], b"\0".join(told[1:])
    if len(node) + len(external) > LONGEST:
        node, external = b"", blake2b(node + b"\0" + external, digest_size=32).digest()
    return uuid_of(node, external, late)


def _digest(event: Event, rule: Rule) -> bytes:
    summed = "\0".join(text_of_any(dig(event, name)) for name in (*rule.unique, *rule.sum))
    return blake2b(_bytes(summed), digest_size=32).digest()


def _bytes(value: Any) -> bytes:
    """The bytes that a value was read from; half of a pair of surrogates is what a conversion made."""
    written = "" if value is None else text_of_any(value)
    try:
        return bytes_of(written)
    except UnicodeEncodeError:
        return written.encode("utf-8", "surrogatepass")
