"""Peers in, events out, until a signal comes."""

import asyncio
import selectors
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from stitcher.connectors import Listener
from stitcher.pipeline import Plan
from stitcher.runner.loopback import LoopBack
from stitcher.runner.session import Result, Say, Session
from stitcher.runner.stop import Stop

#: sources with a peer's name; peers that come when there are so many get one without
MAX_SOURCES: Final = 65_536


class _Clock(selectors.DefaultSelector):
    """The loop's selector, and the time of its last look at the sockets, less what writing took up to then.

    All that is done until the next look happens at that time.  So an event whose rest arrived while others were
    worked on is not expired before that rest was read.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.now = time.monotonic()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As any selector does."""
        ready = super().select(timeout)
        self.now = time.monotonic() - self._session.writing
        return ready


class Peers:
    """What listening connectors hand their bytes to (connectors.Intake), with the timer that expires events.

    A source whose peer has left is given to the next connection of the same peer, so their number is bounded by the
    peers and by how many connections each of them had at once.
    """

    def __init__(self, session: Session, clock: _Clock, loop: asyncio.AbstractEventLoop, say: Say) -> None:
        self._session = session
        self._clock = clock
        self._loop = loop
        self._say = say
        self._made = 0
        self._kinds: dict[int, tuple[bytes, float, str]] = {}
        self._free: dict[tuple[bytes, float, str], list[int]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def take_source(self, peer: bytes, *, grace: float = 0.0, framing: Literal["lines", "syslog"] = "lines") -> int:
        """A source of this peer that is free, or a new one."""
        if self._made >= MAX_SOURCES and (peer, grace, framing) not in self._free:
            if self._made == MAX_SOURCES:
                self._say(f"over {MAX_SOURCES} peers: those that follow are told apart by what their lines say")
            peer = b""
        kind = peer, grace, framing
        free = self._free.setdefault(kind, [])
        if free:
            return free.pop()
        self._made += 1
        source = self._session.corridor.source(peer, grace=grace, framing=framing)
        self._kinds[source] = kind
        return source

    def leave_source(self, source: int) -> None:
        """The peer has gone; its events stay open until they expire."""
        self._session.put(self._session.corridor.end(source))
        self._free[self._kinds[source]].append(source)

    def feed(self, data: bytes, source: int) -> None:
        """Bytes that arrived now."""
        self._session.put(self._session.corridor.feed(data, self._clock.now, source))
        self._set_timer()

    def stop_timer(self) -> None:
        """No event expires any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self) -> None:
        deadline = self._session.corridor.next_deadline()
        if deadline is None or (self._timer is not None and self._due <= deadline):
            return
        self.stop_timer()
        self._due = deadline
        self._timer = self._loop.call_later(max(deadline - self._clock.now, 0.0), self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._session.put(self._session.corridor.expire(self._clock.now))
        self._set_timer()


#: makes a listener that hands its bytes to the given peers
MakeListener = Callable[[Peers, Say], Listener]


def run_listen(makers: Sequence[MakeListener], plan: Plan, say: Say, rejected: str | None = None) -> Result:
    """Listen until a signal, then read what has arrived and give everything back; SIGHUP opens files anew.

    `rejected` is the path of the file for lines that could not be read.
    """
    zero = time.time() - time.monotonic()
    with Stop(hangup="heard") as stop, Session(plan, say, rejected, zero) as session:
        clock = _Clock(session)
        loop = asyncio.SelectorEventLoop(clock)
        try:
            peers = Peers(session, clock, loop, say)
            listeners = [make(peers, say) for make in makers]
            done: asyncio.Future[None] = loop.create_future()
            loop.set_exception_handler(lambda _, context: _fail(done, context))
            loop.add_reader(stop, _hear, stop, session, done)
            for listener in listeners:
                listener.start(loop)
                say(f"listening: {listener.name}")
            loops = session.open_loops(listeners)
            loop.run_until_complete(done)
            _drain(session, listeners, loops)
            peers.stop_timer()
        finally:
            loop.close()
        return session.finish(stop.code)


def _drain(session: Session, listeners: Sequence[Listener], loops: Sequence[LoopBack]) -> None:
    """Everybody's bytes that have arrived are read, and what goes round comes home."""
    own = [loop.local for loop in loops]
    for listener in listeners:
        listener.drain(own)
    if loops:
        session.put(session.corridor.release())
        for loop in loops:
            loop.drain()


def _hear(stop: Stop, session: Session, done: asyncio.Future[None]) -> None:
    """A signal came."""
    if stop.take_hangup():
        session.reopen()
    if stop.asked and not done.done():
        done.set_result(None)


def _fail(done: asyncio.Future[None], context: dict[str, object]) -> None:
    """An exception in a callback ends the run as it would without a loop."""
    cause = context.get("exception")
    if not done.done():
        done.set_exception(cause if isinstance(cause, Exception) else RuntimeError(str(context.get("message"))))
