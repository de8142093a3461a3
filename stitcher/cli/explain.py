"""`stitcher explain`: a line, a file or stdin in, what every room of the house did to it out."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stitcher.cli.talk import say
from stitcher.errors import ConfigError

if TYPE_CHECKING:
    from stitcher.explain import Story, Told


@click.command(short_help="Tell what was done to a line or an event, and why.")
@click.argument("what", required=False, metavar="[LINE|FILE]")
@click.option("--id", "wanted", metavar="ID", help="The event with this id, or this serial.  [default: the first]")
@click.option("--all", "every", is_flag=True, help="Every event, and every line that is part of none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each, with nothing cut.")
def explain(what: str | None, wanted: str | None, every: bool, as_json: bool) -> int:
    """Tell what every room of the house did to a line or an event, and why.

    What is no file is a line.  Of a file or stdin (-) it is the first event, or the one that --id names: its
    envelope, header and key, why it was closed, and for each field how it was decoded, what it means, by which table.

    \b
    Example:
      stitcher explain 'type=CWD msg=audit(1700000000.004:1001): cwd=2F746D702F612062'
      stitcher explain --id 1700000000.004:1001 /var/log/audit/audit.log
    """
    from stitcher.explain import explain as tell
    from stitcher.explain import follow
    from stitcher.parsers import unwrap

    if wanted and every:
        raise click.UsageError("--id names one event and --all wants every one; leave one of them out")
    path = _path(what)
    lines = os.fsencode(what or "").split(b"\n") if path is None else _lines(path)
    told = follow(lines, unwrap)
    if wanted:
        told = _named(told, wanted)
    elif path is not None and not every:
        told = _first(told)
    shown = _show((tell(one, unwrap) for one in told), as_json)
    if not shown:
        where = "stdin" if path == "-" else path or "the line"
        say(f"no event {wanted} in {where}" if wanted else f"{where} has no line")
    return 0 if shown else 1


def _path(what: str | None) -> str | None:
    """The file that is meant, "-" for stdin; None where the argument is a line."""
    if what == "" or (what is None and (sys.stdin is None or sys.stdin.isatty())):
        raise click.UsageError("nothing to explain; name a file, quote a line, or give a pipe on stdin")
    if what is None:
        return "-"
    try:
        if what == "-" or Path(what).exists():
            return what
    except (OSError, ValueError):  # too long for a name, or with a NUL: a line
        return None
    if not any(mark in what for mark in " ={"):
        raise ConfigError(f"{what}: no such file, and not a line either; check the path, or quote the whole line")
    return None


def _lines(path: str) -> Iterator[bytes]:
    from stitcher.connectors.files import open_chunks
    from stitcher.core.framing import LineFramer
    from stitcher.event import Limits

    framer = LineFramer(Limits().max_line_bytes)
    for chunk in open_chunks(path):
        for block in framer.push(chunk):
            yield from bytes(block).removesuffix(b"\n").split(b"\n")
    for block in framer.flush():
        yield from bytes(block).removesuffix(b"\n").split(b"\n")


def _named(told: Iterable["Told"], wanted: str) -> Iterator["Told"]:
    """The events with an id or serial, and the late or dropped lines of it."""
    return (one for one in told if one.id() == wanted or one.id().endswith(f":{wanted}"))


def _first(told: Iterable["Told"]) -> Iterator["Told"]:
    """The first event; where there is none, the first line."""
    before: list[Told] = []
    for one in told:
        if one.group is not None:
            if before:
                lines = "1 line" if len(before) == 1 else f"{len(before)} lines"
                say(f"{lines} in front of it outside of any event; --all explains all")
            yield one
            return
        before.append(one)
    yield from before[:1]


def _show(stories: Iterable["Story"], as_json: bool) -> int:
    """Print stories and count them."""
    from stitcher.explain import as_data, as_page

    shown = 0
    for story in stories:
        text = json.dumps(as_data(story)) if as_json else as_page(story)
        # a blank line between pages
        text = ("\n" if shown and not as_json else "") + text.removesuffix("\n") + "\n"
        click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
        shown += 1
    return shown
