"""Lap 2 and what follows it: joined groups in, what each destination gets out.

    groups ─▶ render ─▶ filters, rule, enrichments ─▶ which destinations ─▶ their words
                        (the fields they read)        (conditions)

Where nobody asks for a field, a batch is one call into the kernel and the bytes go out untouched.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final, cast

import orjson

from stitcher.errors import ConfigError
from stitcher.event import Group, Rendered
from stitcher.kernel import render, splice
from stitcher.kernel._record import text_of
from stitcher.pipeline._additions import Additions
from stitcher.pipeline._conditions import compiled, telling
from stitcher.pipeline._hearing import DESTINATIONS, Hear, asked, name_of, one_by_one
from stitcher.pipeline._plan import AUDIT, Outlet, Output, Plan
from stitcher.pipeline._reads import Reads, Row
from stitcher.pipeline._rule import Rule

#: for each event what is added to it; None where it is not wanted
Chosen = Sequence[bytes | None]


class SecondLap:
    """Reads Type=2 events; `counts` has what became of the decoded ones."""

    def __init__(self, plan: Plan, rule: Rule | None = None, hear: Hear | None = None) -> None:
        """`hear` is told what becomes of each event."""
        reads = Reads(one.target for one in plan.enrichments)
        self._raw = plan.keep_raw
        self._hear = hear
        self._name_of = name_of(plan.outlets)
        self._additions = Additions(plan, reads, rule, hear)
        self._ways = [_way_of(at, one, reads, plan.keep_raw) for at, one in enumerate(plan.outlets) if not one.loop]
        for way in self._ways if hear is not None else ():
            way.holds = telling(way.holds, asked(hear, DESTINATIONS, plan.outlets[way.outlet].name))
        self._reads = reads
        #: the kernel prepares for paths once, as long as it is given the same tuple
        self._paths = tuple(reads.paths) or ("id",)
        self._plain = bool(self._ways) and not self._additions.wanted and all(way.plain for way in self._ways)
        self._choosy = all(way.holds for way in self._ways)
        self._unmatched = 0
        self._dropped = 0

    @property
    def unknown(self) -> list[str]:
        """Names that were asked for and that no decoded event has."""
        return self._reads.unknown

    def counts(self) -> dict[str, int]:
        """ "dropped" by filters and rules, and by which filter; "unmatched" by the condition of any destination."""
        counts = {"dropped": self._dropped, **self._additions.counts, "unmatched": self._unmatched}
        for way in self._ways:
            for name, count in way.counts().items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def take(self, groups: Sequence[Group]) -> list[Output]:
        """What the outlets get of these groups; nothing for none."""
        if not groups:
            return []
        if self._hear is not None:
            return one_by_one(self._hear, self._take, groups, self._name_of, "")
        return self._take(groups)

    def _take(self, groups: Sequence[Group]) -> list[Output]:
        if self._plain:
            data = render(groups, raw=self._raw).data
            return [Output(way.outlet, data) for way in self._ways]
        rendered = render(groups, self._paths, self._raw)
        rows = self._reads.rows(rendered.values)
        additions = self._additions.make(rows)
        self._dropped += additions.count(None)
        batch = Batch(groups, rendered, rows)
        chosen = [way.choose(rows, additions) for way in self._ways]
        if self._choosy:
            self._count_unmatched(additions, chosen)
        return [output for way, some in zip(self._ways, chosen, strict=True) for output in way.write(batch, some)]

    def _count_unmatched(self, additions: Chosen, chosen: Sequence[Chosen]) -> None:
        self._unmatched += sum(
            addition is not None and all(some[at] is None for some in chosen) for at, addition in enumerate(additions)
        )


class Batch:
    """The events of one call."""

    def __init__(self, groups: Sequence[Group], rendered: Rendered, rows: Sequence[Row]) -> None:
        self.groups = groups
        self.rendered = rendered
        self.rows = rows


class _Way:
    """To one outlet, in the events' own words, a JSON line each."""

    plain = True

    def __init__(self, number: int, outlet: Outlet, reads: Reads, keep_raw: bool) -> None:
        del keep_raw  # what is rendered has them already
        self.outlet = number
        self.holds = compiled(outlet.when, reads.index)
        self.plain = self.plain and self.holds is None

    def counts(self) -> dict[str, int]:
        """Nothing can go wrong here."""
        return {}

    def choose(self, rows: Sequence[Row], additions: Chosen) -> Chosen:
        """The additions to events that this outlet takes."""
        holds = self.holds
        if holds is None:
            return additions
        return [
            addition if addition is not None and holds(row) else None
            for row, addition in zip(rows, additions, strict=True)
        ]

    def write(self, batch: Batch, chosen: Chosen) -> list[Output]:
        data = splice(batch.rendered, chosen)
        return [Output(self.outlet, data)] if data else []


class _TextWay(_Way):
    """For people: a block of lines each."""

    plain = False

    def write(self, batch: Batch, chosen: Chosen) -> list[Output]:
        from stitcher.text import as_block

        lines = splice(batch.rendered, chosen).splitlines()
        blocks = (as_block(orjson.loads(line)).encode("utf-8", "backslashreplace") for line in lines)
        return [Output(self.outlet, block, True) for block in blocks]


class _SyslogWay(_Way):
    """The events' own words, behind a header of RFC 5424."""

    plain = False

    def __init__(self, number: int, outlet: Outlet, reads: Reads, keep_raw: bool) -> None:
        from stitcher.schemas import syslog_header

        super().__init__(number, outlet, reads, keep_raw)
        self._header = syslog_header
        self._time, self._node = reads.places(("time", "node"))

    def write(self, batch: Batch, chosen: Chosen) -> list[Output]:
        lines = splice(batch.rendered, chosen).splitlines(keepends=True)
        rows = (row for row, addition in zip(batch.rows, chosen, strict=True) if addition is not None)
        headers = (self._header(row[self._time], row[self._node], AUDIT).encode() for row in rows)
        data = b"".join(map(b"".join, zip(headers, lines, strict=True)))
        return [Output(self.outlet, data)] if data else []


class _SchemaWay(_Way):
    """In the words of another schema."""

    plain = False

    def __init__(self, number: int, outlet: Outlet, reads: Reads, keep_raw: bool) -> None:
        from stitcher.schemas import schema_of

        super().__init__(number, outlet, reads, keep_raw)
        self._schema = schema_of(outlet.schema, outlet.form)
        if keep_raw and self._schema.wants_raw:
            raise ConfigError(
                f"the schema '{outlet.schema}' has no field for the records as they came; leave keep_raw out"
            )
        self._raw = keep_raw or self._schema.wants_raw
        places = reads.places(self._schema.reads)
        self._count = len(places)
        self._first = places == list(range(self._count))
        #: one more, so that it is always a tuple
        self._pick = itemgetter(*places, 0)
        self._head = self._schema.head

    def counts(self) -> dict[str, int]:
        """What did not fit its field."""
        return self._schema.counts()

    def _rows(self, rows: Sequence[Row]) -> Sequence[tuple[Any, ...]]:
        """What the schema reads of some events; mostly nobody else reads anything."""
        if self._first and type(rows[0]) is tuple and len(rows[0]) == self._count:
            return cast(Sequence[tuple[Any, ...]], rows)
        return [self._pick(row)[:-1] for row in rows]

    def write(self, batch: Batch, chosen: Chosen) -> list[Output]:
        wanted = [at for at, addition in enumerate(chosen) if addition is not None]
        if not wanted:
            return []
        taken = batch.rows if len(wanted) == len(chosen) else [batch.rows[at] for at in wanted]
        rows = self._rows(taken)
        raws = [text_of(batch.groups[at].message) for at in wanted] if self._raw else None
        lines = self._schema.lines(rows, raws)
        if any(chosen):
            lines = [_with(line, chosen[at] or b"") for at, line in zip(wanted, lines, strict=True)]
        head, self._head = self._head, ""
        return [Output(self.outlet, (head + "".join(lines)).encode())]


def _with(line: str, addition: bytes) -> str:
    """A document, and what enrichments add to it: a key that it has already gets their value, a list one more."""
    if not addition:
        return line
    added = orjson.loads(b"{" + addition)
    if not any(f"{orjson.dumps(key).decode()}:" in line for key in added):
        return f"{line[:-2]},{addition.decode()}"
    # no word of a syslog header holds a space
    start = line.index(" - {") + 3 if line.startswith("<") else 0
    document = orjson.loads(line[start:])
    for key, value in added.items():
        held = document.get(key)
        document[key] = [*held, value] if isinstance(held, list) else value
    return f"{line[:start]}{orjson.dumps(document).decode()}\n"


#: what is written of events in their own words; schemas write anything else, or refuse it
_OWN: Final = {"json": _Way, "syslog": _SyslogWay, "text": _TextWay}


def _way_of(number: int, outlet: Outlet, reads: Reads, keep_raw: bool) -> _Way:
    way = _SchemaWay if outlet.schema != AUDIT else _OWN.get(outlet.form, _SchemaWay)
    return way(number, outlet, reads, keep_raw)
