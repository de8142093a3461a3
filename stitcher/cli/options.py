"""The options that `filter` and `listen` share, and how their answers become runner Options."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from stitcher.event import Limits

if TYPE_CHECKING:
    from stitcher.runner.session import Options

#: names that belong to schemas which other versions write
_OTHER_SCHEMAS: Final = ("laurel", "kuma", "ecs", "ocsf")
_DEFAULT: Final = Limits()

Command = Callable[..., Any]


def _schema(ctx: click.Context, option: click.Parameter, value: str) -> str:
    if value in _OTHER_SCHEMAS:
        raise click.BadParameter(f"this version does not write the schema '{value}'; it writes audit", ctx, option)
    if value != "audit":
        raise click.BadParameter(f"no schema '{value}'; known: audit", ctx, option)
    return value


_SHARED: Final = (
    click.option(
        "--emit", type=click.Choice(["events", "aggregated"]), default="events", show_default=True,
        help="Decoded events, or the records joined as Type=2 JSON, for another stitcher to decode.",
    ),
    click.option(
        "--schema", metavar="[audit]", callback=_schema, default="audit", show_default=True,
        help="Field names of the events.",
    ),
    click.option(
        "--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True,
        help="One JSON line an event, or a block of lines for people.",
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
    """Give a command the shared options; its function takes them as keywords for `options_of`."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def options_of(given: dict[str, Any]) -> "Options":
    """What the shared options said; raises click.UsageError where two of them do not go together."""
    from stitcher.destinations import stores
    from stitcher.runner.session import Options

    if given["form"] == "text" and given["emit"] == "aggregated":
        raise click.UsageError("--format text shows decoded events; leave --emit aggregated out, or use --format json")
    if given["summarize"] and given["emit"] == "aggregated":
        raise click.UsageError("--summarize tells decoded events; leave --emit aggregated or --summarize out")
    if stores(given["to"]) and (given["form"] != "json" or given["emit"] != "events"):
        raise click.UsageError(f"--to {given['to']} stores decoded events; leave --format and --emit out")
    return Options(
        emit=given["emit"],
        form=given["form"],
        to=given["to"],
        rejected=given["rejected"],
        limits=_limits(given),
        keep_raw=given["keep_raw"],
        summarize=given["summarize"],
    )


def _limits(given: dict[str, Any]) -> Limits:
    """A bound that was asked for holds for all sources together and for each."""
    events, octets = given["max_open_events"], given["max_open_bytes"]
    return Limits(
        timeout_seconds=given["timeout"],
        distance_lines=given["distance"],
        late=given["late"],
        max_line_bytes=given["max_line"],
        max_event_bytes=given["max_event"],
        max_source_events=events or _DEFAULT.max_source_events,
        max_source_bytes=octets or _DEFAULT.max_source_bytes,
        max_open_events=events or _DEFAULT.max_open_events,
        max_open_bytes=octets or _DEFAULT.max_open_bytes,
    )


def paths_of(files: Sequence[str]) -> list[str]:
    """The paths that were named, stdin where none was."""
    return list(files) or ["-"]
