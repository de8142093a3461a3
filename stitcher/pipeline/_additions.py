"""The values of events in, what is written behind each of them out: summary, enrichments, what a rule answers."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from stitcher.pipeline._conditions import compiled
from stitcher.pipeline._hearing import ENRICHMENTS, FILTERS, Hear, asked, asked_filter, filling
from stitcher.pipeline._plan import Plan
from stitcher.pipeline._reads import Reads, Row
from stitcher.pipeline._rule import Drop, Rule, checked, refuse_own_keys

#: an addition is the inside of a JSON object with its last brace and LF
_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE


class Additions:
    """Filters, then a rule, then enrichments; `counts` says how many events which filter dropped."""

    def __init__(self, plan: Plan, reads: Reads, rule: Rule | None, hear: Hear | None = None) -> None:
        self.counts = {f"dropped by {one.name}": 0 for one in plan.filters}
        self._filters = [
            (
                one.keep,
                f"dropped by {one.name}",
                compiled(one.condition, reads.index, asked_filter(hear, FILTERS, one)),
            )
            for one in plan.filters
        ]
        self._rule = _asking(checked(rule), reads) if rule else None
        self._summary = _asking(_summarizer(), reads) if plan.summarize else None
        self._enrichments = [
            (
                one.target,
                filling(hear, one),
                reads.places(one.reads),
                compiled(one.when, reads.index, asked(hear, ENRICHMENTS, one.name)),
            )
            for one in plan.enrichments
        ]
        self._reads = reads
        self.wanted = bool(self._filters or self._rule or self._summary or self._enrichments)

    def make(self, rows: Sequence[Row]) -> list[bytes | None]:
        """For each event what is added to it, b"" for nothing; None drops it."""
        if not self.wanted:
            return [b""] * len(rows)
        additions: list[bytes | None] = []
        for row in rows:
            added = self._added(row)
            if added is None:
                additions.append(None)
            else:
                additions.append(orjson.dumps(added, default=dict, option=_OPTIONS)[1:] if added else b"")
        return additions

    def _added(self, row: Row) -> dict[str, object] | None:
        if self._filters and not self._kept(row):
            return None
        answer = self._rule(row) if self._rule else None
        if isinstance(answer, Drop):
            return None
        added: dict[str, object] = {}
        if self._summary and (told := self._told(row)):
            added["summary"] = told
        if answer:
            refuse_own_keys(answer)
            added.update(answer)
        if self._enrichments:
            self._enrich(row, added)
        return added

    def _told(self, row: Row) -> Any:
        """The summary; a condition that asked for a key of it has had it made."""
        place = self._reads.summary
        if place is not None:
            return row[place]
        return self._summary(row) if self._summary else None

    def _kept(self, row: Row) -> bool:
        for keep, name, holds in self._filters:
            if holds is not None and holds(row) != keep:
                self.counts[name] += 1
                return False
        return True

    def _enrich(self, row: Row, added: dict[str, object]) -> None:
        for target, fill, places, holds in self._enrichments:
            if holds is not None and not holds(row):
                continue
            value = fill(*[row[place] for place in places])
            slot = self._reads.slot(target)
            if slot is not None:
                assert isinstance(row, list), "a row with the target of an enrichment has room for it"
                row[slot] = value
            if value is not None:
                added[target] = value
            else:
                added.pop(target, None)


def _asking(rule: Rule, reads: Reads) -> Callable[[Row], Any]:
    """The answer of a rule to a row, of which it gets its own values."""
    answer = rule.answer
    at = reads.places(rule.reads)
    count = len(at)
    if at == list(range(count)):
        return lambda row: answer(*row[:count])
    return lambda row: answer(*[row[place] for place in at])


def _summarizer() -> Rule:
    """Imported when it is asked for: its tables are YAML, which other runs need not wait for."""
    from stitcher.summary import summarizer

    made = summarizer()
    return Rule(made.reads, made.answer)
