"""Paths in, chunks of bytes out: plain files, pipes, stdin (`-`), and gzip, bzip2, xz and zstd archives of any of them.

An archive is told by its first bytes, never by its name.  Archives may hold several members one behind the other.
What an archive unpacks to is bounded per step, so a small one that unpacks to gigabytes needs no memory.

A broken archive raises InputError, after everything in front of the damage was handed out.
"""

import bz2
import lzma
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from stitcher.errors import ConfigError, InputError

#: one read, bytes.  Measured: 1 MiB costs a third more CPU for the whole way, in page faults of what comes of it
CHUNK_BYTES: Final = 131_072
#: gzip expands at most 1032 times: 4 KiB become 4 MiB at most
_GZIP_STEP: Final = 4096
_BZIP2_STEP: Final = 16_384
#: a decoder that fails keeps what it made of the bytes of that call; so these two get few at a time
_XZ_STEP: Final = 256
_ZSTD_STEP: Final = 256
_UNPACK_BYTES: Final = 262_144
#: `xz -9` needs 65 MiB to unpack
_XZ_MEMORY: Final = 268_435_456
#: how far into a file the first record is looked for, bytes
_PEEK_BYTES: Final = 65_536

_TIME: Final = re.compile(rb"audit\(([0-9]{1,11})\.([0-9]{3}):[0-9]{1,10}\)")


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def pieces(self, data: bytes) -> Iterator[bytes]: ...


class _Gzip:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _GZIP_STEP):
            step = data[at : at + _GZIP_STEP]
            before = self._zlib.copy()
            try:
                piece = self._zlib.decompress(step)
            except zlib.error:
                # what lies in front of the damage, byte by byte; the last one raises again
                for index in range(len(step)):
                    yield before.decompress(step[index : index + 1])
                raise
            yield piece
            if self._zlib.eof:
                self.unused_data = self._zlib.unused_data + data[at + _GZIP_STEP :]
                return


class _Bounded:
    """bzip2 and xz: the decoders of the standard library that keep their input until asked for more output."""

    def __init__(self, decoder: bz2.BZ2Decompressor | lzma.LZMADecompressor, step: int) -> None:
        self._decoder = decoder
        self._step = step
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), self._step):
            yield self._decoder.decompress(data[at : at + self._step], _UNPACK_BYTES)
            while not self._decoder.eof and not self._decoder.needs_input:
                yield self._decoder.decompress(b"", _UNPACK_BYTES)
            if self._decoder.eof:
                self.unused_data = self._decoder.unused_data + data[at + self._step :]
                return


class _Zstd:
    def __init__(self) -> None:
        from zstandard import ZstdDecompressor

        self._decoder = ZstdDecompressor().decompressobj()
        self.unused_data = b""

    @property
    def eof(self) -> bool:
        return bool(self._decoder.eof)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _ZSTD_STEP):
            yield self._decoder.decompress(data[at : at + _ZSTD_STEP])
            if self._decoder.eof:
                self.unused_data = self._decoder.unused_data + data[at + _ZSTD_STEP :]
                return


#: (first bytes, name); zstd's second is a skippable frame, which pzstd begins with
_MAGIC: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x50\x2a\x4d\x18", "zstd"),
)


def _decoder(kind: str) -> _Decoder:
    if kind == "gzip":
        return _Gzip()
    if kind == "bzip2":
        return _Bounded(bz2.BZ2Decompressor(), _BZIP2_STEP)
    if kind == "xz":
        return _Bounded(lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), _XZ_STEP)
    return _Zstd()


class Unpacker:
    """Bytes as they are stored in, bytes as they were meant out; `name` is what errors call the input.

    The first bytes decide: an archive is unpacked, anything else passes through untouched.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._kind: str | None = None
        self._head = b""
        self._decoder: _Decoder | None = None
        self._fresh = True

    def push(self, chunk: bytes) -> Iterable[bytes]:
        """What can be handed out now; iterating raises InputError at the damage of a broken archive."""
        if self._kind is None:
            chunk = self._head + chunk
            self._kind = _kind(chunk)
            if self._kind is None:
                self._head = chunk
                return ()
        return _gathered(self._unpack(chunk)) if self._kind else (chunk,)

    def finish(self) -> Iterable[bytes]:
        """The input is over; raises InputError when its archive is not."""
        if self._kind is None:
            return (self._head,) if self._head else ()
        if self._kind and not self._fresh:
            raise self._broken("it ends before its end mark")
        return ()

    def _unpack(self, data: bytes) -> Iterator[bytes]:
        assert self._kind
        try:
            while data:
                if self._fresh:
                    # zero bytes between and behind members are padding
                    data = data.lstrip(b"\0")
                    if not data:
                        return
                    self._decoder = _decoder(self._kind)
                    self._fresh = False
                assert self._decoder
                yield from filter(None, self._decoder.pieces(data))
                if not self._decoder.eof:
                    return
                data = self._decoder.unused_data
                self._fresh = True
        except Exception as cause:
            if not _is_damage(cause):
                raise
            raise self._broken(str(cause)) from cause

    def _broken(self, what: str) -> InputError:
        return InputError(
            f"{self._name}: broken {self._kind} archive: {what}; what came before the damage was used; "
            "copy the file again, or repair it"
        )


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces as larger chunks; what was there before an error comes in front of it."""
    held: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK_BYTES:
                yield b"".join(held)
                held.clear()
                size = 0
    except InputError:
        yield b"".join(held)
        raise
    if held:
        yield b"".join(held)


def _kind(head: bytes) -> str | None:
    """The name of the archive, "" for none, None when more bytes are needed to tell."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    undecided = any(magic.startswith(head) for magic, _ in _MAGIC)
    return None if undecided else ""


def _is_damage(cause: Exception) -> bool:
    """True for what the decoders raise on bytes that they do not understand."""
    return isinstance(cause, zlib.error | lzma.LZMAError | OSError | EOFError) or type(cause).__name__ == "ZstdError"


class Input:
    """One opened path.  `is_file`: a regular file, which has no clock and a size; else a pipe, terminal or socket.

    Usable in `with`; raises ConfigError for a path that is not there, InputError for one that cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.name = "stdin" if path == "-" else path
        self._is_stdin = path == "-"
        self.fd = 0 if self._is_stdin else self._open(path)
        status = os.fstat(self.fd)
        if stat.S_ISDIR(status.st_mode):
            self.close()
            raise ConfigError(f"{self.name}: is a directory; name the files in it, oldest first")
        self.is_file = stat.S_ISREG(status.st_mode)
        self.size = status.st_size if self.is_file else 0

    def _open(self, path: str) -> int:
        try:
            # without O_NONBLOCK the open of a named pipe sleeps until somebody writes, deaf to SIGTERM
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as cause:
            raise ConfigError(f"{path}: no such file; check the path, or use - for stdin") from cause
        except OSError as cause:
            raise InputError(f"{path}: cannot open: {_words(cause)}; run as a user who may read it") from cause
        os.set_blocking(fd, True)
        return fd

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """The next stored bytes; empty at the end.  Raises InputError when the reading fails."""
        try:
            return os.read(self.fd, size)
        except OSError as cause:
            raise InputError(f"{self.name}: cannot read on: {_words(cause)}; what came before was used") from cause

    def position(self) -> int:
        """How many stored bytes of a regular file were read."""
        return os.lseek(self.fd, 0, os.SEEK_CUR)

    def chunks(self, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Everything up to the end, unpacked; raises InputError as `read` and `Unpacker` do."""
        unpacker = Unpacker(self.name)
        while chunk := self.read(size):
            yield from unpacker.push(chunk)
        yield from unpacker.finish()

    def close(self) -> None:
        """Close what was opened here; stdin stays open."""
        if not self._is_stdin:
            os.close(self.fd)

    def __enter__(self) -> "Input":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_chunks(path: str | os.PathLike[str], size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The bytes of a file or of stdin (`-`), unpacked where they are an archive, in chunks cut anywhere.

    Raises ConfigError for a path that is not there and InputError for one that cannot be read to its end, the latter
    after everything readable was handed out.
    """
    with Input(os.fspath(path)) as given:
        yield from given.chunks(size)


def check_paths(paths: Sequence[str]) -> None:
    """Raise ConfigError for the first path that is not there, before anything was read."""
    for path in paths:
        if path != "-":
            try:
                os.stat(path)  # noqa: PTH116 - a path is text here: "-" is one
            except FileNotFoundError as cause:
                raise ConfigError(f"{path}: no such file; check the path, or use - for stdin") from cause
            except OSError as cause:
                raise InputError(f"{path}: cannot open: {_words(cause)}; run as a user who may read it") from cause


def order_warning(paths: Sequence[str]) -> str | None:
    """One sentence when files are not named oldest first, by the time of the first record of each; else None.

    Files without a record in their first 64 KiB, pipes and stdin have no say.
    """
    times = {path: when for path in paths if (when := _first_time(path)) is not None}
    given = [path for path in paths if path in times]
    for earlier, later in pairwise(given):
        if times[later] < times[earlier]:
            right = " ".join(sorted(dict.fromkeys(given), key=lambda path: times[path]))
            return (
                f"wrong order: {earlier} begins at {_utc(times[earlier])}, after {later} ({_utc(times[later])}); "
                f"an event that rotation cut stays cut; oldest first is: {right}"
            )
    return None


def _first_time(path: str) -> int | None:
    """Milliseconds of the first audit header of a regular file; a look into a pipe would take from it."""
    if path == "-" or not Path(path).is_file():
        return None
    try:
        with Input(path) as given:
            return _time_in(given.chunks(_PEEK_BYTES))
    except (ConfigError, InputError):
        return None


def _time_in(chunks: Iterator[bytes]) -> int | None:
    head = b""
    for chunk in chunks:
        head += chunk
        if found := _TIME.search(head):
            return int(found[1]) * 1000 + int(found[2])
        if len(head) >= _PEEK_BYTES:
            return None
    return None


def _utc(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _words(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()
