"""A normalizer as YAML has it: a main rule with a parse method and a mapping, and below it a tree of extra rules.

    kind: normalizer
    id: sshd
    description: Logins over SSH
    parse: syslog
    map:
      DeviceHostName: host
      StartTime: {from: time, convert: [time]}
    extra:
      - when: {field: program, op: "=", value: sshd}
        pass: message
        normalizer:
          parse: {type: regexp, patterns: ['Accepted (?P<method>\\S+) for (?P<user>\\S+)']}
          map: {SourceUserName: user}
    examples:
      - line: "<38>Nov 21 10:00:01 web01 sshd[7]: Accepted publickey for anna from 192.0.2.7"
        expected: {DeviceHostName: web01, SourceUserName: anna}

`build` makes the runtime's tree of it, `run_examples` holds the file to its word.  docs/normalizers.md has every key.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import Discriminator, Field, Tag, model_validator

from stitcher.config._conversions import Conversions, Zone
from stitcher.config._faults import unknown
from stitcher.config._mapping import Dictionary, Map, SourceName, check_whole_extra
from stitcher.config._model import Loc, Model, Resource, fault, faults
from stitcher.config._parsing import Parse
from stitcher.config.condition import When
from stitcher.core.conditions import names_of
from stitcher.core.normalizer import KeepRaw

#: what `pass` may say besides a field
RAW: Final = "raw"


def _kind_of(given: Any) -> str:
    return "id" if isinstance(given, str) else "rule"


class Extra(Model):
    """A sub-normalizer, and when it is taken."""

    when: When | None = Field(default=None, description="a condition on source fields; without it, always")
    convert: dict[SourceName, Conversions] = Field(
        default_factory=dict,
        description="source fields that are converted before the condition and the sub-normalizer see them",
    )
    pass_: str | None = Field(
        default=None,
        alias="pass",
        description="what it parses: raw (the line), or a source field; without it, it parses nothing",
    )
    normalizer: Annotated[Annotated[str, Tag("id")] | Annotated["Rule", Tag("rule")], Discriminator(_kind_of)] = Field(
        description="the id of a normalizer, or one that stands here"
    )

    @model_validator(mode="after")
    def _parses_something(self) -> Self:
        if isinstance(self.normalizer, Rule):
            if self.normalizer.parse is not None and self.pass_ is None:
                raise fault("it parses, so say what: 'pass: raw' or 'pass: FIELD'", "normalizer", "parse")
            if self.normalizer.parse is None and self.pass_ is not None:
                raise fault("the sub-normalizer has no 'parse' to read it with", "pass")
        return self


class Rule(Model):
    """One rule of the tree."""

    parse: Parse | None = Field(default=None, description="the parse method, and what it needs")
    timezone: Zone | None = Field(
        default=None, description="the zone of times that name none, UTC if none is given: Europe/Moscow or +03:00"
    )
    map: Map = Field(default_factory=dict, description="field of the event -> how its value is made")
    extra: tuple[Extra, ...] = Field(
        default=(), description="sub-normalizers; the first whose condition holds is taken"
    )


class Example(Model):
    """A line, and what must come out of it."""

    line: str = Field(description="the line")
    now: str | None = Field(
        default=None, description="the time at which it came, ISO 8601; without it 2026-01-01T00:00:00Z"
    )
    expected: dict[str, Any] | None = Field(
        default=None, description="fields of the event and their values; null for a field that must not be there"
    )
    whole: bool = Field(default=False, description="true: the event has no other fields")
    rejected: str | None = Field(default=None, description="the reason why the line cannot be read")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.expected is None) == (self.rejected is None):
            raise fault("an example has either 'expected' or 'rejected'")
        return self


class Normalizer(Resource, Rule):
    """The main rule, and what holds for all."""

    kind: Literal["normalizer"] = Field(description="what this document is")
    keep_raw: KeepRaw = Field(
        default="errors",
        description="the line in the field Raw: never, errors (if something could not be read or converted), always",
    )
    keep_extra: bool = Field(
        default=False, description="true: source fields that the main rule does not map go to Extra"
    )
    dictionaries: dict[str, Dictionary] = Field(
        default_factory=dict, description="name -> what is looked up: key -> value, or key -> row"
    )
    examples: tuple[Example, ...] = Field(default=(), description="lines, and what comes out of them")

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        found = [fault for place in places(self) for fault in (*_targets(place, self), *_sources(place))]
        if found:
            raise faults(found)
        return self


class Place(NamedTuple):
    """A rule of a file, the way to it, and the source fields that it has; none if they depend on the text."""

    loc: Loc
    rule: Rule
    names: tuple[str, ...]


def places(rule: Rule, loc: Loc = (), names: tuple[str, ...] = ()) -> Iterator[Place]:
    """The rule and those below it that stand in the same file."""
    if rule.parse is not None:
        names = rule.parse.names()
    yield Place(loc, rule, names)
    for at, extra in enumerate(rule.extra):
        if isinstance(extra.normalizer, Rule):
            yield from places(extra.normalizer, (*loc, "extra", at, "normalizer"), names)


def _targets(place: Place, file: Normalizer) -> Iterator[tuple[Loc, str]]:
    for target, mapped in place.rule.map.items():
        loc = (*place.loc, "map", target)
        if why := check_whole_extra(target, mapped):
            yield loc, why
        if mapped.dictionary is None:
            continue
        table = file.dictionaries.get(mapped.dictionary)
        if table is None:
            yield (*loc, "dictionary"), unknown("dictionary", mapped.dictionary, file.dictionaries)
            continue
        columns = {column for row in table.values() if isinstance(row, dict) for column in row}
        if mapped.column is None and columns:
            yield (*loc, "dictionary"), f"its values are rows; say which 'column': {', '.join(sorted(columns))}"
        elif mapped.column is not None and mapped.column not in columns:
            yield (*loc, "column"), unknown("column", mapped.column, columns)


def _sources(place: Place) -> Iterator[tuple[Loc, str]]:
    """Names that no text can give a value to."""
    known = set(place.names)
    if not known:
        return
    asked: list[tuple[Loc, str]] = []
    for target, mapped in place.rule.map.items():
        asked += [(("map", target), name) for name in mapped.sources()]
    for at, extra in enumerate(place.rule.extra):
        loc: Loc = ("extra", at)
        asked += [((*loc, "when"), name) for name in (names_of(extra.when.tree()) if extra.when else ())]
        asked += [((*loc, "convert", name), name) for name in extra.convert]
        asked += [((*loc, "pass"), extra.pass_)] if extra.pass_ not in (None, RAW) else []
    for loc, name in asked:
        if not name.startswith("$") and name not in known and name.partition(".")[0] not in known:
            yield (*place.loc, *loc), unknown("source field", name, known)


Extra.model_rebuild()
Rule.model_rebuild()
Normalizer.model_rebuild()
