"""A log in, its lines out as a sender would have sent them: core.pacing held against the clock."""

import time
from collections.abc import Sequence
from typing import Literal, NamedTuple

from stitcher.connectors.files import Input, check_paths, order_warning
from stitcher.core.pacing import LineCutter, Pacer, frame, wrap
from stitcher.destinations import Destination, open_destination
from stitcher.errors import DestinationError, InputError
from stitcher.runner.session import Progress, Say
from stitcher.runner.stop import Stop


class Sending(NamedTuple):
    """How a replay sends: `speed` None is as fast as it goes."""

    to: str = "stdout"
    speed: float | None = 1.0
    max_wait: float = 5.0
    syslog: Literal["rfc3164", "rfc5424", "none"] = "none"
    host: str = "localhost"
    framing: Literal["lf", "octet"] = "lf"


class Sent(NamedTuple):
    """What a replay did."""

    lines: int
    bytes: int
    seconds: float
    code: int


def run_replay(paths: Sequence[str], sending: Sending, say: Say, progress: Progress | None = None) -> Sent:
    """Send the lines of the paths, paced by their own times, to the end or until a signal."""
    check_paths(paths)
    if warning := order_warning(paths):
        say(warning)
    with Stop() as stop:
        destination = open_destination(sending.to, say)
        try:
            replay = _Replay(destination, sending, stop)
            broken = replay.send_all(paths, say, progress)
            destination.flush()
        finally:
            destination.close()
        return Sent(replay.lines, replay.bytes, replay.elapsed(), stop.code if stop.asked else int(broken))


class _Replay:
    """Holds a plan against the clock."""

    def __init__(self, destination: Destination, sending: Sending, stop: Stop) -> None:
        self.lines = 0
        self.bytes = 0
        self._destination = destination
        self._sending = sending
        self._stop = stop
        self._pacer = Pacer(sending.speed, sending.max_wait)
        self._started = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def send_all(self, paths: Sequence[str], say: Say, progress: Progress | None) -> bool:
        """True when a path could not be read to its end; the others were."""
        broken = False
        done = 0
        for path in paths:
            cutter = LineCutter()
            try:
                with Input(path) as given:
                    for chunk in given.chunks():
                        self._send(cutter.push(chunk))
                        if progress is not None and given.is_file:
                            progress(done + given.position(), self.lines)
                        if self._stop.asked:
                            return broken
                    done += given.size
            except InputError as error:
                broken = True
                say(str(error))
            self._send(cutter.finish())
        return broken

    def _send(self, lines: list[bytes]) -> None:
        host = self._sending.host.encode()
        for batch in self._pacer.push(lines):
            pause = batch.due - self.elapsed()
            if pause > 0:
                self._stop.wait(pause)
            if self._stop.asked:
                return
            messages = [wrap(line, batch.time, self._sending.syslog, host) for line in batch.lines]
            data = b"".join([frame(message, self._sending.framing) for message in messages])
            try:
                self._destination.write(data)
            except DestinationError as error:
                what = f"{error.what}; {self.lines} lines had been sent before"
                raise DestinationError(what, len(messages), error.way_out) from error
            self.lines += len(messages)
            self.bytes += len(data)
