"""What must hold of paths as chunks: archives by their bytes, all that is readable, and a word about a wrong order."""

import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from stitcher.connectors.files import Unpacker, check_paths, open_chunks, order_warning
from stitcher.errors import ConfigError, InputError

TEXT = b"".join(b"type=CWD msg=audit(1700000000.004:%d): cwd=/root\n" % serial for serial in range(3000))
PACKERS = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(bz2.compress, id="bzip2"),
    pytest.param(lzma.compress, id="xz"),
    pytest.param(zstandard.compress, id="zstd"),
]
Pack = Callable[[bytes], bytes]


def unpacked(chunks: list[bytes]) -> tuple[bytes, str]:
    """What comes out, and the error behind it."""
    unpacker = Unpacker("it")
    out: list[bytes] = []
    try:
        for chunk in chunks:
            out.extend(unpacker.push(chunk))
        out.extend(unpacker.finish())
    except InputError as error:
        return b"".join(out), str(error)
    return b"".join(out), ""


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_however_an_archive_is_cut_it_comes_out_whole(pack: Pack, size: int) -> None:
    data = pack(TEXT)
    assert unpacked([data[at : at + size] for at in range(0, len(data), size)]) == (TEXT, "")


@pytest.mark.parametrize("pack", PACKERS)
def test_several_members_and_padding_are_one_stream(pack: Pack) -> None:
    assert unpacked([pack(TEXT) + pack(b"") + pack(TEXT) + bytes(512)]) == (TEXT * 2, "")


@pytest.mark.parametrize("pack", PACKERS)
def test_a_cut_archive_gives_what_is_there_and_an_error(pack: Pack) -> None:
    data = pack(TEXT)
    out, error = unpacked([data[: len(data) // 2 if pack is not bz2.compress else -9]])
    assert TEXT.startswith(out)
    assert "it: broken" in error
    assert "ends before its end mark" in error


def test_a_wrong_checksum_costs_no_byte_in_front_of_it() -> None:
    data = bytearray(gzip.compress(TEXT))
    data[-8] ^= 1
    out, error = unpacked([bytes(data)])
    assert out == TEXT
    assert "broken gzip archive" in error


@pytest.mark.parametrize("pack", PACKERS)
def test_rubbish_behind_an_archive_is_an_error(pack: Pack) -> None:
    out, error = unpacked([pack(TEXT) + b"rubbish that is no archive"])
    assert out == TEXT
    assert "broken" in error


def test_a_skippable_frame_is_skipped() -> None:
    frame = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
    assert unpacked([frame + zstandard.compress(TEXT) + frame]) == (TEXT, "")


@pytest.mark.parametrize("text", [b"", b"B", b"BZ", b"type=X\n", b"\x1f", b"\xfd7zXX\n"])
def test_what_only_begins_like_an_archive_passes_through(text: bytes) -> None:
    assert unpacked([text[at : at + 1] for at in range(len(text))]) == (text, "")


@pytest.mark.parametrize("pack", PACKERS)
def test_an_archive_of_nothing_but_zeros_needs_no_memory(pack: Pack) -> None:
    data = pack(bytes(200_000_000) if pack is not bz2.compress and pack is not lzma.compress else bytes(30_000_000))
    tracemalloc.start()
    try:
        size = sum(map(len, Unpacker("it").push(data)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size in (200_000_000, 30_000_000)
    assert peak < 64_000_000


def test_a_path_is_read_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(TEXT)
    assert b"".join(open_chunks(path, 1000)) == TEXT
    assert max(map(len, open_chunks(str(path), 1000))) == 1000


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        list(open_chunks(tmp_path / "nothing"))
    with pytest.raises(ConfigError, match="no such file"):
        check_paths(["-", str(tmp_path / "nothing")])
    with pytest.raises(ConfigError, match="is a directory"):
        list(open_chunks(tmp_path))


def test_the_order_is_that_of_the_first_records(tmp_path: Path) -> None:
    paths = []
    for name, when in (("b", 2), ("a", 1), ("c", 3)):
        paths.append(str(tmp_path / name))
        Path(paths[-1]).write_bytes(b"a word first\ntype=CWD msg=audit(170000000%d.000:1): cwd=/\n" % when)
    warning = order_warning(paths)
    assert warning
    assert warning.endswith(f"oldest first is: {tmp_path}/a {tmp_path}/b {tmp_path}/c")
    assert "2023-11-14 22:13:22 UTC" in warning
    assert order_warning(sorted(paths)) is None


def test_what_has_no_record_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "other").write_bytes(b"x" * 100_000 + TEXT)
    (tmp_path / "log").write_bytes(TEXT)
    names = ("log", "empty", "other", "missing", "log")
    assert order_warning([*(str(tmp_path / name) for name in names), "-"]) is None
