"""A pipeline of the user's own: its connectors in, until they end or a signal comes."""

from collections.abc import Sequence

from stitcher.connectors._place import Place
from stitcher.pipeline import Plan
from stitcher.runner.session import Result, Say


def run_places(places: Sequence[Place], plan: Plan, say: Say, rejected: str | None = None) -> Result:
    """Listen at the places, or read them one behind the other where they have an end; all of one sort."""
    if places[0].listens:
        from stitcher.runner.listen import run_listen

        return run_listen([place.open for place in places], plan, say, rejected)
    from stitcher.runner.filter import run_filter

    return run_filter([place.path for place in places], plan, say, rejected)
