"""`kind: aggregation`: a rule that makes one event of many.  docs/aggregation.md has every parameter.

`aggregator` makes of such rules what runs.  `kernel_limits` tells whether the kernel can take a rule's place.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from stitcher import resources
from stitcher.config._model import Loc, Model, Resource, fault, faults
from stitcher.config.condition import WhenEarly
from stitcher.core.aggregator import COMPLETE, REASONS, Aggregator, End, Rule
from stitcher.core.conditions import Fields, Tables, compile_condition
from stitcher.event import Limits

#: what the rule writes itself
OWN: Final = ("Type", "ID", "BaseEventCount", "AggregationRuleName", "Hops")
TIMES: Final = ("StartTime", "EndTime")

Name = Annotated[str, Field(min_length=1, max_length=256)]
Names = tuple[Name, ...]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Some = Annotated[int, Field(ge=1)]


def _free(name: str) -> str:
    if name in REASONS:
        raise fault(f"'{name}' is what a group says that no end has closed; choose another name")
    return name


class EndOfGroup(Model):
    """One of the ends of a group."""

    name: Annotated[str, AfterValidator(_free)] = Field(
        min_length=1, max_length=64, description="what Extra.closed_by says of a group that ended so"
    )
    when: WhenEarly = Field(description="an event for which this holds ends its group")
    included: bool = Field(default=True, description="false: the event is a mark, no part of the group")
    first: bool = Field(default=False, description="true: it is an end only as the first event of its group")
    linger: bool = Field(default=True, description="false: the group is closed at once, without linger_seconds")


class AggregationRule(Resource):
    """Joins events that have the same values; the defaults are KUMA's where KUMA has the parameter."""

    kind: Literal["aggregation"]
    name: str = Field(min_length=1, max_length=128, description="the rule as its events say in AggregationRuleName")
    filter: WhenEarly | None = Field(default=None, description="events for which it does not hold go to the next rule")

    identical: Names = Field(default=(), description="fields whose values events of one group share")
    identical_where_known: Names = Field(
        default=(), description="the same of fields that not every event has; the first that both have decides"
    )
    by_source: bool = Field(default=False, description="true: a group of its own on each source")

    sum: Names = Field(default=(), description="fields that are summed: numbers, texts, lists")
    separator: str = Field(default=",", max_length=64, description="between the texts of a sum")
    order: Name | None = Field(default=None, description="a field by which the pieces of a sum are ordered")
    unique: Names = Field(default=(), description="fields of which each value is kept once, in a list")
    carry: Literal["none", "first", "last"] = Field(
        default="none", description="what becomes of fields that the rule does not name"
    )
    first: Names = Field(default=(), description="fields that are taken from the first event of a group")
    last: Names = Field(default=(), description="fields that are taken from the last event of a group")
    fill: dict[Name, Names] = Field(
        default_factory=dict, description="a field that the aggregated event lacks, and what it is filled from"
    )
    max_length: dict[Name, Some] = Field(
        default_factory=dict, description="a field of `sum`, and the characters that its text may have"
    )
    overflow: Literal["truncate", "spill", "split"] = Field(
        default="truncate", description="what becomes of a text that is longer"
    )
    identity: Names = Field(default=(), description="fields of the aggregated event that its ID is made of")

    threshold: Some | None = Field(default=100, description="events, at which the group leaves; null is no bound")
    lifetime_seconds: Seconds | None = Field(
        default=60.0, description="seconds from the first event, after which the group leaves; null is no bound"
    )
    complete_when: WhenEarly | None = Field(default=None, description="an event for which it holds ends its group")
    ends: tuple[EndOfGroup, ...] = Field(default=(), description="several such conditions, each with a name")
    timeout_seconds: Seconds | None = Field(
        default=None, description="seconds of silence, after which the group leaves; null is no bound"
    )
    distance_lines: Count = Field(
        default=0, description="the same in lines of the source, for input without a clock; 0 is no bound"
    )
    linger_seconds: Seconds = Field(default=0.0, description="seconds that a group which ended waits for stragglers")

    repeats: Names = Field(default=(), description="an event with the same values of all of these is a duplicate")
    repeats_in_place: WhenEarly | None = Field(
        default=None, description="where it holds the event in front must be the same, too"
    )
    late: Literal["amend", "drop"] = Field(
        default="amend", description="what an event makes whose group is closed and remembered"
    )
    remember_events: Count = Field(default=0, description="closed groups that are remembered")

    max_line_bytes: Some = Field(default=Limits().max_line_bytes, description="bytes; a longer line is rejected")
    max_event_bytes: Count = Field(default=Limits().max_event_bytes, description="bytes of one group")
    max_event_records: Count = Field(default=Limits().max_event_records, description="events of one group")
    max_source_events: Count = Field(default=Limits().max_source_events, description="open groups of one source")
    max_source_bytes: Count = Field(default=Limits().max_source_bytes, description="bytes held for one source")
    max_open_events: Count = Field(default=Limits().max_open_events, description="open groups of all sources")
    max_open_bytes: Count = Field(default=Limits().max_open_bytes, description="bytes held in all")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if found := [*self._twice(), *self._own(), *self._bounds(), *self._ends()]:
            raise faults(found)
        return self

    def _twice(self) -> Iterator[tuple[Loc, str]]:
        """A field has one way into the aggregated event."""
        seen: dict[str, str] = {}
        for parameter in ("identical", "sum", "unique", "first", "last"):
            for at, name in enumerate(getattr(self, parameter)):
                if name in seen:
                    yield (parameter, at), f"'{name}' stands in '{seen[name]}' too; leave one out"
                seen.setdefault(name, parameter)

    def _own(self) -> Iterator[tuple[Loc, str]]:
        for parameter in ("sum", "unique", "first", "last"):
            for at, name in enumerate(getattr(self, parameter)):
                if name in OWN or name in TIMES:
                    yield (parameter, at), f"'{name}' is what the rule writes itself; leave it out"
        for at, name in enumerate(self.identical):
            if name in OWN:
                yield ("identical", at), f"'{name}' is what the rule writes itself; leave it out"

    def _bounds(self) -> Iterator[tuple[Loc, str]]:
        for name in self.max_length:
            if name not in self.sum:
                yield ("max_length", name), f"'{name}' is not in 'sum'; only what is summed grows"
            elif self.overflow == "spill" and name.startswith("Extra."):
                yield ("max_length", name), "it is in Extra already; choose 'truncate' or 'split'"

    def _ends(self) -> Iterator[tuple[Loc, str]]:
        if self.complete_when and self.ends:
            yield ("complete_when",), "there are 'ends' too; make it one of them"
        names = [end.name for end in self.ends]
        for at, name in enumerate(names):
            if name in names[:at]:
                yield ("ends", at, "name"), f"'{name}' is the name of another end too; choose another"

    def rule(self, fields: Fields, tables: Tables | None = None) -> Rule:
        """What runs; its conditions read `fields.values(event)`.  Raises ConfigError for a dictionary that is missing.

        `tables` has the dictionaries by name.
        """
        same = {name: getattr(self, name) for name in _SAME}
        in_place = self.repeats_in_place
        return Rule(
            filter=compile_condition(self.filter.tree(), fields.index, tables) if self.filter else None,
            ends=tuple(self._compiled_ends(fields, tables)),
            repeats_in_place=compile_condition(in_place.tree(), fields.index, tables) if in_place else None,
            **same,
        )

    def _compiled_ends(self, fields: Fields, tables: Tables | None) -> Iterator[End]:
        if self.complete_when:
            yield End(compile_condition(self.complete_when.tree(), fields.index, tables), COMPLETE)
        for end in self.ends:
            when = compile_condition(end.when.tree(), fields.index, tables)
            yield End(when, end.name, end.included, end.first, end.linger)


#: parameters that a rule runs with as they stand
_COMPILED: Final = {"filter", "ends", "repeats_in_place"}
_SAME: Final = [name for name in Rule.__dataclass_fields__ if name not in _COMPILED]
#: of a rule that the kernel does: what may be anything, and what is shown in words
_ANY: Final = {"kind", "id", "description", "name", *Limits._fields}
_WORDS: Final = {"filter", "complete_when", "ends", "repeats_in_place"}


def aggregator(rules: Sequence[AggregationRule], tables: Tables | None = None) -> Aggregator:
    """The rules at work, in their order; `tables` has the dictionaries of their conditions."""
    fields = Fields()
    made = [rule.rule(fields, tables) for rule in rules]
    return Aggregator(made, fields.values if fields.names else None)


def kernel_limits(rule: AggregationRule) -> Limits | list[str]:
    """The bounds for the kernel's join, if it does what the rule says; else the reasons why not."""
    own = _join()
    reasons = []
    for name in AggregationRule.model_fields:
        value, right = getattr(rule, name), getattr(own, name)
        if name not in _ANY and value != right:
            reasons.append(
                f"{name} is another" if name in _WORDS else f"{name} is {value!r}, and the kernel joins with {right!r}"
            )
    if rule.timeout_seconds is None:
        reasons.append("timeout_seconds is None, and the kernel needs one")
    if reasons:
        return reasons
    bounds: dict[str, Any] = {name: getattr(rule, name) for name in Limits._fields}
    return Limits(**bounds)


@cache
def _join() -> AggregationRule:
    """A rule that is what the kernel does."""
    head = {"kind": "aggregation", "id": "audit", "description": "the kernel's join", "name": "audit"}
    return AggregationRule.model_validate(head | resources.JOIN)
