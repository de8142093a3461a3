"""What the command line says on stderr, in plain words."""

from collections.abc import Mapping
from typing import Final

import click

#: counters that are named only where they are not zero, and how
_RARE: Final = {
    "late_dropped": "late and dropped",
    "timeout": "timed out",
    "limit": "cut by a limit",
    "overlong": "values cut to their field",
    "unfit": "values that fitted no field",
}
#: the same of events and lines that went nowhere
_NOWHERE: Final = {"unmatched": "taken by no destination"}
#: the same of parts of events
_LESS: Final = {
    "not_parsed": "not read by a normalizer to their end",
    "not_converted": "values not converted",
    "overflow": "sums cut to their length",
}
#: why lines are rejected, as the kernel's join counts it; a normalizer has reasons of its own
_REJECTED: Final = ("not_audit", "bad_header", "bad_json", "too_long", "went_round")
_DROPPED: Final = "dropped by "
_REASON: Final = "rejected: "


def say(line: str) -> None:
    """One line about something the user should know."""
    click.echo(f"stitcher: {line}", err=True)


def summary(counts: Mapping[str, int], seconds: float) -> str:
    """The counters of a run as one line; the rarer ones only where they are not zero."""
    lines, events = counts["lines"], counts["events"]
    rejected = f" ({reasons})" if (reasons := _reasons(counts)) else ""
    parts = [
        f"{_number(lines, 'line')}, {_number(events, 'event')}",
        f"{counts['complete']} complete, {counts['partial']} partial",
        f"{counts['rejected']} rejected{rejected}, {counts['late']} late, {_number(counts['duplicates'], 'duplicate')}",
        ", ".join(_told(counts, _RARE)),
        ", ".join(_dropped(counts)),
        *_told(counts, _NOWHERE),
        *_told(counts, _LESS),
        f"{lines / max(seconds, 1e-6):.0f} lines/s, {seconds:.2f} s",
    ]
    return "; ".join(filter(None, parts))


def losses(counts: Mapping[str, int]) -> str:
    """What came in and did not come out, as one line, by who said so; empty where there is no such thing."""
    parts = []
    if rejected := counts.get("rejected", 0):
        parts.append(f"{_number(rejected, 'line')} rejected ({_reasons(counts) or 'for no reason that was counted'})")
    parts += [*_dropped(counts), *_told(counts, {"late_dropped": _RARE["late_dropped"], **_NOWHERE, **_LESS})]
    return "; ".join(parts)


def _dropped(counts: Mapping[str, int]) -> list[str]:
    """By name; what no filter dropped a rule of the library did."""
    named = {name.removeprefix(_DROPPED): count for name, count in counts.items() if name.startswith(_DROPPED)}
    rest = counts.get("dropped", 0) - sum(named.values())
    found = [f"{count} dropped by '{name}'" for name, count in named.items() if count]
    return [*found, f"{rest} dropped by a rule"] if rest > 0 else found


def _reasons(counts: Mapping[str, int]) -> str:
    """Why lines were rejected, with how many."""
    found = {name: counts[name] for name in _REJECTED if counts.get(name)}
    found |= {name.removeprefix(_REASON): count for name, count in counts.items() if name.startswith(_REASON)}
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)


def _told(counts: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    return [f"{counts[name]} {told}" for name, told in words.items() if counts.get(name)]


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
