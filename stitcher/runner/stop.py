"""SIGTERM and SIGINT in, one polite request to stop out; the second signal kills.  SIGHUP may ask for files anew."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Final, Literal

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Remembers the first signal; used in `with`.

    `fileno` is readable from then on, so it can be waited for together with input.  A signal that was ignored when the
    program began (`nohup`, a shell's background job) stays ignored.
    """

    def __init__(self, *, hangup: Literal["ends", "nothing", "heard"] = "ends") -> None:
        """What SIGHUP does: ends the program as ever, nothing, or makes `take_hangup` true, and `fileno` readable.

        auditd passes it on to its plugins when it reads its configuration anew, so `filter` goes on.  (Who pipes into a
        terminal that goes away loses nothing either: the pipe ends, and that ends the run.)
        """
        self._hangup = hangup
        self._hung_up = False
        self.asked = False
        self.code = 0
        self._ear, self._mouth = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}

    def fileno(self) -> int:
        """What becomes readable when a signal has come."""
        return self._ear

    def take_hangup(self) -> bool:
        """True where SIGHUP came since the last call; `fileno` is readable no more unless a stop was asked for."""
        came, self._hung_up = self._hung_up, False
        if came and not self.asked:
            os.read(self._ear, 1)
        return came

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

    def _hear_hangup(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if not self._hung_up:
            self._hung_up = True
            os.write(self._mouth, b"!")

    def __enter__(self) -> "Stop":
        for number, before in self._before.items():
            if before is not signal.SIG_IGN:
                signal.signal(number, self._ask)
        if self._hangup != "ends":
            handler = self._hear_hangup if self._hangup == "heard" else signal.SIG_IGN
            self._hangup_before = signal.signal(signal.SIGHUP, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.asked:
            for number, before in self._before.items():
                signal.signal(number, before)
        if self._hangup != "ends":
            signal.signal(signal.SIGHUP, self._hangup_before)
        os.close(self._ear)
        os.close(self._mouth)
