"""Lines in, the story of each event out: what every room of the house did to it, and why.

    for told in follow(lines, unwrap):          which lines became an event together: lap 1
        print(as_page(explain(told, unwrap)))   what happened to them; as_data(story) is the same for programs

    explain_pipeline(plan, lines, unwrap, now)  the same of a pipeline of the user's own: all its rooms

The rooms are those that a line goes through: line, envelope, header, key, end, fields, event.  Each tells facts: what
it found, and by which rule.  The kernel itself is asked for all of them, so a story is what happened and not what
should have happened.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from stitcher.event import Limits
from stitcher.explain._difference import Change, Difference, differences
from stitcher.explain._fields import tell_records
from stitcher.explain._lines import Told, Unwrap, follow
from stitcher.explain._printed import as_page
from stitcher.explain._rooms import tell_line, tell_no_event
from stitcher.explain._story import Fact, PipelineStory, Story, as_data
from stitcher.kernel._render import event_of

if TYPE_CHECKING:
    from stitcher.pipeline import Plan

__all__ = [
    "Change", "Difference", "Fact", "PipelineStory", "Story", "Told", "as_data", "as_page", "differences", "explain",
    "explain_pipeline", "follow",
]  # fmt: skip


def explain(told: Told, unwrap: Unwrap, limits: Limits | None = None) -> Story:
    """The story of one event, or of one line that became none."""
    limits = limits or Limits()
    lines = [tell_line(taken, unwrap, limits) for taken in told.lines]
    if told.group is None:
        return Story(lines, [], [tell_no_event(told.lines[0].outcome)], None)
    event = event_of(told.group)
    return Story(lines, tell_records(told.group.message, event["records"]), _tell_event(told, event, limits), event)


def explain_pipeline(plan: "Plan", lines: Iterable[bytes], unwrap: Unwrap, now: float = 0.0) -> Iterator[PipelineStory]:
    """The stories of what a pipeline makes of these lines, in the order in which events end.

    `now` is the time, seconds since 1970, for lines whose times lack their year.
    """
    from stitcher.explain._pipeline import tell_pipeline

    return tell_pipeline(plan, lines, unwrap, partial(explain, unwrap=unwrap, limits=plan.limits), now)


def _tell_event(told: Told, event: dict[str, Any], limits: Limits) -> list[Fact]:
    assert told.group is not None
    closed_by = event["closed_by"]
    facts = [
        Fact("id", event["id"], event["time"]),
        Fact("node", event.get("node", ""), "" if "node" in event else "nobody said it"),
        Fact("records", str(event["count"]), "lines joined, in order of arrival; EXECVE records are merged to one"),
        Fact("closed by", closed_by, _CLOSED.get(closed_by, "").format(limits.timeout_seconds, limits.distance_lines)),
        Fact("complete", "yes" if event["complete"] else "no", "an end came" if event["complete"] else "no end came"),
    ]
    facts += [Fact("missing", text, _missing_why(text)) for text in event.get("missing", ())]
    if event.get("late"):
        facts.append(Fact("late", "yes", "its records came after the event with this id was closed"))
    dropped = [taken for taken in told.lines if taken.outcome == "duplicates"]
    if dropped:
        facts.append(Fact("dropped", f"{len(dropped)} lines", "the very same records came before"))
    return facts


_CLOSED: Final = {
    "eoe": "an EOE record came",
    "proctitle": "a PROCTITLE record came",
    "single": "a record of its type stands alone",
    "timeout": "no record for {0:g} s, or for {1} lines of a file",
    "limit": "a limit of size or number was reached; see Limits",
    "end": "the input ended before an end mark came",
}


def _missing_why(text: str) -> str:
    if text.startswith("PATH"):
        return "items= says how many PATH records there are: a hint, not proof"
    if text.startswith("argv "):
        return "argc= says how many arguments there are"
    return "aN_len= says how long the argument is, as logged"
