"""The model of a pipeline in, its plan out; every fault that only the whole can show is said."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stitcher.address import Address
from stitcher.collector import model as models
from stitcher.collector._library import Library
from stitcher.collector._words import check_words
from stitcher.collector.model import Pipeline
from stitcher.config import Faults, Read, unknown
from stitcher.config.aggregation import AggregationRule, kernel_limits
from stitcher.config.condition import When
from stitcher.config.trees import build
from stitcher.connectors._place import Place, place_of
from stitcher.core.conditions import Fields, Group, Tree, names_of
from stitcher.destinations import stores
from stitcher.enrichments import AnyEnrichment
from stitcher.errors import ConfigError
from stitcher.event import OWN_KEYS, Limits
from stitcher.pipeline import Enrichment, Filter, Outlet, Plan
from stitcher.pipeline._plan import AUDIT
from stitcher.pipeline._reads import Reads
from stitcher.yamlfile import Document

_PATHS: Final = "it has Type, summary.KEY, and the paths of docs/event.md, such as records.SYSCALL.fields.uid"
#: lists whose entries have names of their own
NAMED: Final = ("destinations", "filters")
_RECORDS: Final = "records."
#: where the shipped normalizer of audit puts the time and the serial of a record
_ID: Final = "ExternalID"
#: what no enrichment may write
_SERVICE: Final = frozenset(("Type", "Hops", "ID", "BaseEventCount", "AggregationRuleName", "Extra"))
#: the keys of dictionaries by name
Keys = Mapping[str, tuple[str, ...]]
#: operators that ask a dictionary
_ASKING: Final = ("inDictionary", "inTable")
_CALLED: Final = {"normalizer": "normalizer", "aggregation": "aggregation rule"}
_WILDCARDS: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


class Loaded(NamedTuple):
    """A pipeline that can run; `notes` say which road its lines take, and why."""

    plan: Plan
    places: tuple[Place, ...]
    notes: tuple[str, ...]
    read: Read


def build_pipeline(read: Read, library: Library, faults: Faults) -> Loaded | None:
    """None where something is wrong, which is then in `faults`."""
    return _Builder(read, library, faults).build()


class _Builder:
    """Builds one pipeline."""

    def __init__(self, read: Read, library: Library, faults: Faults) -> None:
        assert isinstance(read.model, Pipeline)
        self._read = read
        self._model = read.model
        self._library = library
        self._faults = faults
        self._before = len(faults.found)
        self._notes: list[str] = []

    def build(self) -> Loaded | None:
        places = tuple(place_of(one.source) for one in self._model.connectors)
        self._check_places(places)
        normalizer, rules = self._resources()
        # a normalizer that is missing or faulty is a fault already
        audit = normalizer is None or _reads_audit(normalizer)
        self._check_destinations(places)
        check_words(self._model, audit, self._fault)
        self._check_dictionaries()
        self._check_names(audit and normalizer is not None)
        if (audit and normalizer is not None) or self._is_lost():
            self._check_fields()
        if len(self._faults.found) > self._before or normalizer is None:
            return None
        plan = self._plan(normalizer, rules)
        return Loaded(plan, places, tuple(self._notes), self._read) if plan else None

    def _plan(self, normalizer: Read, rules: list[AggregationRule]) -> Plan | None:
        model = self._model
        tables = {name: tuple(keys) for name, keys in model.dictionaries.items()}
        filters: dict[str, tuple[Filter, ...]] = {
            on: tuple(_filter(one, tables) for one in model.filters if one.on == on) for on in ("originals", "events")
        }
        plan = Plan(
            name=model.id,
            loop=model.loop == "memory",
            originals=filters["originals"],
            filters=filters["events"],
            enrichments=tuple(_enrichment(one, tables) for one in model.enrichments),
            keep_raw=model.keep_raw,
            summarize=model.summarize,
            outlets=tuple(_outlet(one, tables) for one in model.destinations),
        )
        limits = self._kernel(normalizer, rules)
        if limits is not None:
            return plan._replace(limits=limits, aggregation=rules[0].name)
        tree = build(normalizer, lambda name: self._library.find("normalizer", name, self._faults), self._faults)
        if tree is None:
            return None
        fields = Fields()
        try:
            made = tuple(rule.rule(fields, {name: frozenset(keys) for name, keys in tables.items()}) for rule in rules)
        except ConfigError as cause:
            self._fault(("aggregation",), str(cause))
            return None
        return plan._replace(
            normalizer=tree, rules=made, rule_fields=fields, decodes=_reads_audit(normalizer), limits=_line_limit(rules)
        )

    def _kernel(self, normalizer: Read, rules: list[AggregationRule]) -> Limits | None:
        """The bounds of the kernel's join, if it does what was asked for."""
        reasons = []
        if normalizer.model.id != AUDIT or not _is_shipped_audit(normalizer, self._library):
            reasons.append(f"lines are read by the normalizer '{normalizer.model.id}'")
        if any(one.on == "originals" for one in self._model.filters):
            reasons.append("a filter looks at originals")
        if len(rules) != 1:
            reasons.append(f"it has {len(rules)} aggregation rules")
        else:
            limits = kernel_limits(rules[0])
            if isinstance(limits, Limits) and not reasons:
                self._notes.append(f"rule '{rules[0].id}' is what the kernel's join does: the kernel joins")
                return limits
            # of another source nobody expects what the kernel joins by
            reasons += limits if isinstance(limits, list) and normalizer.model.id == AUDIT else []
        self._notes.append(f"lines take the general road: {'; '.join(reasons)}")
        return None

    def _check_places(self, places: tuple[Place, ...]) -> None:
        if len({place.listens for place in places}) > 1:
            what = "connectors that listen and such as end (stdin, file) do not go together; make two pipelines"
            self._fault(("connectors",), what)

    def _resources(self) -> tuple[Read | None, list[AggregationRule]]:
        """The normalizer and the rules that the pipeline names."""
        check_references(self._read.document, self._library, self._faults)
        normalizer = self._library.find("normalizer", self._model.normalizer, self._faults)
        found = [self._library.find("aggregation", name, self._faults) for name in self._model.aggregation]
        rules = [one.model for one in found if one and isinstance(one.model, AggregationRule)]
        if self._model.normalizer == AUDIT:
            for rule in rules:
                if _ID not in rule.identical:
                    what = f"rule '{rule.id}' joins records of several ids to one; put {_ID} into 'identical'"
                    self._fault(("aggregation",), what)
        return normalizer, rules

    def _check_destinations(self, places: tuple[Place, ...]) -> None:
        for at, one in enumerate(self._model.destinations):
            loc = ("destinations", at)
            self._check_loop(one.to, one.loop, places, loc)
            if stores(one.to) and (one.words != AUDIT or one.form != "json"):
                what = f"{one.to} stores events in their own words as JSON; leave 'schema' and 'format' out"
                self._fault((*loc, "to"), what)

    def _check_loop(self, to: str, loop: bool, places: tuple[Place, ...], loc: tuple[str | int, ...]) -> None:
        """What leads back here says so, and what says so leads back here."""
        back = to.startswith("tcp://") and any(place.kind == "tcp" and _leads(to, place.address) for place in places)
        if any(_feeds(to, place) for place in places):
            self._fault((*loc, "to"), f"{to} is what a connector of this pipeline reads; write elsewhere")
        if loop and not back:
            self._fault(
                (*loc, "loop"), f"{to} is no tcp connector of this pipeline; send to one of its own, or remove it"
            )
        if loop and self._model.loop == "memory":
            self._fault(
                (*loc, "loop"), "events go round in memory already; say 'loop: none' for the pipeline, or remove it"
            )
        if back and not loop:
            self._fault((*loc, "to"), f"{to} is a connector of this pipeline: say 'loop: true', or send elsewhere")

    def _check_names(self, audit: bool) -> None:
        for key in NAMED:
            names = [one.name for one in getattr(self._model, key)]
            for at, name in enumerate(names):
                if name in names[:at]:
                    self._fault((key, at, "name"), name_taken(name))
        for at, enrichment in enumerate(self._model.enrichments):
            if enrichment.target in _SERVICE:
                what = f"'{enrichment.target}' is what the collector writes itself; choose another field"
                self._fault(("enrichments", at, "target"), what)
            elif audit and enrichment.target.partition(".")[0] in OWN_KEYS:
                self._fault(
                    ("enrichments", at, "target"),
                    f"'{enrichment.target}' is what a decoded event has of its own; choose another name",
                )

    def _is_lost(self) -> bool:
        """Of a normalizer that is nowhere the name is the slip, most likely: audit was meant."""
        return ("normalizer", self._model.normalizer) not in self._library.entries

    def _check_dictionaries(self) -> None:
        for loc, tree, _ in _conditions(self._model):
            for name in _dictionaries(tree):
                if name not in self._model.dictionaries:
                    self._fault(loc, unknown("dictionary", name, self._model.dictionaries))

    def _check_fields(self) -> None:
        """Fields of decoded events are known; a name that none has is a slip."""
        if self._model.loop != "memory" or not self._model.aggregation:
            return
        lost = self._is_lost()
        reads = Reads(one.target for one in self._model.enrichments)
        for loc, tree, behind in _conditions(self._model):
            for name in names_of(tree) if behind else ():
                reads.index(name)
                if name in reads.unknown and (not lost or name.startswith(_RECORDS)):
                    self._fault(loc, f"no field '{name}' in a decoded event; {_PATHS}")

    def _fault(self, loc: tuple[str | int, ...], message: str) -> None:
        self._faults.add(self._read.document, loc, message)


def name_taken(name: str) -> str:
    """What is wrong with a name that is there twice."""
    return f"'{name}' is the name of another one too; choose a name of its own"


def check_references(document: Document, library: Library, faults: Faults) -> None:
    """What a document names must be there, whatever else is wrong with it."""
    values = document.values
    if not isinstance(values, dict) or values.get("kind") != "pipeline":
        return
    asked: list[tuple[str, object, tuple[str | int, ...]]] = [("normalizer", values.get("normalizer"), ("normalizer",))]
    rules = values.get("aggregation")
    asked += [
        ("aggregation", name, ("aggregation", at)) for at, name in enumerate(rules if isinstance(rules, list) else ())
    ]
    for kind, name, loc in asked:
        if isinstance(name, str) and (kind, name) not in library.entries:
            faults.add(document, loc, unknown(_CALLED[kind], name, library.ids(kind)))


def _outlet(one: models.Destination, tables: Keys) -> Outlet:
    return Outlet(one.name, one.to, _tree(one.when, tables), one.words, one.form, one.loop)


def _enrichment(one: AnyEnrichment, tables: Keys) -> Enrichment:
    return Enrichment(one.name or one.target, one.target, one.reads, one.fill, _tree(one.when, tables))


def _filter(one: models.Filter, tables: Keys) -> Filter:
    condition = _tree(one.keep if one.keep is not None else one.drop, tables)
    assert condition is not None
    return Filter(one.name, one.keep is not None, condition)


def _tree(when: When | None, tables: Keys) -> Tree | None:
    """A condition; one that asks a dictionary asks for its keys, so whoever compiles it needs no dictionary."""
    return None if when is None else _asking_keys(when.tree(), tables)


def _asking_keys(tree: Tree, tables: Keys) -> Tree:
    if isinstance(tree, Group):
        return Group(tree.kind, tuple(_asking_keys(part, tables) for part in tree.parts))
    if tree.op not in _ASKING:
        return tree
    return tree._replace(op="in", values=tuple(key for name in tree.values for key in tables[str(name)]))


def _dictionaries(tree: Tree) -> list[str]:
    """The dictionaries that a condition asks."""
    if isinstance(tree, Group):
        return [name for part in tree.parts for name in _dictionaries(part)]
    return [str(name) for name in tree.values] if tree.op in _ASKING else []


def _conditions(pipeline: Pipeline) -> list[tuple[tuple[str | int, ...], Tree, bool]]:
    """Every condition, where it stands, and whether it is about what left the aggregation."""
    found: list[tuple[tuple[str | int, ...], Tree, bool]] = []
    for at, one in enumerate(pipeline.filters):
        key, condition = ("keep", one.keep) if one.keep is not None else ("drop", one.drop)
        if condition is not None:
            found.append((("filters", at, key), condition.tree(), one.on == "events"))
    whens = {"enrichments": [one.when for one in pipeline.enrichments]}
    whens["destinations"] = [one.when for one in pipeline.destinations]
    for key, conditions in whens.items():
        found += [((key, at, "when"), when.tree(), True) for at, when in enumerate(conditions) if when is not None]
    return found


def _feeds(to: str, place: Place) -> bool:
    """What is written there would be read again, for ever."""
    kind, _, rest = to.partition(":")
    if kind != place.kind or kind not in ("file", "udp"):
        return False
    if kind == "udp":
        return _leads(to, place.address)
    return Path(rest.partition("?")[0]).resolve() == Path(place.path).resolve()


def _leads(to: str, own: Address) -> bool:
    host, _, port = to.partition("://")[2].partition("?")[0].rpartition(":")
    host = host.strip("[]")
    same = host == own.host or (own.host in _WILDCARDS and host in _LOCAL) or {host, own.host} <= {*_LOCAL}
    return port == str(own.port) and same


def _reads_audit(normalizer: Read) -> bool:
    parse = getattr(normalizer.model, "parse", None)
    return getattr(parse, "type", None) == AUDIT


def _is_shipped_audit(normalizer: Read, library: Library) -> bool:
    return library.entries["normalizer", AUDIT].origin.startswith("shipped") and normalizer.model.id == AUDIT


def _line_limit(rules: list[AggregationRule]) -> Limits:
    """The longest line that any rule lets in."""
    return Limits(max_line_bytes=max((rule.max_line_bytes for rule in rules), default=Limits().max_line_bytes))
