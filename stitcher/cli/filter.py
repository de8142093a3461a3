"""`stitcher filter`: lines in, events out."""

import sys
from typing import Any

import click

from stitcher.cli.options import output_options, paths_of, plan_of
from stitcher.cli.progress import progress_bar
from stitcher.cli.talk import say, summary


@click.command(short_help="Read audit lines from files or stdin and write whole events.")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@output_options
def filter(files: tuple[str, ...], **given: Any) -> int:  # noqa: A001
    """Read audit lines from files or stdin and write whole events.

    Files may be plain, gzip, bzip2, xz or zstd.  Name the pieces of a rotated log oldest first: they are read as one,
    so an event that rotation cut comes out whole.  Without FILE, or with -, stdin is read, and events appear as they
    close.

    \b
    Example:
      stitcher filter audit.log.2.gz audit.log.1 audit.log > events.jsonl
      tail -f audit.log | stitcher filter --format text
    """
    from stitcher.runner.filter import run_filter

    paths = paths_of(files)
    plan = plan_of(given)
    seen = given["to"] == "stdout" and sys.stdout is not None and sys.stdout.isatty()
    with progress_bar(paths, wanted=not seen) as progress:
        result = run_filter(paths, plan, say, given["rejected"], progress)
    if given["summary"]:
        say(summary(result.counts, result.seconds))
    return result.code
