"""The name of a schema in, what makes its documents out."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from stitcher.errors import ConfigError
from stitcher.resources import shipped
from stitcher.schemas._fit import COUNTERS
from stitcher.schemas._json import Objects
from stitcher.schemas._laurel import Laurel
from stitcher.schemas._lines import FLAT, Cef, Csv, check_flat
from stitcher.schemas._make import ways_of
from stitcher.schemas._rules import Mapping, Rule, parts_of, read_mapping
from stitcher.schemas._sources import Rows, Sources
from stitcher.schemas._syslog import Syslog
from stitcher.schemas._templates import Templates
from stitcher.schemas._units import Noted
from stitcher.summary import Faults, Folder, summarizer

#: how a document is written; `syslog` is JSON behind a header
FORMS: Final = ("json", "syslog", "cef", "csv")
#: what a header of syslog is made of
_HEADER: Final = ("time", "node")
#: schemas by their file: a mapping, but for laurel's, which has a form of its own
SHIPPED: Final = {
    "ecs": "schema-ecs.yaml",
    "kuma": "schema-kuma.yaml",
    "ocsf": "schema-ocsf.yaml",
    "laurel": "schema-laurel.yaml",
}


class Schema:
    """Makes documents of events; made of a mapping, which is read once."""

    #: nothing but what is asked for is needed of the records as they came
    wants_raw = False

    def __init__(self, path: Folder, form: str = "json") -> None:
        """Raises ConfigError with every fault of the file, or where the form does not suit it."""
        faults = Faults()
        mapping = read_mapping(path, faults)
        faults.end()
        self.name = mapping.schema
        self.version = mapping.table.version
        #: the fields in the order of the mapping
        self.columns = tuple(rule.name for rule in mapping.rules)
        ways = [way for rule in mapping.rules for way in ways_of(rule)]
        self._sources = Sources(summarizer(), [*ways, *_HEADER] if form == "syslog" else ways, mapping.made)
        check_flat(form, self.name, _is_tree(mapping.rules))
        self._form = _form_of(form, self.name, mapping)
        #: what stands above the first line
        self.head = self._form.head
        self._counts = dict.fromkeys(COUNTERS, 0)
        #: the paths of an event that are read, each once
        self.reads = self._sources.reads
        rules = [part for rule in (*mapping.made, *mapping.rules) for part in parts_of(rule)]
        self._templates = Templates(self.reads, rules, summarizer(), self._make, titles=form not in FLAT)

    def lines(self, rows: Rows, raws: Sequence[str | None] | None = None) -> list[str]:
        """A line for each event, from the values of `reads`, and from the records as they came if they are kept."""
        if not rows:
            return []
        return self._make(rows, raws)[0] if raws else self._templates.lines(rows)

    def _make(self, rows: Rows, raws: Sequence[str | None] | None = None) -> tuple[list[str], set[int]]:
        """The lines, and in which of them something did not fit."""
        noted: Noted = {}
        lines = self._form.lines(self._sources.columns(rows, raws), noted)
        for misfits in noted.values():
            for misfit in misfits:
                self._counts["overlong" if misfit.size else "unfit"] += 1
        return lines, {*noted}

    def counts(self) -> dict[str, int]:
        """What did not fit its field so far."""
        return dict(self._counts)


def _is_tree(rules: Sequence[Rule]) -> bool:
    return sum(len(rule.name.split(".")) > 1 for rule in rules) * 2 > len(rules)


def _form_of(form: str, name: str, mapping: Mapping) -> Objects | Syslog | Cef | Csv:
    if form == "syslog":
        return Syslog(name, mapping.rules, mapping.table)
    return FLAT.get(form, Objects)(mapping.rules, mapping.table)


def schema_of(name: str, form: str = "json") -> Schema | Laurel:
    """A shipped schema, or one's own: a path that ends in .yaml.  Raises ConfigError."""
    if form not in FORMS:
        raise ConfigError(f"no format '{form}'; {_hint(form, FORMS)}")
    if form == "cef" and name in ("audit", "ecs", "ocsf", "laurel"):
        if name != "audit":
            raise ConfigError(
                f"cef is written of the fields of kuma, not of '{name}'; leave the schema out, or use json"
            )
        name = "kuma"
    if form == "csv" and name == "audit":
        return Schema(shipped("normalizers") / "schema-csv.yaml", form)
    if name == "laurel":
        check_flat(form, name, is_tree=True)
        return Laurel(form)
    if name in SHIPPED:
        return Schema(shipped("normalizers") / SHIPPED[name], form)
    if name.endswith((".yaml", ".yml")):
        return Schema(Path(name), form)
    known = ", ".join(("audit", *SHIPPED))
    close = get_close_matches(name, ("audit", *SHIPPED), 1)
    guess = f"did you mean '{close[0]}'? " if close else ""
    raise ConfigError(f"no schema '{name}'; {guess}known: {known}, or the path of a mapping, FILE.yaml")


def _hint(word: str, known: Sequence[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(known)}"
