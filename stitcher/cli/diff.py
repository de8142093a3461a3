"""`stitcher diff`: two pipelines and a log in, the events that differ out."""

import json
import time
from typing import TYPE_CHECKING

import click

from stitcher.cli.talk import losses, say

if TYPE_CHECKING:
    from stitcher.explain import Change, Difference
    from stitcher.pipeline import DryRun


@click.command(short_help="Show which events a change of a pipeline changes.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("log", metavar="LOG")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each event that differs.")
@click.option("--exit-code", is_flag=True, help="End with 1 where something differs.")
def diff(old: str, new: str, log: str, as_json: bool, exit_code: bool) -> int:
    """Run two pipelines over a log, open no destination, and show which events differ, and in which fields.

    OLD and NEW are files, or ids of shipped pipelines.  LOG may be compressed, and - is stdin.  Events are matched by
    destination and id; JSON is compared field by field, anything else line by line.

    \b
    Example:
      stitcher diff audit pipeline.yaml /var/log/audit/audit.log
      stitcher diff --exit-code old.yaml new.yaml sample.log && echo no change
    """
    from stitcher.collector import load_pipeline
    from stitcher.connectors.files import open_chunks
    from stitcher.explain import differences
    from stitcher.pipeline import DryRun

    now = time.time()
    both = [DryRun(load_pipeline(name).plan, now) for name in (old, new)]
    for chunk in open_chunks(log):
        for run in both:
            run.feed(chunk)
    for run in both:
        run.finish()
    before, after = (_events(run) for run in both)
    found = list(differences(before, after))
    for one in found:
        click.echo(json.dumps(_as_data(one)) if as_json else _as_text(one))
    kinds = [one.kind for one in found]
    counted = f"{sum(map(len, before.values()))} events before, {sum(map(len, after.values()))} after"
    say(
        f"{counted}; {kinds.count('changed')} changed, {kinds.count('only old')} only in {old}, "
        f"{kinds.count('only new')} only in {new}"
    )
    _say_losses(old, new, *both)
    return int(exit_code and bool(found))


def _events(run: "DryRun") -> dict[str, list[bytes]]:
    """What each destination got; the head of a table is no event."""
    tables = {outlet.name for outlet in run.plan.outlets if outlet.form == "csv"}
    return {name: events[1:] if name in tables else events for name, events in run.events.items()}


def _say_losses(old: str, new: str, before: "DryRun", after: "DryRun") -> None:
    """What came in and did not come out: once, where it is the same on both sides."""
    told = {name: losses(run.corridor.counts()) for name, run in ((old, before), (new, after))}
    if len(set(told.values())) == 1:
        told = {"both": next(iter(told.values()))}
    for name, lost in told.items():
        if lost:
            say(f"{name}: {lost}")


def _as_data(one: "Difference") -> dict[str, object]:
    changes = [change._asdict() for change in one.changes]
    return {"destination": one.outlet, "kind": one.kind, "event": one.name, "changes": changes}


def _as_text(one: "Difference") -> str:
    from stitcher.text import visible

    first, _, more = one.name.partition("\n")
    head = f"{one.kind}: {visible(one.outlet)}: {visible(first)}{' …' if more else ''}"
    return "\n".join([head, *(f"  {visible(change.field)}: {_change(change)}" for change in one.changes)])


def _change(change: "Change") -> str:
    if change.before is None:
        return f"new: {json.dumps(change.after)}"
    if change.after is None:
        return f"gone: {json.dumps(change.before)}"
    return f"{json.dumps(change.before)} -> {json.dumps(change.after)}"
