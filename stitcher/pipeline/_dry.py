"""A plan and a log in, what each destination would have got out; nothing is opened."""

from collections.abc import Iterable

from stitcher.pipeline._corridor import Corridor
from stitcher.pipeline._hearing import LOOP, Hear, Heard
from stitcher.pipeline._plan import Output, Plan


class DryRun:
    """A corridor whose outlets are lists; what leads back to the collector is fed to it again."""

    def __init__(self, plan: Plan, now: float = 0.0, hear: Hear | None = None) -> None:
        """`now` is the time, seconds since 1970, for lines whose times lack their year; `hear` is told what happens."""
        self.corridor = Corridor(plan, midnight=now, hear=hear)
        self._hear = hear
        #: what corridor.counts() has of lines that came back
        self.returned: dict[str, int] = {}
        #: outlet -> its events, without their LF
        self.events: dict[str, list[bytes]] = {outlet.name: [] for outlet in plan.outlets if not outlet.loop}
        self.plan = plan
        self._own = self.corridor.source(b"127.0.0.1", framing="syslog")

    def read(self, chunks: Iterable[bytes]) -> None:
        """All of a log, to its end."""
        for chunk in chunks:
            self.feed(chunk)
        self.finish()

    def feed(self, chunk: bytes) -> None:
        """A part of the log."""
        self._put(self.corridor.feed(chunk))

    def finish(self) -> None:
        """Its end."""
        self._put(self.corridor.end(0))
        self._put(self.corridor.release())
        self._put(self.corridor.close())

    def _put(self, outputs: list[Output]) -> None:
        for output in outputs:
            outlet = self.plan.outlets[output.outlet]
            if outlet.loop:
                self._go_round(outlet.name, output.data)
            elif output.one:
                self.events[outlet.name].append(output.data)
            else:
                self.events[outlet.name] += output.data.splitlines()

    def _go_round(self, name: str, data: bytes) -> None:
        if self._hear is None:
            self._put(self.corridor.feed(data, 0.0, self._own))
            return
        before = self.corridor.counts()
        self._hear(Heard(LOOP, name, "comes back", None, data))
        self._put(self.corridor.feed(data, 0.0, self._own))
        self._hear(Heard(LOOP, name, "came back"))
        for key, count in self.corridor.counts().items():
            self.returned[key] = self.returned.get(key, 0) + count - before.get(key, 0)
