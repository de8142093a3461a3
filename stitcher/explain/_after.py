"""What a pipeline told in, facts for people out: the rooms of the general road, and those behind lap 1 of any road."""

import json
from collections.abc import Iterator
from typing import Any, Final

from stitcher.core.normalizer import Step
from stitcher.explain._recorder import LineTale, Tale
from stitcher.explain._story import Fact, Shown
from stitcher.pipeline import Heard, Plan
from stitcher.pipeline._hearing import (
    AGGREGATION,
    DESTINATIONS,
    ENRICHMENTS,
    EVENT,
    FILTERS,
    LOOP,
    NORMALIZER,
    ORIGINALS,
)
from stitcher.pipeline._plan import AUDIT
from stitcher.quoting import pairs, value_text

#: what a normalizer did -> how that reads behind the rule's name, and why
_STEPS: Final = {
    "read": ("read", ""),
    "not_read": ("could not read", ""),
    "wrote": ("wrote", ""),
    "not_converted": ("could not convert", ""),
    "taken": ("taken", "the first whose condition holds"),
    "not_taken": ("not taken", "its condition does not hold"),
    "made": ("made", "the event"),
    "refused": ("refused", "the line is no event"),
}
#: what a rule did -> how that reads, and why
_RULE: Final = {
    "joined": ("takes it", "its filter holds, and no rule in front of it has taken it"),
    "duplicate": ("drops it", "the very same event came before"),
    "late": ("takes it late", "its group was closed before"),
    "late_dropped": ("drops it", "its group was closed before, and the rule says 'late: drop'"),
    "end_mark": ("ends a group", "it is an end mark, and no part of the group"),
}


#: what became of a line -> how that reads, and why
_OUTCOMES: Final = {
    "aggregated": ("Type 2", "somebody else joined it: lap 2 reads it at once"),
    "dropped": ("dropped", "a filter on originals said so"),
    "skipped": ("skipped", "nothing to read"),
    "too_long": ("rejected", "it is longer than max_line_bytes of every rule"),
    "rejected": ("rejected", "the normalizer could not read it"),
    "refused": ("rejected", "it went round too often"),
    "duplicates": ("dropped", "the very same event came before: counted as a duplicate"),
    "late_dropped": ("dropped", "its group was closed before, and the rule says 'late: drop'"),
    "end_marks": ("end mark", "its group was closed before, or had no events: nothing to end"),
}


def tell_after(tale: Tale, plan: Plan) -> dict[str, list[Fact]]:
    """The rooms behind lap 1, in the order in which the event came to them."""
    rooms: dict[str, list[Fact]] = {}
    dropped = taken = False
    for room, heard in tale.after:
        if heard.room == EVENT:
            if not taken and not dropped:
                why = "no destination's condition holds: it is counted as unmatched, and gone"
                rooms.setdefault(room, []).append(Fact("nobody", "takes it", why))
            dropped = taken = False
            continue
        dropped = dropped or heard.did == "dropped"
        taken = taken or heard.did == "took"
        rooms.setdefault(room, []).extend(tell_heard(heard, plan))
    return {room: _in_order(room, facts, plan) for room, facts in rooms.items() if facts}


def _in_order(room: str, facts: list[Fact], plan: Plan) -> list[Fact]:
    """Destinations as the pipeline has them: all are asked before the first is given anything."""
    if not room.startswith(DESTINATIONS):
        return facts
    places = {name: at for at, outlet in enumerate(plan.outlets) for name in (outlet.name, _gets(outlet.name))}
    return sorted(facts, key=lambda fact: places.get(fact.name, len(places)))


def _gets(name: str) -> str:
    return f"{name} gets"


def tell_aggregated(tale: Tale, plan: Plan) -> list[Fact]:
    """The Type=2 event that a rule made, or nothing."""
    if tale.aggregated is None or tale.closed is None:
        return []
    name, reason, line = tale.closed
    count = tale.aggregated["BaseEventCount"]
    where = f"; closed when line {line} came" if line else ""
    return [
        Fact("rule", name, f"joined {count} event{'s' * (count != 1)}"),
        Fact("closed by", reason, _why_closed(name, reason, plan) + where),
        *(Fact(key, _value(value)) for key, value in tale.aggregated.items()),
    ]


def tell_line(line: LineTale) -> list[Fact]:
    """What became of a line that no rule took."""
    if line.outcome == "passed":
        return [Fact("Type", "1", "no rule joined it: an event of one line")]
    return [Fact("event" if line.outcome == "aggregated" else "no event", *_OUTCOMES.get(line.outcome, ("", "")))]


def tell_heard(heard: Heard, plan: Plan) -> Iterator[Fact]:
    """The facts of one thing that happened."""
    yield from _TELL[heard.room](heard, plan)


def _tell_steps(heard: Heard, _plan: Plan) -> Iterator[Fact]:
    steps: list[Step] = heard.detail[0]
    wrote: dict[str, Any] = {}
    for step in steps:
        if step.did == "wrote":
            wrote |= step.detail
        elif step.did == "made" and step.detail == wrote:
            continue  # that was said
        did, why = _STEPS.get(step.did, (step.did, ""))
        if step.did == "wrote" and not step.detail:
            yield Fact(f"{step.rule} {did}", "nothing")
            continue
        yield Fact(f"{step.rule} {did}", "" if step.detail is None else _value(step.detail), why)


def _tell_loop(heard: Heard, plan: Plan) -> Iterator[Fact]:
    if heard.room == NORMALIZER:
        yield from _tell_steps(heard, plan)
    elif heard.did == "comes back":
        yield Fact("came back", f"through {heard.name}", "it is an original again, and no rule takes it")


def _tell_filter(heard: Heard, _plan: Plan) -> Iterator[Fact]:
    yield Fact(heard.name, heard.did, "it goes no further" if heard.did == "dropped" else "")


def _tell_aggregation(heard: Heard, plan: Plan) -> Iterator[Fact]:
    if heard.name:
        yield from (Fact(one.name, "does not take it", "its filter does not hold") for one in _in_front(heard, plan))
        yield Fact(heard.name, *_RULE[heard.did])
    elif heard.did == "refused":
        yield Fact("refused", "went_round", "it went round too often: a loop leads back to itself")
    elif heard.did == "passed":
        why = "it went round before" if heard.detail else "no rule's filter holds" if plan.rules else "there is no rule"
        yield Fact("no rule", "takes it", f"{why}: it goes on as it is")


def _in_front(heard: Heard, plan: Plan) -> Iterator[Any]:
    """The rules that were asked before; an event of a late group is told of twice."""
    for rule in plan.rules if heard.did != "late" else ():
        if rule.name == heard.name:
            return
        yield rule


def _tell_enrichment(heard: Heard, _plan: Plan) -> Iterator[Fact]:
    if heard.did == "holds not":
        yield Fact(heard.name, "adds nothing", "its condition does not hold")
    elif heard.did == "filled":
        target, value, read = heard.detail
        why = Shown(f"from {pairs(read)}") if read else ""
        yield Fact(heard.name, f"takes {target} away" if value is None else Shown(pairs({target: value})), why)


def _tell_destination(heard: Heard, plan: Plan) -> Iterator[Fact]:
    outlet = next((one for one in plan.outlets if one.name == heard.name), None)
    if heard.did == "holds not":
        yield Fact(heard.name, "does not take it", "its condition does not hold")
    elif heard.did == "took" and outlet is not None:
        why = "its condition holds" if outlet.when else "it has no condition"
        # what is not decoded is in its own words, unless others are asked for
        flat = not plan.decodes and outlet.schema == AUDIT
        words = heard.about or ("flat" if flat else f"schema {outlet.schema}")
        yield Fact(heard.name, f"takes it: {outlet.to}", f"{why}; {words}, {outlet.form}, {len(heard.detail)} bytes")
        yield Fact(_gets(heard.name), heard.detail.removesuffix(b"\n").decode("utf-8", "backslashreplace"))


_TELL: Final = {
    NORMALIZER: _tell_steps,
    LOOP: _tell_loop,
    ORIGINALS: _tell_filter,
    FILTERS: _tell_filter,
    AGGREGATION: _tell_aggregation,
    ENRICHMENTS: _tell_enrichment,
    DESTINATIONS: _tell_destination,
}


def _why_closed(name: str, reason: str, plan: Plan) -> str:
    rule = next(one for one in plan.rules if one.name == name)
    told = {
        "threshold": f"it has {rule.threshold} events",
        "lifetime": f"its first event came {rule.lifetime_seconds} s ago",
        "timeout": f"no event for {rule.timeout_seconds} s, or for {rule.distance_lines} lines of a file",
        "limit": "a limit of size or number was reached",
        "end": "the input ended",
    }
    return told.get(reason) or f"an event came for which the end '{reason}' of the rule holds"


def _value(value: Any) -> str:
    """A value in one line: a mapping as key=value, anything else as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return Shown(pairs(value))
    return Shown(value_text(value)) if isinstance(value, list) else json.dumps(value)
