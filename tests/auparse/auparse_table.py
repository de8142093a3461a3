"""The deliberate differences from auparse: which of them explains a pair, and the table for people."""

import re
from collections import Counter
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from auparse_values import Pair

TABLE: Final = Path(__file__).resolve().parent / "differences.yaml"
PAGE: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "auparse.md"
#: what stands for a value that one side does not have
NOTHING: Final = "∅"
_KEYS: Final = {"what", "theirs", "ours", "why", "group", "apart", "cases"}
_CASE_KEYS: Final = {"at", "kind", "values", "line"}


class Case(NamedTuple):
    """One pattern of a row: where, which kind of pair, and the two values as `THEIRS => OURS`."""

    row: int
    at: tuple[str, ...]
    kinds: frozenset[str]
    values: re.Pattern[str]
    line: re.Pattern[bytes] | None

    @property
    def name(self) -> str:
        return f"{rows()[self.row]['what']} [{' '.join(self.at)}: {self.values.pattern}]"


@cache
def rows() -> list[dict[str, Any]]:
    """The rows of the table, checked."""
    found: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    for row in found:
        assert row.keys() <= _KEYS, row
        assert row.keys() >= {"what", "theirs", "ours", "why", "group", "cases"}, row
        assert all(case.keys() <= _CASE_KEYS for case in row["cases"]), row
    return found


@cache
def cases() -> list[Case]:
    """The patterns of all rows, in their order: the first that fits explains a pair."""
    return [
        Case(
            at,
            tuple(case.get("at", "*").split()),
            frozenset(case.get("kind", "raw meaning").split()),
            re.compile(case["values"], re.DOTALL),
            re.compile(case["line"].encode()) if "line" in case else None,
        )
        for at, row in enumerate(rows())
        for case in row["cases"]
    ]


def explain(pair: Pair, line: bytes) -> Case | None:
    """The case that explains why two values are not one; None where that is a mistake."""
    where = f"{pair.record}.{pair.field}"
    values = " => ".join(NOTHING if value is None else value for value in (pair.theirs, pair.ours))
    for case in cases():
        if (
            pair.kind in case.kinds
            and any(fnmatchcase(where, pattern) for pattern in case.at)
            and case.values.fullmatch(values)
            and (case.line is None or case.line.search(line))
        ):
            return case
    return None


def apart(case: Case) -> bool:
    """Whether a row is counted for itself."""
    return bool(rows()[case.row].get("apart"))


def rendered() -> str:
    """The table for people, a section for each group."""
    lines: list[str] = []
    for group in dict.fromkeys(row["group"] for row in rows()):
        lines += [f"### {group}", "", "| what | auparse | stitcher | why |", "|---|---|---|---|"]
        for row in rows():
            if row["group"] == group:
                cells = [row[key].replace("|", "\\|") for key in ("what", "theirs", "ours", "why")]
                lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def never(hits: Counter[Case]) -> list[str]:
    """Cases that no pair needed."""
    return [case.name for case in cases() if not hits[case]]
