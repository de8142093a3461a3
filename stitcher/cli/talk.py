"""What the command line says on stderr, in plain words."""

from collections.abc import Mapping

import click


def say(line: str) -> None:
    """One line about something the user should know."""
    click.echo(f"stitcher: {line}", err=True)


def summary(counts: Mapping[str, int], seconds: float) -> str:
    """The counters of a run as one line; the rarer ones only where they are not zero."""
    lines, events = counts["lines"], counts["events"]
    parts = [
        f"{_number(lines, 'line')}, {_number(events, 'event')}",
        f"{counts['complete']} complete, {counts['partial']} partial",
        f"{counts['rejected']} rejected, {counts['late']} late, {_number(counts['duplicates'], 'duplicate')}",
    ]
    rare = {
        "late_dropped": "late and dropped",
        "dropped": "dropped by a rule",
        "timeout": "timed out",
        "limit": "cut by a limit",
    }
    parts += [", ".join(f"{counts[name]} {words}" for name, words in rare.items() if counts.get(name))]
    parts += [f"{lines / max(seconds, 1e-6):.0f} lines/s, {seconds:.2f} s"]
    return "; ".join(filter(None, parts))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
