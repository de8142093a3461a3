"""A pipeline and lines in, the story of each event out: what every room of this pipeline did to it.

The pipeline runs, with destinations that keep nothing, and tells what it does as it does it (stitcher.pipeline.Heard).
Where the kernel joins, its lap is told as without a pipeline, and what follows as everywhere.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from stitcher.event import Group
from stitcher.explain._after import tell_after, tell_aggregated, tell_heard, tell_line
from stitcher.explain._fields import tell_records
from stitcher.explain._lines import Told, Unwrap, follow_through
from stitcher.explain._recorder import LineTale, Recorder, Tale
from stitcher.explain._story import Fact, LineStory, PipelineStory, Story
from stitcher.kernel._record import text_of
from stitcher.kernel._render import event_of
from stitcher.pipeline import DryRun, Plan

#: makes the story of what the kernel's join told
Tell = Callable[[Told], Story]


def tell_pipeline(
    plan: Plan, lines: Iterable[bytes], unwrap: Unwrap, tell: Tell, now: float
) -> Iterator[PipelineStory]:
    """Stories in the order in which events end; lines that became none are between them.

    `tell` makes a story of what the kernel joined; `now` is the time, seconds since 1970, for lines whose times lack
    their year.
    """
    if plan.normalizer is None:
        return _of_kernel(plan, lines, unwrap, tell, now)
    return _of_rules(plan, lines, now)


def _of_kernel(plan: Plan, lines: Iterable[bytes], unwrap: Unwrap, tell: Tell, now: float) -> Iterator[PipelineStory]:
    joining = _Collector(plan, now)
    for told in follow_through(lines, unwrap, joining):
        story = tell(told)
        tale = joining.recorder.take_of(told.group)
        yield PipelineStory(*story, None, tell_after(tale, plan))


class _Collector:
    """The whole pipeline, as something that joins lines (explain._lines.Joining)."""

    def __init__(self, plan: Plan, now: float) -> None:
        self.recorder = _recorder(plan)
        self._run = DryRun(plan, now, self.recorder.hear)

    def feed(self, data: bytes, source: int, now: float) -> Sequence[Group]:
        """The groups that these lines closed."""
        del source, now
        self._run.feed(data)
        return self.recorder.take_groups()

    def close(self) -> Sequence[Group]:
        """All that is held."""
        self._run.finish()
        return self.recorder.take_groups()

    def counts(self) -> dict[str, int]:
        """What happened to lines, but for those that came round."""
        counts = self._run.corridor.counts()
        return {name: count - self._run.returned.get(name, 0) for name, count in counts.items()}


def _of_rules(plan: Plan, lines: Iterable[bytes], now: float) -> Iterator[PipelineStory]:
    recorder = _recorder(plan)
    run = DryRun(plan, now, recorder.hear)
    for number, line in enumerate(lines, 1):
        recorder.begin(number)
        run.feed(line + b"\n")
        yield from (_story(tale, plan) for tale in recorder.take())
    recorder.begin(0)
    run.finish()
    yield from (_story(tale, plan) for tale in recorder.take())


def _recorder(plan: Plan) -> Recorder:
    return Recorder(frozenset(outlet.name for outlet in plan.outlets if outlet.loop))


def _story(tale: Tale, plan: Plan) -> PipelineStory:
    lines = [_line_story(line, plan) for line in tale.lines]
    after = tell_after(tale, plan)
    facts = tell_aggregated(tale, plan) or tell_line(tale.lines[0])
    if tale.group is None:
        became = tale.aggregated is not None or lines[0].outcome in ("passed", "aggregated")
        return PipelineStory(lines, [], facts, tale.event if became else None, tale.aggregated, after)
    event = event_of(tale.group)
    return PipelineStory(
        lines, tell_records(tale.group.message, event["records"]), facts, event, tale.aggregated, after
    )


def _line_story(line: LineTale, plan: Plan) -> LineStory:
    rooms = {"line": [Fact(f"{len(line.text)} bytes", text_of(line.text))]}
    for heard in line.heard:
        rooms.setdefault(heard.room, []).extend(tell_heard(heard, plan))
    return LineStory(line.number, line.outcome, rooms)
