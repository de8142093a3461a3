"""`stitcher search`: conditions in, the stored events that they hold for out."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from stitcher.cli.talk import say

if TYPE_CHECKING:
    from stitcher.storage.query import Search
    from stitcher.storage.reader import Reader

#: lines of JSON that are written at once, and rows of a table that share their widths
_TOGETHER: Final = 1000

Command = Callable[..., Any]
Row = tuple[str, str, str, str]

_HEADLINE: Final[Row] = ("time", "node", "id", "what happened")


def _time(ctx: click.Context, option: click.Parameter, value: str | None) -> int | None:
    from stitcher.storage.times import parse_time

    try:
        return None if value is None else parse_time(value, datetime.now(UTC))
    except ValueError as cause:
        raise click.BadParameter(str(cause), ctx, option) from cause


_CONDITIONS: Final = (
    click.option(
        "--start", "--since", "start", metavar="TIME", callback=_time,
        help="Not before this: 1h, 2d (that long ago), 2025-07-01, '2025-07-01 12:00', 12:00, today; UTC.",
    ),
    click.option(
        "--end", "--until", "end", metavar="TIME", callback=_time, help="Before this, written in the same way."
    ),
    click.option("--id", "ids", multiple=True, metavar="ID", help="This id or serial; of a flat event its ID."),
    click.option("--node", "nodes", multiple=True, metavar="NAME", help="From this host."),
    click.option("--type", "types", multiple=True, metavar="TYPE", help="With a record of this type."),
    click.option("--syscall", "syscalls", multiple=True, metavar="CALL", help="This system call, by name or number."),
    click.option("--key", "keys", multiple=True, metavar="KEY", help="With this key of an audit rule."),
    click.option(
        "--user", "users", multiple=True, metavar="USER", help="By this auid or uid: a name, a number, or unset."
    ),
    click.option(
        "--exe", "exes", multiple=True, metavar="PATH",
        help="By this program: a whole path, a pattern ('/usr/*'), or a name without folders.",
    ),
    click.option("--pid", "pids", multiple=True, metavar="PID", help="By this process."),
    click.option("--success", type=click.Choice(["yes", "no"]), help="What was done, or what failed."),
)  # fmt: skip
_SHOWING: Final = (
    click.option(
        "--db", metavar="PATH", help="The database.  [default: $STITCHER_DB, else the one that --to sqlite writes]"
    ),
    click.option(
        "--output", type=click.Choice(["json", "text", "table"]), default="text", show_default=True,
        help="The stored lines, a block of lines for people, or one row an event.",
    ),
    click.option("--newest", is_flag=True, help="The newest first.  [default: the oldest first]"),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N, the first ones.  [default: all]"),
    click.option("--count", is_flag=True, help="Only say how many they are."),
)  # fmt: skip


def _options(command: Command) -> Command:
    for option in reversed((*_CONDITIONS, *_SHOWING)):
        command = option(command)
    return command


@click.command(short_help="Find events in a database.")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@_options
def search(words: tuple[str, ...], **given: Any) -> int:
    """Find events in a database that --to sqlite has written.

    All conditions have to hold; of one that is given several times, one is enough.  Words have to stand anywhere in the
    event, in letters of either case.  Exit code 0: there are such events; 1: there are none; 2: asked wrongly.

    \b
    Example:
      stitcher search --since 1h --type USER_LOGIN --success no
      stitcher search --user mara --exe '/usr/bin/*' --newest --limit 10 --output table passwd
    """
    from stitcher.storage.place import default_path
    from stitcher.storage.query import count, select
    from stitcher.storage.reader import Reader

    wanted = _wanted(words, given)
    path = Path(given["db"]) if given["db"] else default_path(os.environ, os.geteuid())
    try:
        statement = count(wanted, given["limit"]) if given["count"] else None
        lines = select(wanted, given["newest"], given["limit"])
    except ValueError as cause:
        raise click.UsageError(f"--id {cause}") from cause
    with Reader(path) as reader:
        if statement is not None:
            found = reader.count(statement)
            click.echo(str(found))
        else:
            found = _SHOW[given["output"]](reader.search(lines))
            if not found:
                _say_nothing_found(reader, path)
    return 0 if found else 1


def _wanted(words: tuple[str, ...], given: dict[str, Any]) -> "Search":
    from stitcher.kernel._record import text_of
    from stitcher.storage.query import Search

    if None not in (given["start"], given["end"]) and given["start"] >= given["end"]:
        raise click.UsageError("--end is not behind --start, so nothing lies between them; name a later one")
    # what is not UTF-8 is sought as events have it
    conditions = {
        name: tuple(text_of(os.fsencode(value)) for value in given[name])
        for name in ("ids", "nodes", "types", "syscalls", "keys", "users", "exes", "pids")
    }
    return Search(
        start=given["start"],
        end=given["end"],
        success=None if given["success"] is None else given["success"] == "yes",
        words=tuple(text_of(os.fsencode(word)) for word in words),
        **conditions,
    )


def _show_json(lines: Iterable[str]) -> int:
    found = 0
    for some in _by_thousands(lines):
        found += len(some)
        click.echo("\n".join(some).encode())
    return found


def _show_text(lines: Iterable[str]) -> int:
    import orjson

    from stitcher.text import as_block

    found = 0
    for line in lines:
        found += 1
        click.echo(as_block(orjson.loads(line)).encode("utf-8", "backslashreplace"), nl=False)
    return found


def _show_table(lines: Iterable[str]) -> int:
    """Rows under a headline; their widths are settled anew for each thousand, and never shrink."""
    import orjson

    from stitcher.text import told, whence

    draw = _draw if sys.stdout.isatty() else _print
    found, widths = 0, [len(name) for name in _HEADLINE[:-1]]
    for some in _by_thousands(lines):
        rows = [] if found else [_HEADLINE]
        rows += [(*whence(event), told(event)) for event in map(orjson.loads, some)]
        widths = [max(width, *(len(row[at]) for row in rows)) for at, width in enumerate(widths)]
        draw(rows, widths)
        found += len(some)
    return found


def _print(rows: Sequence[Row], widths: Sequence[int]) -> None:
    """For a pipe or a file: one line an event, whatever its length."""
    for row in rows:
        line = "  ".join([*map(str.ljust, row, widths), row[-1]])
        click.echo(line.encode("utf-8", "backslashreplace"))


def _draw(rows: Sequence[Row], widths: Sequence[int]) -> None:
    """For a terminal: what is too long for it goes on under itself."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for width in widths:
        table.add_column(min_width=width, no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row), style="bold" if row is _HEADLINE else "")
    Console(highlight=False).print(table)


_SHOW: Final[dict[str, Callable[[Iterable[str]], int]]] = {
    "json": _show_json,
    "text": _show_text,
    "table": _show_table,
}


def _by_thousands(lines: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(lines)
    while some := list(islice(rest, _TOGETHER)):
        yield some


def _say_nothing_found(reader: "Reader", path: Path) -> None:
    """What there is instead, so that a wrong database or a wrong day is seen."""
    span = reader.span()
    if span.first is None or span.last is None:
        say(f"{path}: no event is stored there")
        return
    events = "its 1 event is" if span.events == 1 else f"its {span.events} events are"
    first, last = (
        datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S") for moment in (span.first, span.last)
    )
    say(f"{path}: no such event; {events} from {first} to {last} UTC")
