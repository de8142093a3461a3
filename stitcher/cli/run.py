"""`stitcher run`: a pipeline at work."""

import click

from stitcher.cli.talk import losses, say, summary


@click.command(short_help="Run a pipeline: connectors, normalizers, rules, destinations, from a YAML file.")
@click.argument("pipeline", metavar="PIPELINE")
@click.option("--rejected", metavar="FILE", help="Append the lines that could not be read to FILE.")
@click.option("--summary", "wanted", is_flag=True, help="Say at the end, on stderr, what was read and made.")
def run(pipeline: str, rejected: str | None, wanted: bool) -> int:
    """Run the collector that PIPELINE describes: a YAML file, or the id of a shipped pipeline.

    Every fault of the file is said at once, with its line.  SIGTERM ends it: what has arrived at a listener is read,
    and all that is held is written.  What came in and did not come out is said at the end: rejected, dropped by which
    filter, taken by no destination.

    \b
    Example:
      stitcher run pipeline.yaml
      stitcher run audit < /var/log/audit/audit.log
    """
    from stitcher.collector import load_pipeline
    from stitcher.runner.run import run_places

    loaded = load_pipeline(pipeline)
    result = run_places(loaded.places, loaded.plan, say, rejected)
    told = summary(result.counts, result.seconds) if wanted else losses(result.counts)
    if told:
        say(told)
    return result.code
