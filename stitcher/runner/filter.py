"""Files and pipes in, events out, until the input ends or a signal comes."""

import math
import select
import time
from collections.abc import Sequence

from stitcher.connectors.files import Input, Unpacker, check_paths, order_warning
from stitcher.errors import InputError
from stitcher.pipeline import Plan
from stitcher.runner.session import Progress, Result, Say, Session
from stitcher.runner.stop import Stop


def run_filter(
    paths: Sequence[str], plan: Plan, say: Say, rejected: str | None = None, progress: Progress | None = None
) -> Result:
    """Read the paths one behind the other as one source, to their end or until a signal.

    `rejected` is the path of the file for lines that could not be read.
    """
    check_paths(paths)
    if warning := order_warning(paths):
        say(warning)
    with Stop(hangup="nothing") as stop, Session(plan, say, rejected) as session:
        broken = _Reading(session, stop, progress).read(paths, say)
        return session.finish(stop.code if stop.asked else int(broken))


class _Reading:
    """Feeds inputs to a session: files as fast as they come, pipes as they fill."""

    def __init__(self, session: Session, stop: Stop, progress: Progress | None) -> None:
        self._session = session
        self._stop = stop
        self._progress = progress
        self._waited = 0.0
        self._done = 0
        self._last = b"\n"

    def read(self, paths: Sequence[str], say: Say) -> bool:
        """True when one of them could not be read to its end; the others were."""
        broken = False
        for path in paths:
            if self._stop.asked:
                break
            try:
                with Input(path) as given:
                    self._read_file(given) if given.is_file else self._read_pipe(given)
                    self._done += given.size
            except InputError as error:
                broken = True
                say(str(error))
            if self._last != b"\n" and path is not paths[-1]:
                # a file's last line ends with the file
                self._feed(b"\n", 0.0)
        return broken

    def _read_file(self, given: Input) -> None:
        for chunk in given.chunks():
            self._feed(chunk, 0.0)
            if self._progress is not None:
                self._progress(self._done + given.position(), self._session.corridor.counts()["lines"])
            if self._stop.asked:
                return

    def _read_pipe(self, given: Input) -> None:
        unpacker = Unpacker(given.name)
        ready = select.poll()
        ready.register(given.fd, select.POLLIN)
        ready.register(self._stop, select.POLLIN)
        while not self._stop.asked:
            if not ready.poll(0):
                self._wait(ready)
            elif not self._stop.asked:
                chunk = given.read()
                for piece in unpacker.push(chunk) if chunk else unpacker.finish():
                    self._feed(piece, self._waited)
                if not chunk:
                    return

    def _wait(self, ready: select.poll) -> None:
        """No input is there: expire what is due, and sleep until there is some or the next is due."""
        corridor = self._session.corridor
        self._session.put(corridor.expire(self._waited))
        deadline = corridor.next_deadline()
        started = time.monotonic()
        ready.poll(None if deadline is None else math.ceil((deadline - self._waited) * 1000))
        self._waited += time.monotonic() - started

    def _feed(self, chunk: bytes, now: float) -> None:
        self._last = chunk[-1:]
        self._session.put(self._session.corridor.feed(chunk, now))
