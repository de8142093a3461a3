"""How far files were read, as a bar on stderr: only where a person looks on, so rich is imported only then."""

import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

#: the bar is drawn at most this often, seconds
_EVERY: Final = 0.1


@contextmanager
def progress_bar(paths: Sequence[str], wanted: bool = True) -> Iterator[Callable[[int, int], None] | None]:
    """What is to be told the bytes and lines read so far; None where no bar is shown.

    There is one when every path is a regular file and stderr is a terminal, unless events go to that terminal, too.
    """
    sizes = [_size(path) for path in paths]
    if not wanted or not sys.stderr.isatty() or None in sizes:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=sum(filter(None, sizes)), rate="")
        started = time.monotonic()
        drawn = started - _EVERY

        def tell(position: int, lines: int) -> None:
            nonlocal drawn
            now = time.monotonic()
            if now - drawn >= _EVERY:
                drawn = now
                bar.update(task, completed=position, rate=f"{lines / (now - started):,.0f} lines/s", refresh=True)

        yield tell


def _size(path: str) -> int | None:
    try:
        status = Path("/dev/stdin" if path == "-" else path).stat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
