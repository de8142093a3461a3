"""The way back to a collector's own connector, which must be there."""

import asyncio
from collections.abc import Iterator

import pytest

from stitcher.address import Address
from stitcher.connectors._streams import StreamListener
from stitcher.connectors.tcp import listen_tcp
from stitcher.errors import DestinationError
from stitcher.runner.loopback import MAX_WAITING, LoopBack


class Heard:
    """What a listener hands on."""

    def __init__(self) -> None:
        self.size = 0

    def take_source(self, peer: bytes, *, grace: float = 0.0, framing: str = "lines") -> int:
        del peer, grace, framing
        return 1

    def feed(self, data: bytes, source: int) -> None:
        del source
        self.size += len(data)

    def leave_source(self, source: int) -> None:
        del source


def listener(heard: Heard) -> StreamListener:
    return listen_tcp(Address("127.0.0.1", 0), heard, pytest.fail)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.SelectorEventLoop()
    yield made
    made.close()


def own(one: StreamListener) -> Address:
    return Address("127.0.0.1", int(one.name.rpartition(":")[2]))


def test_what_nobody_accepts_is_said_at_the_start() -> None:
    """Its connector is another one than the one that is read: as if it could not accept."""
    ours, other = listener(Heard()), listener(Heard())
    back = LoopBack(own(ours), other)
    with pytest.raises(DestinationError, match="own connector did not accept it"):
        back.open()
    back.close()
    ours.drain()
    other.drain()


def test_what_waits_is_read_at_the_other_end(loop: asyncio.AbstractEventLoop) -> None:
    heard = Heard()
    end = listener(heard)
    end.start(loop)
    back = LoopBack(own(end), end)
    back.open()
    for _ in range(40):
        back.write(b"x" * 1_000_000 + b"\n")
    back.drain()
    back.close()
    end.drain()
    assert heard.size == 40 * 1_000_001


def test_an_end_that_has_left_ends_the_waiting(loop: asyncio.AbstractEventLoop) -> None:
    end = listener(Heard())
    end.start(loop)
    back = LoopBack(own(end), end)
    back.open()
    end.drain()
    lines = (b"x" * 1_000_000 + b"\n") * 30
    assert len(lines) > MAX_WAITING
    with pytest.raises(DestinationError, match="start again; the loop was cut"):
        back.write(lines)
    back.close()
