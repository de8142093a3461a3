"""What must hold of a file that is rotated, moved away or in trouble."""

import os
from pathlib import Path

import pytest
from contract import Heard

from stitcher.destinations import Destination, open_destination
from stitcher.destinations.file import File
from stitcher.errors import DestinationError


def line(number: int, length: int = 100) -> bytes:
    return (b'{"id":"%d"}' % number).ljust(length - 1) + b"\n"


def opened(path: Path, options: str = "", heard: Heard | None = None) -> Destination:
    return open_destination(f"file:{path}?{options}", heard or Heard())


def numbers(path: Path) -> list[int]:
    return [int(text.split(b'"')[3]) for text in path.read_bytes().splitlines()]


def files(folder: Path) -> dict[str, list[int]]:
    return {path.name: numbers(path) for path in sorted(folder.iterdir())}


def age(path: Path, days: float) -> None:
    moment = path.stat().st_mtime - days * 86_400
    os.utime(path, (moment, moment))


def test_a_file_is_full_before_it_is_larger_than_asked(tmp_path: Path) -> None:
    destination = opened(tmp_path / "out", "max_bytes=250")
    destination.write(b"".join(map(line, range(5))))
    destination.write(line(5))
    destination.close()
    assert files(tmp_path) == {"out": [4, 5], "out.1": [2, 3], "out.2": [0, 1]}
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= 250


def test_an_event_larger_than_a_file_is_not_cut(tmp_path: Path) -> None:
    destination = opened(tmp_path / "out", "max_bytes=250")
    destination.write(line(0) + line(1, 1000) + line(2))
    destination.write_one(b'{"id":"3","x":"\n%s"}\n' % (b" " * 1000))
    destination.close()
    assert [(tmp_path / name).stat().st_size for name in ("out.3", "out.2", "out.1")] == [100, 1000, 100]
    assert (tmp_path / "out").read_bytes().count(b"\n") == 2


def test_as_many_older_files_stay_as_were_asked_for(tmp_path: Path) -> None:
    destination = opened(tmp_path / "out", "max_bytes=100&keep=2")
    destination.write(b"".join(map(line, range(6))))
    destination.close()
    assert files(tmp_path) == {"out": [5], "out.1": [4], "out.2": [3]}


def test_fewer_are_kept_from_the_next_rotation_on(tmp_path: Path) -> None:
    every = opened(tmp_path / "out", "max_bytes=100")
    every.write(b"".join(map(line, range(6))))
    every.close()
    fewer = opened(tmp_path / "out", "max_bytes=100&keep=2")
    fewer.write(line(6))
    fewer.close()
    assert files(tmp_path) == {"out": [6], "out.1": [5], "out.2": [4]}


def test_a_gap_in_the_numbers_is_filled_and_what_is_behind_it_left_alone(tmp_path: Path) -> None:
    for number in (1, 3):
        (tmp_path / f"out.{number}").write_bytes(line(10 * number))
    destination = opened(tmp_path / "out", "max_bytes=100")
    destination.write(line(0) + line(1))
    destination.close()
    assert files(tmp_path) == {"out": [1], "out.1": [0], "out.2": [10], "out.3": [30]}


def test_a_new_period_begins_a_new_file_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "out"
    first = opened(path, "max_seconds=1d")
    first.write(line(0) + line(1))
    first.close()
    age(path, 1)
    second = opened(path, "max_seconds=1d")
    second.write(line(2))
    second.write(line(3))
    second.close()
    assert files(tmp_path) == {"out": [2, 3], "out.1": [0, 1]}


def test_a_period_that_ends_while_the_file_is_open_begins_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(line(0))
    age(path, 2)
    destination = opened(path, "max_seconds=1d")
    # opened in an old period: as if the file had been open since then
    destination.write_one(line(1))
    destination.close()
    assert files(tmp_path) == {"out": [1], "out.1": [0]}


def test_a_file_that_was_renamed_away_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "out"
    destination = opened(path)
    destination.write(line(0))
    path.rename(tmp_path / "out-20250701")
    destination.write(line(1))
    (tmp_path / "out").rename(tmp_path / "out-20250702")
    path.touch()  # logrotate's create
    destination.write(line(2))
    destination.close()
    assert files(tmp_path) == {"out": [2], "out-20250701": [0], "out-20250702": [1]}


def test_a_file_that_was_emptied_under_it_goes_on_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "out"
    destination = opened(path, "max_bytes=250")
    destination.write(line(0) + line(1))
    os.truncate(path, 0)  # logrotate's copytruncate
    destination.write(line(2) + line(3))
    destination.close()
    assert files(tmp_path) == {"out": [2, 3]}


def test_a_hangup_makes_the_file_before_the_next_event(tmp_path: Path) -> None:
    path = tmp_path / "out"
    destination = opened(path)
    destination.write(line(0))
    path.rename(tmp_path / "old")
    destination.reopen()
    assert files(tmp_path) == {"old": [0], "out": []}
    destination.close()


def test_what_cannot_be_made_anew_is_said_once_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    heard = Heard()
    destination = opened(folder / "out", heard=heard)
    destination.write(line(0))
    folder.rename(tmp_path / "moved")
    destination.write(line(1))
    destination.write(line(2))
    destination.close()
    assert files(tmp_path / "moved") == {"out": [0, 1, 2]}
    assert [text.partition("; ")[2] for text in heard.lines] == ["writing goes on in the file that was open"]


def test_what_cannot_be_rotated_is_said_once_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 254)  # a name of two letters more is too long
    heard = Heard()
    destination = opened(path, "max_bytes=250", heard)
    destination.write(b"".join(map(line, range(5))))
    destination.write(line(5))
    destination.close()
    assert files(tmp_path) == {path.name: [0, 1, 2, 3, 4, 5]}
    (said,) = heard.lines
    assert "cannot rotate: file name too long; writing goes on in the same file" in said


def test_what_is_no_regular_file_cannot_be_rotated() -> None:
    with pytest.raises(DestinationError, match="cannot rotate what is no regular file; leave the options out"):
        opened(Path("/dev/null"), "max_bytes=1M")


def test_a_path_with_a_question_mark_has_one_more(tmp_path: Path) -> None:
    destination = open_destination(f"file:{tmp_path}/what?.jsonl?", Heard())
    destination.write(line(0))
    destination.close()
    assert numbers(tmp_path / "what?.jsonl") == [0]


def test_a_line_that_was_cut_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b'{"id"')
    destination = File(str(path), Heard())
    destination.open()
    destination.write(line(1))
    destination.close()
    assert path.read_bytes() == b'{"id"\n' + line(1)
