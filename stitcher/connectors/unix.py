"""Receive lines over a unix stream socket, from programs of this machine.

    stitcher listen --unix /run/stitcher.sock

Each connection is a source of its own, without a peer name.  Framing is as over TCP.  A socket that an earlier run left
behind is replaced; one that somebody listens on is not.  The path is removed at the end.
"""

import socket
import stat
from collections.abc import Collection
from pathlib import Path

from stitcher.connectors import Intake, Say
from stitcher.connectors._streams import BACKLOG, StreamListener
from stitcher.errors import ConnectorError


class UnixListener(StreamListener):
    """A StreamListener that removes its path when it is drained."""

    def __init__(self, listening: socket.socket, path: Path, intake: Intake, say: Say) -> None:
        super().__init__(listening, f"unix {path}", intake, say, lambda _: b"")
        self._path = path

    def drain(self, but: Collection[tuple[str, int]] = ()) -> None:
        """As StreamListener does; then nobody can connect any more."""
        super().drain(but)
        self._path.unlink(missing_ok=True)


def listen_unix(path: Path, intake: Intake, say: Say) -> UnixListener:
    """Bind and listen.  Raises ConnectorError when that fails."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _answers(path):
            path.unlink()
        listening.bind(str(path))
        listening.listen(BACKLOG)
    except OSError as cause:
        listening.close()
        raise ConnectorError(
            f"unix {path}: cannot listen: {(cause.strerror or str(cause)).lower()}; "
            "choose a path that nobody uses, in a folder that you may write to"
        ) from cause
    return UnixListener(listening, path, intake, say)


def _answers(path: Path) -> bool:
    """True while somebody listens on the path."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(str(path))
        except OSError:
            return False
        return True
