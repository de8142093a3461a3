"""A pipeline that cannot be read as a whole in, what is wrong with the rest of it out: all faults in one go.

What the model refuses is left out, an entry of a list or a key, and what stays is looked at as a whole pipeline is.
Nothing is said of what only looks wrong because something was left out.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError

from stitcher.collector._build import NAMED, build_pipeline, check_references, name_taken
from stitcher.collector._library import Library
from stitcher.collector.model import Pipeline
from stitcher.config import Faults, Read
from stitcher.yamlfile import Document

Loc = Sequence[str | int]
#: keys without which there is no pipeline, and what stands in for them
_NEEDED: Final = {"id": "a", "description": "a", "normalizer": ""}
#: what may be wrong only because a key was left out: faults by their place, and by their words
_BY_CONNECTORS: Final = re.compile(r"destinations\.\d+\.(loop|to)")
_BY_ENRICHMENTS: Final = re.compile(r"no field '(?!records\.)")


def check_rest(document: Document, library: Library, faults: Faults) -> None:
    """Add what is wrong with a document beside what its model says; a document that is whole has nothing here."""
    check_references(document, library, faults)
    values = document.values
    if not isinstance(values, dict) or values.get("kind") != "pipeline":
        return
    wrong = _wrong(values)
    if not wrong:
        return
    _check_names(document, faults)
    part = _Part(document, wrong)
    try:
        model = Pipeline.model_validate(part.values)
    except ValidationError:
        return
    found = Faults()
    build_pipeline(Read(model, part), library, found)
    # a key that is written wrongly is left out, too
    left_out = {name for loc in wrong for name in get_close_matches(str(loc[0]), Pipeline.model_fields, 1)}
    for one in found.found:
        if "connectors" in left_out and _BY_CONNECTORS.fullmatch(one.where):
            continue
        if "enrichments" in left_out and _BY_ENRICHMENTS.match(one.message):
            continue
        faults.found.append(one)


def _check_names(document: Document, faults: Faults) -> None:
    """A name that is there twice is, whatever else is wrong with those who have it."""
    for key in NAMED:
        entries = _mapping(document).get(key)
        listed = entries if isinstance(entries, list) else []
        names = [one.get("name") if isinstance(one, dict) else None for one in listed]
        for at, name in enumerate(names):
            if isinstance(name, str) and name in names[:at]:
                faults.add(document, (key, at, "name"), name_taken(name))


def _wrong(values: dict[str, Any]) -> list[Loc]:
    """What has to be left out: a key, or an entry of the list that is under it."""
    try:
        Pipeline.model_validate(values)
    except ValidationError as cause:
        places = [detail["loc"] for detail in cause.errors(include_url=False)]
        lists = {key for key, value in values.items() if isinstance(value, list)}
        return [place[:2] if place[0] in lists and len(place) > 1 else place[:1] for place in places if place]
    return []


class _Part(Document):
    """A document without some of its parts; places are told as they are in the whole."""

    def __init__(self, whole: Document, wrong: Sequence[Loc]) -> None:
        self.path = whole.path
        self._whole = whole
        gone = set(map(tuple, wrong))
        values = {key: value for key, value in _mapping(whole).items() if (key,) not in gone}
        #: key -> the number of each entry that stays
        self._kept = {
            key: [at for at in range(len(value)) if (key, at) not in gone]
            for key, value in values.items()
            if isinstance(value, list)
        }
        for key, kept in self._kept.items():
            values[key] = [values[key][at] for at in kept]
            if not kept:
                del values[key]
        self.values = {**_NEEDED, **values}

    def line_of(self, loc: Loc) -> int:
        """The line in the whole."""
        return self._whole.line_of(self._way(loc))

    def where(self, loc: Loc) -> tuple[str | int, ...]:
        """The way in the whole."""
        return self._whole.where(self._way(loc))

    def existing(self, loc: Loc) -> tuple[str | int, ...]:
        """The way in the whole, as far as it is there."""
        return self._whole.existing(self._way(loc))

    def value_at(self, loc: Loc) -> object:
        """The value in the whole."""
        return self._whole.value_at(self._way(loc))

    def _way(self, loc: Loc) -> tuple[str | int, ...]:
        if len(loc) < 2 or loc[0] not in self._kept or not isinstance(loc[1], int):
            return tuple(loc)
        return loc[0], self._kept[str(loc[0])][loc[1]], *loc[2:]


def _mapping(document: Document) -> dict[str, Any]:
    assert isinstance(document.values, dict)
    return document.values
