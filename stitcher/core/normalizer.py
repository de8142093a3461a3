"""A line in, an event or the reason why there is none out: a tree of rules, each a parser and a mapping.

The main rule reads the line and writes its fields.  Then, level by level, the first branch whose condition holds on the
source fields of the rule above is taken: its rule reads the line again, or one field, or takes the fields as they are,
and writes its own fields over what is there.  It ends where no condition holds.

Nothing is lost silently.  A line that the main rule cannot read is refused with its reason, or, where raw lines are
kept, becomes an event with the line in `Raw` and the reason in `Extra.not_parsed`; an empty line never does.  A
sub-rule that cannot read what it was given leaves the event as it is by then; values that cannot be converted are not
written.  Both are counted, and where raw lines are kept the event says so: `Raw`, `Extra.not_parsed`,
`Extra.not_converted`.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Final, Literal, NamedTuple

from stitcher.core.mapping import EXTRA, Mapped, Value
from stitcher.core.sources import Event, Fields, Line, leaves, text_of

Parser = Callable[[str], "Fields | str"]
KeepRaw = Literal["never", "errors", "always"]

RAW_FIELD: Final = "Raw"
NOT_PARSED: Final = "not_parsed"
#: what the method `audit` says of a line that is nothing at all, such as a separator of ausearch
SKIPPED: Final = "skipped"
NOT_CONVERTED: Final = "not_converted"


class Refused(NamedTuple):
    """A line that is no event, and why; the reason is one of few and quotes nothing of the line."""

    reason: str


class Rule(NamedTuple):
    """One rule of the tree; `parse` is None where it takes the fields of the rule above as they are."""

    name: str
    parse: Parser | None
    mapped: Mapped
    branches: "Sequence[Branch]"
    #: source fields that the mapping reads
    used: frozenset[str]


class Branch(NamedTuple):
    """A way on from a rule."""

    #: changes source fields before the condition sees them and the rule gets them
    prepare: Callable[[Fields, Event, Line], Fields] | None
    holds: Callable[[Fields, Event, Line], bool]
    #: what the rule parses; None where it parses nothing
    passed: Value | None
    rule: Rule


class Step(NamedTuple):
    """One thing that happened to a line, for people: the rule, what it did, and with what."""

    rule: str
    #: read, not_read, wrote, not_converted, not_taken, taken, and at the end made or refused
    did: str
    detail: Any


class Counts:
    """How often something went wrong, since the start."""

    def __init__(self) -> None:
        #: (rule, reason) -> texts that its parser could not read
        self.not_parsed: dict[tuple[str, str], int] = {}
        #: (rule, target) -> values that could not be converted
        self.not_converted: dict[tuple[str, str], int] = {}

    def parse(self, rule: str, reason: str) -> None:
        """Count a text."""
        self.not_parsed[rule, reason] = self.not_parsed.get((rule, reason), 0) + 1

    def convert(self, rule: str, target: str) -> None:
        """Count a value."""
        self.not_converted[rule, target] = self.not_converted.get((rule, target), 0) + 1


class Normalizer:
    """The tree; `counts` tells what went wrong."""

    def __init__(self, main: Rule, keep_raw: KeepRaw = "errors", keep_extra: bool = False) -> None:
        self.counts = Counts()
        self._main = main
        self._keep_raw = keep_raw
        self._keep_extra = keep_extra

    def read(self, text: str, now: float) -> Event | Refused:
        """The event of a line; `now` in seconds since 1970 is for times without a year."""
        return self._finish(_Reading(Line(text, now), self.counts, None))

    def explain(self, text: str, now: float) -> list[Step]:
        """What happens to the line, step by step; nothing is counted."""
        steps: list[Step] = []
        got = self._finish(_Reading(Line(text, now), Counts(), steps))
        did, detail = ("refused", got.reason) if isinstance(got, Refused) else ("made", got)
        return [*steps, Step(self._main.name, did, detail)]

    def _finish(self, reading: "_Reading") -> Event | Refused:
        fields = reading.parse(self._main, reading.line.raw)
        event = reading.event
        if fields is not None:
            used = reading.go(self._main, fields)
            if self._keep_extra and (rest := dict(leaves(fields, used))):
                event[EXTRA] = {**rest, **event.get(EXTRA, {})}
        else:
            reason = reading.trouble[NOT_PARSED]
            if self._keep_raw == "never" or reason == SKIPPED or not reading.line.raw.strip():
                return Refused(reason)
        if self._keep_raw == "always" or (reading.trouble and self._keep_raw == "errors"):
            event[RAW_FIELD] = reading.line.raw
            if reading.trouble:
                event[EXTRA] = {**event.get(EXTRA, {}), **reading.trouble}
        return event


class _Reading:
    """One line on its way down the tree."""

    __slots__ = ("_counts", "_steps", "event", "line", "trouble")

    def __init__(self, line: Line, counts: Counts, steps: list[Step] | None) -> None:
        self.line = line
        self.event: Event = {}
        #: what went wrong, as it goes to Extra
        self.trouble: dict[str, str] = {}
        self._counts = counts
        self._steps = steps

    def go(self, rule: Rule, fields: Fields) -> frozenset[str]:
        """Write what the rules say, from this one down; the fields that the mapping read come back."""
        used = rule.used
        whole = True
        while True:
            self._write(rule, fields)
            for branch in rule.branches:
                given = branch.prepare(fields, self.event, self.line) if branch.prepare else fields
                if branch.holds(given, self.event, self.line):
                    break
                if self._steps is not None:
                    self._steps.append(Step(branch.rule.name, "not_taken", None))
            else:
                return used
            rule = branch.rule
            if self._steps is not None:
                self._steps.append(Step(rule.name, "taken", None))
            if branch.passed is not None:
                text = branch.passed(given, self.event, self.line)
                parsed = self.parse(rule, None if text is None else text_of(text))
                if parsed is None:
                    return used
                given, whole = parsed, False
            elif whole:
                used |= rule.used
            fields = given

    def parse(self, rule: Rule, text: str | None) -> Fields | None:
        """What the rule's parser makes of the text; None, and it is noted, if it cannot read it."""
        fields = "no field to parse" if text is None or rule.parse is None else rule.parse(text)
        if isinstance(fields, str):
            self._counts.parse(rule.name, fields)
            self.trouble[NOT_PARSED] = fields
            if self._steps is not None:
                self._steps.append(Step(rule.name, "not_read", fields))
            return None
        if self._steps is not None:
            self._steps.append(Step(rule.name, "read", fields))
        return fields

    def _write(self, rule: Rule, fields: Fields) -> None:
        before = None if self._steps is None else deepcopy(self.event)
        failed = rule.mapped.write(fields, self.event, self.line)
        if failed:
            for target in failed:
                self._counts.convert(rule.name, target)
            noted = self.trouble.get(NOT_CONVERTED)
            self.trouble[NOT_CONVERTED] = ",".join([noted, *failed] if noted else failed)
        if self._steps is not None and before is not None:
            wrote = {name: value for name, value in self.event.items() if name not in before or before[name] != value}
            self._steps.append(Step(rule.name, "wrote", wrote))
            self._steps += [Step(rule.name, "not_converted", target) for target in failed or ()]
