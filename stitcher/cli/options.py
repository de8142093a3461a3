"""The options that `filter` and `listen` share, and how their answers change the shipped pipeline."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from stitcher.event import Limits

if TYPE_CHECKING:
    from stitcher.pipeline import Plan

_DEFAULT: Final = Limits()

Command = Callable[..., Any]


_SHARED: Final = (
    click.option(
        "--emit", type=click.Choice(["events", "aggregated"]), default="events", show_default=True,
        help="Decoded events, or the records joined as Type=2 JSON, for another stitcher to decode.",
    ),
    click.option(
        "--schema", metavar="NAME", default="audit", show_default=True,
        help="In whose words events are told: audit, ecs, kuma, ocsf, laurel, or FILE.yaml, a mapping of one's own.",
    ),
    click.option(
        "--format", "form", type=click.Choice(["json", "text", "syslog", "cef", "csv"]), default="json",
        show_default=True,
        help="One JSON line an event, a block of lines for people, JSON behind a header of RFC 5424, CEF, or a table.",
    ),
    click.option(
        "--keep-raw", is_flag=True,
        help="Give each event its records as they came: key raw, in text indented lines.",
    ),
    click.option("--summarize", is_flag=True, help="Say in each event what happened in it: key summary."),
    click.option(
        "--to", metavar="WHERE", default="stdout", show_default=True,
        help="Where events go: stdout, file:PATH (appended), tcp://HOST:PORT, udp://HOST:PORT, sqlite:PATH or "
        "discard; some take options behind a question mark.",
    ),
    click.option(
        "--rejected", metavar="FILE", help="Append the lines that could not be read to FILE.  [default: only count]",
    ),
    click.option("--summary", is_flag=True, help="Say at the end, on stderr, what was read and made."),
    click.option(
        "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", default=_DEFAULT.timeout_seconds,
        show_default=True, help="Silence after which an event without an end mark counts as over; not for files.",
    ),
    click.option(
        "--distance", type=click.IntRange(0), metavar="LINES", default=_DEFAULT.distance_lines, show_default=True,
        help="The same in lines of one source that came since; 0 for no bound.",
    ),
    click.option(
        "--late", type=click.Choice(["amend", "drop"]), default=_DEFAULT.late, show_default=True,
        help="A record whose event is out already: make a second event marked late, or only count it.",
    ),
    click.option(
        "--max-line", type=click.IntRange(64), metavar="BYTES", default=_DEFAULT.max_line_bytes, show_default=True,
        help="A longer line is rejected.",
    ),
    click.option(
        "--max-event", type=click.IntRange(64), metavar="BYTES", default=_DEFAULT.max_event_bytes, show_default=True,
        help="An event that grows larger is given out in parts.",
    ),
    click.option(
        "--max-open-events", type=click.IntRange(1), metavar="N",
        help="Events held open at once; beyond it the longest silent leaves.  "
        f"[default: {_DEFAULT.max_open_events}, {_DEFAULT.max_source_events} from one source]",
    ),
    click.option(
        "--max-open-bytes", type=click.IntRange(1), metavar="BYTES",
        help="Bytes of records held open at once; beyond it the longest silent event leaves.  "
        f"[default: {_DEFAULT.max_open_bytes}, {_DEFAULT.max_source_bytes} from one source]",
    ),
)  # fmt: skip


def output_options(command: Command) -> Command:
    """Give a command the shared options; its function takes them as keywords for `plan_of`."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def plan_of(given: dict[str, Any]) -> "Plan":
    """The shipped pipeline of audit, and in it what the shared options said.

    Raises click.UsageError where two of them do not go together.
    """
    from stitcher.destinations import stores
    from stitcher.pipeline import Outlet, audit_plan

    form, schema = given["form"], given["schema"]
    if given["emit"] == "aggregated" and (form != "json" or schema != "audit"):
        asked = f"--format {form}" if form != "json" else f"--schema {schema}"
        way_out = "leave --emit aggregated out, or use --format json --schema audit"
        raise click.UsageError(f"{asked} shows decoded events; {way_out}")
    if given["summarize"] and given["emit"] == "aggregated":
        raise click.UsageError("--summarize tells decoded events; leave --emit aggregated or --summarize out")
    if stores(given["to"]) and (form != "json" or schema != "audit"):
        raise click.UsageError(f"--to {given['to']} stores events in their own words; leave --schema and --format out")
    if form == "text" and schema != "audit":
        raise click.UsageError(
            f"--format text shows events of the schema audit; leave --schema {schema} out, or use json"
        )
    if given["summarize"] and (schema != "audit" or form in ("cef", "csv")):
        raise click.UsageError("--summarize adds to events of the schema audit; the others are made of it already")
    plan = audit_plan()
    return plan._replace(
        limits=_limits(given, plan.limits),
        loop=given["emit"] == "events",
        keep_raw=given["keep_raw"],
        # the sentence of the text is its summary
        summarize=given["summarize"] and form != "text",
        outlets=(Outlet(to=given["to"], form=form, schema=schema),),
    )


def _limits(given: dict[str, Any], limits: Limits) -> Limits:
    """A bound that was asked for holds for all sources together and for each."""
    events, octets = given["max_open_events"], given["max_open_bytes"]
    return limits._replace(
        timeout_seconds=given["timeout"],
        distance_lines=given["distance"],
        late=given["late"],
        max_line_bytes=given["max_line"],
        max_event_bytes=given["max_event"],
        max_source_events=events or limits.max_source_events,
        max_source_bytes=octets or limits.max_source_bytes,
        max_open_events=events or limits.max_open_events,
        max_open_bytes=octets or limits.max_open_bytes,
    )


def paths_of(files: Sequence[str]) -> list[str]:
    """The paths that were named, stdin where none was."""
    return list(files) or ["-"]
