"""The real command line for tests: processes, pipes and sockets, nothing pretended."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: how long anything may take on a busy machine, seconds
PATIENCE = 20.0


def stitcher(*args: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run to the end."""
    return subprocess.run(command(*args), input=stdin, capture_output=True, timeout=PATIENCE, check=False)


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "stitcher", *map(str, args)]


@contextmanager
def started(*args: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run beside the test, with pipes on all three; killed at the end if it still runs."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(*args), stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as process:
        try:
            yield process
        finally:
            process.kill()


def listening(process: subprocess.Popen[bytes]) -> int:
    """The port of the next "listening" line."""
    assert process.stderr
    line = process.stderr.readline().decode()
    assert "listening: " in line, line
    return int(line.rpartition(":")[2]) if "unix" not in line else 0


def next_event(process: subprocess.Popen[bytes]) -> Any:
    """Blocks until a line is there."""
    assert process.stdout
    return json.loads(process.stdout.readline())


def ended(process: subprocess.Popen[bytes]) -> tuple[list[Any], str, int]:
    """The rest of what it says: events, stderr, exit code."""
    out, err = process.communicate(timeout=PATIENCE)
    return events(out), err.decode(), process.returncode


def events(out: bytes) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def send(port: int, *chunks: bytes) -> socket.socket:
    """Connect and send; the caller closes."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    for chunk in chunks:
        connection.sendall(chunk)
    return connection


def until(true: Any) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def record(kind: str, serial: int, body: str = "pid=1", when: str = "1700000000.004") -> bytes:
    return f"type={kind} msg=audit({when}:{serial}): {body}\n".encode()


def whole(serial: int, when: str = "1700000000.004") -> bytes:
    """Three lines that are one event."""
    return (
        record("SYSCALL", serial, 'arch=c000003e syscall=59 success=yes exit=0 uid=0 key="exec"', when)
        + record("CWD", serial, 'cwd="/root"', when)
        + record("PROCTITLE", serial, 'proctitle="ls"', when)
    )
