"""Flat events in, lines out: in their own words, or held against KUMA's fields.

A flat event is a dict of names that a normalizer wrote: text, numbers, lists of text, and `Extra` with more text.  The
other schemas are mappings of decoded events of audit, so there is nothing in them for it.
"""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

import orjson

from stitcher.event import time_of, time_text
from stitcher.schemas._convert import OF_TYPE, number, text, texts
from stitcher.schemas._fields import FieldTable, FieldType, shipped_table
from stitcher.schemas._fit import COUNTERS, Misfit, fit, settled
from stitcher.schemas._lines import cef_bar, cef_pairs, read_cef_keys
from stitcher.schemas._schema import SHIPPED
from stitcher.schemas._syslog import syslog_header

Event = dict[str, Any]

#: the schemas of flat events: their own words, and KUMA's fields
OWN: Final = "audit"
KUMA: Final = "kuma"
#: MSGID of what is in its own words, and so no decoded event
_MSGID: Final = {OWN: "flat", KUMA: KUMA}
_LINE: Final = orjson.OPT_APPEND_NEWLINE
#: of a text that has no size
_ENDLESS: Final = 1 << 62


class FlatFault(NamedTuple):
    """What is wrong with the words of a destination: the key that says it, what it is, and a way out."""

    key: str
    what: str
    way_out: str
    #: decoded events could be written so
    decoded: bool = False


def flat_fault(schema: str, form: str) -> FlatFault | None:
    """Why flat events cannot be written so; None where they can."""
    if schema not in (OWN, KUMA):
        if schema not in SHIPPED and not schema.endswith((".yaml", ".yml")):
            close = get_close_matches(schema, (OWN, *SHIPPED), 1)
            return FlatFault("schema", f"no schema '{schema}'", f"did you mean '{close[0]}'?" if close else _WORDS)
        return FlatFault("schema", f"schema '{schema}' is made of decoded events of audit", _WORDS, True)
    if form == "csv":
        what = "format 'csv' has the columns of a mapping, and flat events have any"
        return FlatFault("format", what, "take 'json' or 'cef'", True)
    if form == "text" and schema != OWN:
        return FlatFault("format", "format 'text' is for events in their own words", "leave 'schema' out")
    return None


_WORDS: Final = f"take '{OWN}' or '{KUMA}'"


class FlatSchema:
    """Writes flat events; for `text` there is stitcher.text."""

    def __init__(self, schema: str, form: str) -> None:
        """Of what `flat_fault` has nothing against."""
        self._counts = dict.fromkeys(COUNTERS, 0)
        # what is written as CEF is of KUMA, also where no schema is named
        held = schema == KUMA or form == "cef"
        self._fitted = _Fitter(shipped_table("fields-kuma.yaml"), self._note) if held else None
        self._line = _FORMS[form](_MSGID[schema])

    def lines(self, events: Sequence[Event]) -> bytes:
        """A line for each event, LF behind it; the events stay as they are."""
        if self._fitted is not None:
            return b"".join(map(self._line, map(self._fitted, events)))
        return b"".join(map(self._line, events))

    def counts(self) -> dict[str, int]:
        """What did not fit its field so far."""
        return dict(self._counts)

    def _note(self, misfits: Iterable[Misfit]) -> None:
        for misfit in misfits:
            self._counts["overlong" if misfit.size else "unfit"] += 1


class _Field(NamedTuple):
    name: str
    type: FieldType


class _Fitter:
    """An event in, one that holds nothing but fields of a table out."""

    def __init__(self, table: FieldTable, note: Callable[[Iterable[Misfit]], None]) -> None:
        self._table = table
        self._note = note
        plain = {name: kind for name, kind in table.types.items() if not kind.listed}
        self._sizes = {name: kind.size or _ENDLESS for name, kind in plain.items() if kind.type == "text"}
        self._numbers = {name for name, kind in plain.items() if kind.type == "number"}

    def __call__(self, event: Event) -> Event:
        """A copy.  Most values are of their type, and short."""
        odd = []
        for name, value in event.items():
            kind = type(value)
            if kind is str:
                if len(value) <= self._sizes.get(name, -1):
                    continue
            elif kind is int and name in self._numbers and number(value) is not None:
                continue
            odd.append(name)
        made = event.copy()
        if odd:
            self._settle(made, odd)
        return made

    def _settle(self, made: Event, odd: list[str]) -> None:
        misfits: list[Misfit] = []
        extra = _extra(made.get(self._table.extra))
        for name in odd:
            if name == self._table.extra:
                continue
            value = made[name]
            kind = self._table.type_of(name)
            if kind is None:
                del made[name]
                _add(extra, name, text(value))
            elif (found := _fitted(_Field(name, kind), value, misfits)) is not None:
                made[name] = found
            else:
                del made[name]
        if misfits:
            self._note(misfits)
            rests = settled(misfits, self._table)
            long = f"{extra.get('overlong', '')} {rests.pop('overlong', '')}".split()
            for name, rest in rests.items():
                _add(extra, name, rest)
            if long:
                extra["overlong"] = " ".join(dict.fromkeys(long))
        if extra:
            made[self._table.extra] = extra
        else:
            made.pop(self._table.extra, None)


def _fitted(field: _Field, value: Any, misfits: list[Misfit]) -> Any:
    kind, _, listed = field.type
    if not listed or value is None:
        return fit(field, value, misfits.append)
    made = [OF_TYPE[kind](part) for part in (value if isinstance(value, list) else [value])]
    if None not in made:
        return made
    misfits.append(Misfit(field.name, text(value) or "", 0))
    return None


def _extra(value: Any) -> dict[str, str]:
    """What an event has in Extra, a copy; what is no mapping stands there by itself."""
    found = texts(value)
    if found is None:
        return {} if value is None else {"Extra": text(value) or ""}
    return dict(found)


def _add(extra: dict[str, str], name: str, value: str | None) -> None:
    """Nothing takes the place of what is there: the name gets a _, unless that begins with the same text already."""
    if value is None:
        return
    while name in extra:
        if extra[name].startswith(value):
            return
        name += "_"
    extra[name] = value


def _json(event: Event) -> bytes:
    return orjson.dumps(event, option=_LINE)


class _Syslog:
    """The JSON behind a header of RFC 5424."""

    def __init__(self, msgid: str) -> None:
        self._msgid = msgid

    def __call__(self, event: Event) -> bytes:
        when, node = time_of(event), event.get("DeviceHostName")
        stamp = "-" if when is None else time_text(when)
        header = syslog_header(stamp, node if isinstance(node, str) else None, self._msgid)
        return header.encode() + _json(event)


class _Cef:
    """Fields of the header between bars, the others as pairs, those of Extra as ad.NAME."""

    def __init__(self, _: str) -> None:
        self._header, self._keys = read_cef_keys()
        self._between = frozenset((*self._header, "Extra"))

    def __call__(self, event: Event) -> bytes:
        bars = [cef_bar([((name,), event[name])]) if name in event else "" for name in self._header]
        fields: list[tuple[Sequence[str], Any]] = [
            ((name,), value) for name, value in event.items() if name not in self._between
        ]
        fields += [(("Extra", name), value) for name, value in event.get("Extra", {}).items()]
        return f"CEF:0|{'|'.join(bars)}|{cef_pairs(fields, self._keys)[1:]}\n".encode()


#: how a line is made, from the MSGID
_FORMS: Final[dict[str, Callable[[str], Callable[[Event], bytes]]]] = {
    "json": lambda _: _json,
    "syslog": _Syslog,
    "cef": _Cef,
}
