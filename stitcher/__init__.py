"""Joins Linux audit's many-line records into one right, complete event.

    import stitcher

    for event in stitcher.read("/var/log/audit/audit.log"):
        print(event["id"], event["closed_by"], [record["type"] for record in event["records"]])

`read` is for input that ends; for live input, many sources and clocks there is `Stitcher`, bytes in, JSON lines out.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from stitcher.errors import ConfigError, InputError, StitcherError
    from stitcher.event import Limits
    from stitcher.pipeline import DROP, Rule, Stitcher, records

__version__ = "0.1.0"

__all__ = [
    "DROP",
    "ConfigError",
    "InputError",
    "Limits",
    "Rule",
    "Stitcher",
    "StitcherError",
    "__version__",
    "read",
    "records",
]

_HOMES = {
    "DROP": "pipeline",
    "Rule": "pipeline",
    "Stitcher": "pipeline",
    "records": "pipeline",
    "Limits": "event",
    "ConfigError": "errors",
    "InputError": "errors",
    "StitcherError": "errors",
}

#: bytes of one read of a file object
_CHUNK_BYTES = 1 << 17

#: what `read` takes
Source = str | os.PathLike[str] | bytes | IO[bytes] | IO[str] | Iterable[bytes] | Iterable[str]


def read(
    source: Source,
    *,
    limits: "Limits | None" = None,
    emit: Literal["events", "aggregated"] = "events",
    keep_raw: bool = False,
    summarize: bool = False,
    schema: str = "audit",
) -> Iterator[dict[str, Any]]:
    """The events of `source` in the order in which they close.

    `source` is a path ("-" is stdin; gzip, bzip2, xz and zstd are unpacked), an open file, bytes, or an iterable.
    What an iterable gives are lines if the first one holds no newline, else chunks that may be cut anywhere.
    There is no clock here: an event closes by its end mark, by distance in lines, or at the end of the source.
    `emit="aggregated"` gives the Type=2 events of lap 1.  `keep_raw` gives each event its records as they came (see
    `records`), `summarize` a summary; `schema` is in whose words events are told (docs/schemas.md).

    Raises InputError where a file cannot be read to its end, after the events that came before.
    """
    import orjson

    from stitcher.errors import InputError
    from stitcher.pipeline import DEFAULT_LIMITS, Stitcher

    stitcher = Stitcher(
        limits=limits or DEFAULT_LIMITS, emit=emit, keep_raw=keep_raw, summarize=summarize, schema=schema
    )
    failure: InputError | None = None
    try:
        for chunk in _chunks(source):
            yield from map(orjson.loads, stitcher.feed(chunk).splitlines())
    except InputError as error:
        failure = error
    yield from map(orjson.loads, stitcher.close().splitlines())
    if failure:
        raise failure


def _chunks(source: Source) -> Iterator[bytes]:
    if isinstance(source, str | os.PathLike):
        from stitcher.connectors.files import open_chunks

        return open_chunks(os.fspath(source), _CHUNK_BYTES)
    if isinstance(source, bytes):
        return iter((source,))
    take = getattr(source, "read1", None) or getattr(source, "read", None)
    return _reads(take) if take else _items(source)


def _reads(take: Callable[[int], bytes | str]) -> Iterator[bytes]:
    """What is there already, where the file can tell (read1 of a pipe), else a chunk."""
    while chunk := take(_CHUNK_BYTES):
        yield _bytes(chunk)


def _items(items: Iterable[bytes] | Iterable[str]) -> Iterator[bytes]:
    lines = None
    for item in items:
        data = _bytes(item)
        if lines is None:
            lines = b"\n" not in data
        yield data + b"\n" if lines and not data.endswith(b"\n") else data


def _bytes(data: bytes | str) -> bytes:
    """Text as the bytes that it was decoded from."""
    return data.encode("utf-8", "surrogateescape") if isinstance(data, str) else bytes(data)


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used, so that `import stitcher` costs next to nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'stitcher' has no attribute '{name}'")
    value: object = getattr(import_module(f"stitcher.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
