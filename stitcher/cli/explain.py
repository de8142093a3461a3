"""`stitcher explain`: a line, a file or stdin in, what every room of the house did to it out."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from stitcher.cli.talk import say
from stitcher.errors import ConfigError

if TYPE_CHECKING:
    from stitcher.collector import Loaded
    from stitcher.explain import PipelineStory, Story, Told

T = TypeVar("T")


@click.command(short_help="Tell what was done to a line or an event, and why.")
@click.argument("what", required=False, metavar="[LINE|FILE]")
@click.option("--id", "wanted", metavar="ID", help="The event with this id, or this serial.  [default: the first]")
@click.option("--all", "every", is_flag=True, help="Every event, and every line that is part of none.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each, with nothing cut.")
@click.option("--pipeline", metavar="PIPELINE", help="What this pipeline does to it: a YAML file, or an id.")
def explain(what: str | None, wanted: str | None, every: bool, as_json: bool, pipeline: str | None) -> int:
    """Tell what every room of the house did to a line or an event, and why.

    What is no file is a line.  Of a file or stdin (-) it is the first event, or the one that --id names: its
    envelope, header and key, why it was closed, and for each field how it was decoded, what it means, by which table.

    \b
    Example:
      stitcher explain 'type=CWD msg=audit(1700000000.004:1001): cwd=2F746D702F612062'
      stitcher explain --id 1700000000.004:1001 /var/log/audit/audit.log
      stitcher explain --pipeline pipeline.yaml /var/log/mail.log
    """
    if wanted and every:
        raise click.UsageError("--id names one event and --all wants every one; leave one of them out")
    path = _path(what)
    first = path is not None and not every
    if pipeline is not None:
        shown = _show_pipeline(pipeline, what, path, wanted, first, as_json)
    else:
        shown = _show_audit(what, path, wanted, first, as_json)
    if not shown:
        where = "stdin" if path == "-" else path or "the line"
        say(f"no event {wanted} in {where}" if wanted else f"{where} has no line")
    return 0 if shown else 1


def _show_audit(what: str | None, path: str | None, wanted: str | None, first: bool, as_json: bool) -> int:
    """What `filter` does."""
    from stitcher.event import Limits
    from stitcher.explain import explain as tell
    from stitcher.explain import follow
    from stitcher.parsers import unwrap

    told = follow(_given(what, path, Limits().max_line_bytes), unwrap)
    if wanted:
        told = (one for one in told if _is_named(one.id(), wanted))
    elif first:
        told = _first(told, _is_event)
    return _show((tell(one, unwrap) for one in told), as_json)


def _show_pipeline(
    name: str, what: str | None, path: str | None, wanted: str | None, first: bool, as_json: bool
) -> int:
    """What a pipeline of the user's own does."""
    from stitcher.collector import load_pipeline
    from stitcher.explain import explain_pipeline
    from stitcher.parsers import unwrap

    loaded = load_pipeline(name)
    lines = _given(what, path, loaded.plan.limits.max_line_bytes)
    stories = explain_pipeline(loaded.plan, lines, unwrap, time.time())
    if wanted:
        stories = (one for one in stories if any(_is_named(one_name, wanted) for one_name in _names(one)))
    elif first:
        stories = _first(stories, _has_event)
    return _show(stories, as_json, loaded)


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


def _given(what: str | None, path: str | None, max_line_bytes: int) -> Iterable[bytes]:
    return os.fsencode(what or "").split(b"\n") if path is None else _lines(path, max_line_bytes)


def _lines(path: str, max_line_bytes: int) -> Iterator[bytes]:
    from stitcher.connectors.files import open_chunks
    from stitcher.core.framing import LineFramer

    framer = LineFramer(max_line_bytes)
    for chunk in open_chunks(path):
        for block in framer.push(chunk):
            yield from bytes(block).removesuffix(b"\n").split(b"\n")
    for block in framer.flush():
        yield from bytes(block).removesuffix(b"\n").split(b"\n")


def _is_named(name: str, wanted: str) -> bool:
    """An id, or the serial at its end; late and dropped lines have their event's."""
    return name == wanted or name.endswith(f":{wanted}")


def _names(story: "PipelineStory") -> Iterator[str]:
    """What an event is called by: as decoded, or in its fields."""
    for event in (story.event, story.aggregated):
        for key in ("id", "ID", "ExternalID") if event else ():
            if key in (event or ()):
                yield str((event or {})[key])


def _is_event(one: "Told") -> bool:
    return one.group is not None


def _has_event(one: "PipelineStory") -> bool:
    return one.event is not None and (one.aggregated is not None or bool(one.after))


def _first(told: Iterable[T], is_event: Callable[[T], bool]) -> Iterator[T]:
    """The first event; where there is none, the first line."""
    before: list[T] = []
    for one in told:
        if is_event(one):
            if before:
                lines = "1 line" if len(before) == 1 else f"{len(before)} lines"
                say(f"{lines} in front of it outside of any event; --all explains all")
            yield one
            return
        before.append(one)
    yield from before[:1]


def _show(stories: "Iterable[Story | PipelineStory]", as_json: bool, loaded: "Loaded | None" = None) -> int:
    """Print stories and count them."""
    from stitcher.explain import as_data, as_page

    shown = 0
    for story in stories:
        if as_json:
            data = as_data(story)
            assert isinstance(data, dict)
            text = json.dumps(_head(loaded) | data if loaded else data) + "\n"
        else:
            # a blank line between pages
            text = ("\n" if shown else _road(loaded)) + as_page(story)
        click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
        shown += 1
    return shown


def _head(loaded: "Loaded") -> dict[str, object]:
    return {"pipeline": loaded.plan.name, "road": loaded.notes}


def _road(loaded: "Loaded | None") -> str:
    """Above the first page: which pipeline that is, and which way its lines take."""
    if loaded is None:
        return ""
    return "\n".join([f"pipeline  {loaded.plan.name}", *(f"road      {note}" for note in loaded.notes)]) + "\n\n"
