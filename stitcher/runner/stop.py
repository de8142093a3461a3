"""SIGTERM and SIGINT in, one polite request to stop out; the second signal kills."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Remembers the first signal; used in `with`.

    `fileno` is readable from then on, so it can be waited for together with input.  A signal that was ignored when the
    program began (`nohup`, a shell's background job) stays ignored.
    """

    def __init__(self, *, through_hangup: bool = False) -> None:
        """`through_hangup`: SIGHUP is nothing; auditd passes it on to its plugins when it reads its configuration anew.

        (Who pipes into a terminal that goes away loses nothing either: the pipe ends, and that ends the run.)
        """
        self._through_hangup = through_hangup
        self.asked = False
        self.code = 0
        self._ear, self._mouth = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}

    def fileno(self) -> int:
        """What becomes readable when a signal has come."""
        return self._ear

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a signal."""
        select.select([self], [], [], seconds)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.asked = True
        # as shells say it: 128 + 2 for an interrupt; SIGTERM is how services are stopped, and is no failure
        self.code = 130 if number == signal.SIGINT else 0
        os.write(self._mouth, b"!")
        for again in _SIGNALS:
            signal.signal(again, signal.SIG_DFL)

    def __enter__(self) -> "Stop":
        for number, before in self._before.items():
            if before is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        if self._through_hangup:
            self._hangup = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.asked:
            for number, before in self._before.items():
                signal.signal(number, before)
        if self._through_hangup:
            signal.signal(signal.SIGHUP, self._hangup)
        os.close(self._ear)
        os.close(self._mouth)
