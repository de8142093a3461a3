"""Rules in, JSON objects of many events at once out: a tree of units by the names of the fields.

A part of the tree whose fields are all made together is one piece; where they are not, the pieces are put together
between braces.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from stitcher.schemas._fields import FieldTable
from stitcher.schemas._fit import settled
from stitcher.schemas._rules import Rule
from stitcher.schemas._sources import Columns
from stitcher.schemas._units import Noted, Unit, family

_LINE: Final = orjson.OPT_APPEND_NEWLINE


class Objects:
    """Writes one JSON object for each event."""

    head = ""

    def __init__(self, rules: Sequence[Rule], table: FieldTable) -> None:
        self._table = table
        self._root = _Node("", rules, 0)
        self._extra = table.extra.split(".") if table.extra else []
        kind = table.types.get(table.extra)
        self._named = kind is not None and kind.type == "texts"

    def lines(self, columns: Columns, noted: Noted) -> list[str]:
        """The objects, LF behind each."""
        made = [f"{{{piece[1:]}}}\n" for piece in self._root.inside(columns, noted)]
        for place, misfits in noted.items():
            if self._extra:
                made[place] = self._settle(made[place], settled(misfits, self._table))
        return made

    def _settle(self, line: str, found: dict[str, str]) -> str:
        """The object with what did not fit in it."""
        tree = document = orjson.loads(line)
        *way, last = self._extra
        for key in way:
            tree = tree.setdefault(key, {})
        if self._named:
            tree[last] = {**tree.get(last, {}), **found}
        else:
            tree[last] = [f"{name}={value}" for name, value in found.items()]
        return orjson.dumps(document, option=_LINE).decode()


class _Node:
    """An object of the tree: what of it is made together, and what has to be put together."""

    def __init__(self, name: str, rules: Sequence[Rule], depth: int) -> None:
        self._name = name
        below: dict[str, list[Rule]] = {}
        for rule in rules:
            below.setdefault(rule.name.split(".")[depth], []).append(rule)
        units: dict[frozenset[Any], list[Rule]] = {}
        nodes: list[_Node] = []
        for key, some in below.items():
            families = {family(rule) for rule in some}
            if len(families) == 1:
                units.setdefault(families.pop(), []).extend(some)
            else:
                nodes.append(_Node(key, some, depth + 1))
        self._parts: list[Unit | _Node] = [*(Unit(some, depth, _piece) for some in units.values()), *nodes]

    def inside(self, columns: Columns, noted: Noted) -> list[str]:
        """What stands between the braces, a comma in front; "" where there is nothing."""
        parts = [part.pieces(columns, noted) for part in self._parts]
        return list(map("".join, zip(*parts, strict=True)))

    def pieces(self, columns: Columns, noted: Noted) -> Sequence[str]:
        """The object with its name."""
        front = f',"{self._name}":{{'
        return [f"{front}{inside[1:]}}}" if inside else "" for inside in self.inside(columns, noted)]


def tree_of_names(fields: list[tuple[Sequence[str], Any]]) -> dict[str, Any]:
    """Fields as a tree by the parts of their names."""
    tree: dict[str, Any] = {}
    for (*way, last), value in fields:
        at = tree
        for key in way:
            at = at.setdefault(key, {})
        if last == "*":
            at |= value
        else:
            at[last] = value
    return tree


def _piece(fields: list[tuple[Sequence[str], Any]]) -> str:
    """Fields as the inside of an object, a comma in front."""
    return f",{orjson.dumps(tree_of_names(fields)).decode()[1:-1]}" if fields else ""
