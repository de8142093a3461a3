"""The tree of a regular expression in, how Python's `re` takes time over it out: linear, quadratic, or too much.

A backtracking matcher tries every way of reading a text, so its time grows with the number of ways.  The tree becomes
an automaton without empty steps (Glushkov: a state for each class of characters), and the ways over it are counted as
Weber and Seidl do ("On the degree of ambiguity of finite automata", 1991):

    exponential   a state that returns to itself by two ways over one text: (a+)+, (a|a)*
    n^d           d pairs of loops behind one another, where both loops and a way from the first to the second can read
                  one text: .*x.*, and each loop with the beginning of a pattern that is searched for everywhere

What repeats a bounded number of times counts as a loop.  Ways that part outside of loops and come together again are
counted too: (a|ab)(c|bcd) is read in two ways, and ten of these in a thousand.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from stitcher.core._regexp_syntax import (
    LAST,
    START,
    Capture,
    Chars,
    Choice,
    Mark,
    Node,
    Ranges,
    Repeat,
    Series,
    merged,
)

#: classes of characters in a pattern, with what is repeated a fixed number of times
MOST_STATES: Final = 400
#: what is repeated as often as this at most is written out
_WRITTEN_OUT: Final = 8
#: steps of the search for two ways
MOST_STEPS: Final = 100_000
#: ways that lead over one text to one state, each loop gone into once
MOST_WAYS: Final = 256
#: the same where each takes quadratic time
MOST_WAYS_TWICE: Final = 4
_EVERY: Final[Ranges] = ((0, LAST),)

Pair = tuple[int, int]


class TooMuchError(Exception):
    """The time is exponential, or the pattern is too large to know; the message says which."""


def degree(tree: Node) -> int:
    """The time of a search in a text of n characters grows as n^(1 + degree); raises TooMuchError."""
    machine = _Machine(tree)
    loops = _Loops(machine)
    loops.refuse_exponential()
    grows, ways = loops.degree(), loops.ways()
    if ways > (MOST_WAYS_TWICE if grows else MOST_WAYS):
        raise TooMuchError("can be read in too many ways")
    return grows


class _Span(NamedTuple):
    """Part of a pattern: the states that it can begin and end with, and whether it can be empty."""

    first: list[int]
    last: list[int]
    empty: bool


class _Machine:
    """States from 0 on; `sets` has what each reads, `steps` where it goes on; `doubled` are steps by two ways."""

    def __init__(self, tree: Node) -> None:
        self.sets: list[Ranges] = []
        self.steps: list[list[int]] = []
        self.doubled: set[Pair] = set()
        self._common: dict[Pair, Ranges] = {}
        self.whole = self._add(tree)
        self.anchored = _is_anchored(tree)
        if not self.anchored:
            everywhere = self._state(_EVERY)
            self._join([everywhere], [everywhere, *self.whole.first])

    def common(self, one: int, other: int) -> Ranges:
        """The characters that both states read."""
        pair = (one, other)
        if pair not in self._common:
            self._common[pair] = common(self.sets[one], self.sets[other])
        return self._common[pair]

    def _state(self, ranges: Ranges) -> int:
        if len(self.sets) >= MOST_STATES:
            raise TooMuchError("is too large")
        self.sets.append(ranges)
        self.steps.append([])
        return len(self.sets) - 1

    def _join(self, ends: list[int], starts: list[int]) -> None:
        for end in ends:
            for start in starts:
                if start in self.steps[end]:
                    self.doubled.add((end, start))
                else:
                    self.steps[end].append(start)

    def _add(self, node: Node) -> _Span:
        if isinstance(node, Chars):
            state = self._state(_folded(node.ranges) if node.fold else node.ranges)
            return _Span([state], [state], False)
        if isinstance(node, Mark):
            return _Span([], [], True)
        if isinstance(node, Capture):
            return self._add(node.part)
        if isinstance(node, Series):
            return self._series(node.parts)
        if isinstance(node, Choice):
            spans = [self._add(part) for part in node.parts]
            first = [state for span in spans for state in span.first]
            return _Span(first, [state for span in spans for state in span.last], any(span.empty for span in spans))
        return self._repeat(node)

    def _series(self, parts: tuple[Node, ...]) -> _Span:
        first: list[int] = []
        last: list[int] = []
        empty = True
        for part in parts:
            span = self._add(part)
            self._join(last, span.first)
            first = [*first, *span.first] if empty else first
            last = [*last, *span.last] if span.empty else span.last
            empty = empty and span.empty
        return _Span(first, last, empty)

    def _repeat(self, node: Repeat) -> _Span:
        if node.high == 0:
            return _Span([], [], True)
        if node.low == node.high and node.low <= _WRITTEN_OUT:
            return self._series((node.part,) * node.low)
        span = self._add(node.part)
        if node.high != 1:
            if span.empty and span.first:
                raise TooMuchError("repeats what may be empty")
            self._join(span.last, span.first)
        return _Span(span.first, span.last, span.empty or node.low == 0)


class _Loops:
    """What can be gone round in."""

    def __init__(self, machine: _Machine) -> None:
        self._machine = machine
        self._reach = _reach(machine.steps)
        self._budget = MOST_STEPS
        self._groups = self._found()

    def _found(self) -> list[list[int]]:
        """States that reach one another, each group once."""
        groups: dict[int, list[int]] = {}
        for state, reach in enumerate(self._reach):
            if reach >> state & 1:
                head = next(
                    other for other in range(state + 1) if reach >> other & 1 and self._reach[other] >> state & 1
                )
                groups.setdefault(head, []).append(state)
        return list(groups.values())

    def refuse_exponential(self) -> None:
        """Raise where two ways lead round."""
        for group in self._groups:
            inside = frozenset(group)
            if any(one in inside and other in inside for one, other in self._machine.doubled):
                raise TooMuchError("can take exponential time")
            self._refuse_two_ways(inside)

    def _refuse_two_ways(self, inside: frozenset[int]) -> None:
        """Two states that are reached over one text from one state, and lead back to one state."""
        back: dict[Pair, list[Pair]] = {}
        seen: set[Pair] = {(state, state) for state in inside}
        left = list(seen)
        while left:
            pair = left.pop()
            for one, other in self._pairs(pair, inside):
                back.setdefault((one, other), []).append(pair)
                if (one, other) not in seen:
                    seen.add((one, other))
                    left.append((one, other))
        left = [(state, state) for state in inside]
        returning = set(left)
        while left:
            for pair in back.get(left.pop(), ()):
                if pair[0] != pair[1]:
                    raise TooMuchError("can take exponential time")
                if pair not in returning:
                    returning.add(pair)
                    left.append(pair)

    def _pairs(self, pair: Pair, inside: frozenset[int]) -> Iterator[Pair]:
        steps = self._machine.steps
        for one in steps[pair[0]]:
            for other in steps[pair[1]]:
                self._spend()
                if one in inside and other in inside and self._machine.common(one, other):
                    yield one, other

    def ways(self) -> int:
        """At most so many ways lead over one text to one state, if each loop is gone into once; also to the end."""
        together = self._together()
        first, last = self._machine.whole.first, self._machine.whole.last
        ways: dict[int, int] = {}
        behind: list[tuple[int, list[int]]] = [(state, []) for state in range(len(self._reach))]
        for state, steps in enumerate(self._machine.steps):
            for other in steps:
                if not self._reach[other] >> state & 1:
                    behind[other][1].append(state)
        for state in sorted(range(len(behind)), key=lambda one: -self._reach[one].bit_count()):
            loop = next((group for group in self._groups if state in group), [state])
            entries = [(before, inner) for inner in loop for before in behind[inner][1] if before in ways]
            begins = sum(state in first for state in loop)
            ways[state] = max(1, begins, self._most(entries, ways, together))
        return self._most([(state, -1) for state in last], ways, together)

    def _most(self, entries: list[Pair], ways: dict[int, int], together: set[Pair]) -> int:
        """The ways over all that are entered at once; `entries` are pairs of a state and the next one."""
        machine = self._machine
        return max(
            (
                sum(
                    ways[other] * (2 if (other, there) in machine.doubled else 1)
                    for other, there in entries
                    if other == one or (one, other) in together
                )
                for one, _ in entries
            ),
            default=1,
        )

    def _together(self) -> set[Pair]:
        """States that are reached over one text from the beginning."""
        machine = self._machine
        first = machine.whole.first
        left = [(one, other) for one in first for other in first if machine.common(one, other)]
        seen = set(left)
        while left:
            pair = left.pop()
            for one in machine.steps[pair[0]]:
                for other in machine.steps[pair[1]]:
                    self._spend()
                    if (one, other) not in seen and machine.common(one, other):
                        seen.add((one, other))
                        left.append((one, other))
        return seen

    def degree(self) -> int:
        """The longest chain of pairs of loops that read one text."""
        pairs = [
            (one, other)
            for one in range(len(self._groups))
            for other in range(len(self._groups))
            if one != other and self._leads(one, other) and self._share(one, other)
        ]
        depth: dict[Pair, int] = {}

        def chain(pair: Pair) -> int:
            if pair not in depth:
                behind = [next_ for next_ in pairs if next_[0] == pair[1] or self._leads(pair[1], next_[0])]
                depth[pair] = 1 + max((chain(next_) for next_ in behind), default=0)
            return depth[pair]

        return max(map(chain, pairs), default=0)

    def _leads(self, one: int, other: int) -> bool:
        return bool(self._reach[self._groups[one][0]] >> self._groups[other][0] & 1)

    def _share(self, one: int, other: int) -> bool:
        return any(self._same_text(start, end) for start in self._groups[one] for end in self._groups[other])

    def _same_text(self, start: int, end: int) -> bool:
        """Is there a text over which start leads to itself, start leads to end, and end to itself?"""
        steps, sets, reach = self._machine.steps, self._machine.sets, self._reach
        first = (start, start, end)
        seen, left = {first}, [first]
        while left:
            one, middle, last = left.pop()
            for inner in steps[middle]:
                if inner != end and not reach[inner] >> end & 1:
                    continue
                for outer in steps[one]:
                    if not reach[outer] >> start & 1:
                        continue
                    shared = self._machine.common(inner, outer)
                    for away in steps[last] if shared else ():
                        self._spend()
                        if not reach[away] >> end & 1 or not common(shared, sets[away]):
                            continue
                        if (outer, inner, away) == (start, end, end):
                            return True
                        if (outer, inner, away) not in seen:
                            seen.add((outer, inner, away))
                            left.append((outer, inner, away))
        return False

    def _spend(self) -> None:
        self._budget -= 1
        if self._budget < 0:
            raise TooMuchError("is too large")


def common(one: Ranges, other: Ranges) -> Ranges:
    """The characters that both have."""
    if one == _EVERY:
        return other
    return tuple(
        (max(low, bottom), min(high, top))
        for low, high in one
        for bottom, top in other
        if low <= top and bottom <= high
    )


def _folded(ranges: Ranges) -> Ranges:
    """In both cases; beyond ASCII that may be any character."""
    if any(high > 0x7F for _, high in ranges) and len(ranges) > 0 and ranges != _EVERY:
        single = [low for low, high in ranges if low == high]
        if len(single) != len(ranges):
            return _EVERY
    both = [*ranges]
    for low, high in ranges:
        for code in range(low, high + 1) if high <= 0x7F or low == high else ():
            both += [(ord(char), ord(char)) for char in {*chr(code).lower(), *chr(code).upper()}]
    return merged(both)


def _is_anchored(node: Node) -> bool:
    """Does it begin with the beginning of the text, whatever way is taken?"""
    if isinstance(node, Series):
        return bool(node.parts) and any(map(_is_anchored, node.parts[:1]))
    if isinstance(node, Choice):
        return all(map(_is_anchored, node.parts))
    if isinstance(node, Capture):
        return _is_anchored(node.part)
    return node == START


def _reach(steps: list[list[int]]) -> list[int]:
    """For each state the bits of those that it leads to."""
    reach = [sum(1 << other for other in set(some)) for some in steps]
    changed = True
    while changed:
        changed = False
        for state, some in enumerate(steps):
            more = reach[state]
            for other in some:
                more |= reach[other]
            if more != reach[state]:
                reach[state], changed = more, True
    return reach
