"""What must hold of every kind of destination that is registered: all arrives, once and in order."""

import importlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from contract import EVERY_PLACE, PLACES, SAMPLES, Heard, Place, discard, events_of

from stitcher.destinations import KINDS, open_destination
from stitcher.errors import ConfigError

Make = Callable[[Path, Any], AbstractContextManager[Place]]
EVENTS = events_of("debian12-6.1-interleaved.log") + events_of("debian12-6.1-two-nodes.log")
LINES = EVENTS.splitlines()
#: what has no path and no address
BARE = {"stdout", "discard"}


def test_every_registered_kind_is_held_to_this() -> None:
    assert PLACES.keys() == KINDS.keys()


@pytest.mark.parametrize("make", EVERY_PLACE)
@pytest.mark.parametrize("size", [1, 3, len(LINES)], ids=["one by one", "by threes", "all at once"])
def test_every_event_arrives_once_and_in_order(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Make, size: int
) -> None:
    heard = Heard()
    with make(tmp_path, capfd) as place:
        destination = open_destination(place.to, heard)
        for at in range(0, len(LINES), size):
            destination.write(b"".join(line + b"\n" for line in LINES[at : at + size]))
        destination.flush()
        destination.close()
        assert place.received() == ([] if make is discard else LINES)
    assert [line for line in heard.lines if not line.startswith("discard:")] == []


@pytest.mark.parametrize("make", EVERY_PLACE)
def test_events_may_come_alone_and_a_hangup_between_them(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Make
) -> None:
    with make(tmp_path, capfd) as place:
        destination = open_destination(place.to, Heard())
        for line in LINES:
            destination.write_one(line + b"\n")
            destination.reopen()
        destination.close()
        assert place.received() == ([] if make is discard else LINES)


@pytest.mark.parametrize("make", EVERY_PLACE)
def test_nothing_to_write_writes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Make) -> None:
    with make(tmp_path, capfd) as place:
        destination = open_destination(place.to, Heard())
        destination.write(b"")
        destination.flush()
        destination.close()
        assert place.received() == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_that_it_does_not_have_is_refused(kind: str) -> None:
    rest = {"tcp": "://h:1", "udp": "://h:1"}.get(kind, "" if kind in BARE else ":path")
    with pytest.raises(ConfigError, match=rf"--to {kind}.*(takes|no option)"):
        open_destination(f"{kind}{rest}?frobnicate=1", Heard())


@pytest.mark.parametrize("kind", KINDS)
def test_its_manual_page_shows_how_it_is_written(kind: str) -> None:
    assert examples(kind)
    assert f" {KINDS[kind]}" in (importlib.import_module("stitcher.destinations").__doc__ or "")


def examples(kind: str) -> list[str]:
    """What the examples of a manual page write to."""
    page = importlib.import_module(f"stitcher.destinations.{kind}").__doc__ or ""
    return re.findall(r"^    stitcher filter audit\.log --to '?([^'\s]+)'?$", page, re.MULTILINE)


@pytest.mark.parametrize(("kind", "to"), [(kind, to) for kind in KINDS for to in examples(kind)])
def test_the_examples_of_its_manual_page_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str, to: str
) -> None:
    """A path or a port of the test stands in for that of the example."""
    from stitcher.pipeline import Outlet, audit_plan
    from stitcher.runner.filter import run_filter

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STITCHER_DB", str(tmp_path / "folder" / "events.db"))
    log = SAMPLES / "debian12-6.1-open-denied.log"
    with PLACES[kind][0](tmp_path, capfd) as place:
        address = re.search(r"//[^?]+", place.to)
        given = re.sub(r"//[^?]+", address[0], to) if address else to
        assert run_filter([str(log)], audit_plan()._replace(outlets=(Outlet(to=given),)), Heard()).code == 0
        if address is None and kind not in BARE:
            assert list(tmp_path.iterdir())
        elif kind != "discard":
            assert place.received()
