"""What must hold of `stitcher explain`."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stitcher.cli.explain import explain
from stitcher.errors import ConfigError

LINE = "type=CWD msg=audit(1700000000.004:1001): cwd=2F746D702F612062"
LOG = (
    b"no record\n"
    b'type=CWD msg=audit(1700000000.004:1001): cwd="/a"\n'
    b'type=CWD msg=audit(1700000000.004:1002): cwd="/b"\n'
    b'type=PROCTITLE msg=audit(1700000000.004:1001): proctitle="x"\n'
    b'type=PROCTITLE msg=audit(1700000000.004:1002): proctitle="y"\n'
)


def run(*arguments: str) -> Result:
    """What the command says; exit codes as the console script would give them."""
    result = CliRunner().invoke(explain, arguments, standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def run_with_stdin(stdin: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The same as a program of its own: stdin is a real pipe."""
    command = (sys.executable, "-m", "stitcher", "explain", *arguments)
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "audit.log"
    path.write_bytes(LOG)
    return str(path)


def test_an_argument_that_is_no_file_is_a_line() -> None:
    result = run(LINE)
    assert result.return_value == 0
    assert "2F746D702F612062  '/tmp/a b'" in result.stdout
    assert "unquoted hex: decoded" in result.stdout


def test_a_rejected_line_is_explained_and_that_is_no_failure() -> None:
    result = run("type=CWD msg=audit(17:1): ")
    assert result.return_value == 0
    assert "rejected" in result.stdout
    assert "expected a dot" in result.stdout


def test_of_a_file_the_first_event_is_told(log: str) -> None:
    result = run(log)
    assert "1700000000.004:1001" in result.stdout
    assert "1002" not in result.stdout
    assert "1 line in front of it outside of any event" in result.stderr


@pytest.mark.parametrize("wanted", ["1700000000.004:1002", "1002"])
def test_an_id_or_serial_picks_an_event(log: str, wanted: str) -> None:
    result = run("--id", wanted, log)
    assert result.stdout.count("\nevent\n") == 1
    assert result.stdout.splitlines()[0].split("  ")[1] == "1700000000.004:1002"


def test_an_id_that_is_not_there_is_said_so(log: str) -> None:
    result = run("--id", "1700000000.004:9", log)
    assert result.return_value == 1
    assert "no event 1700000000.004:9" in result.stderr
    assert not result.stdout


def test_all_tells_every_event_and_the_lines_of_none(log: str) -> None:
    assert run("--all", log).stdout.count("\nevent\n") == 3


def test_json_is_one_line_a_story_in_plain_ascii(log: str) -> None:
    lines = run("--all", "--json", log).stdout.splitlines()
    assert [json.loads(line)["event"] is None for line in lines] == [True, False, False]
    assert json.loads(lines[1])["records"][0]["fields"][0]["value"] == "/a"
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("arguments", [("-",), ()])
def test_stdin_is_read_when_it_is_named_or_nothing_is(arguments: tuple[str, ...]) -> None:
    result = run_with_stdin(LOG, *arguments)
    assert result.returncode == 0
    assert b"1700000000.004:1001" in result.stdout


def test_a_file_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "audit.log.gz"
    path.write_bytes(gzip.compress(LOG))
    assert "1700000000.004:1001" in run(str(path)).stdout


def test_a_file_without_an_event_tells_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "other.log"
    path.write_bytes(b"one\ntwo\n")
    assert "line 1: not_audit" in run(str(path)).stdout


def test_an_empty_input_has_nothing_to_tell() -> None:
    result = run_with_stdin(b"", "-")
    assert result.returncode == 1
    assert b"stdin has no line" in result.stderr


def test_a_path_that_is_not_there_is_no_line() -> None:
    with pytest.raises(ConfigError, match="no such file, and not a line either"):
        run("/no/such/audit.log")


def test_a_line_that_is_too_long_for_a_file_name_is_a_line() -> None:
    assert "+" in run(f"{LINE}{'41' * 4000}").stdout


def test_hostile_bytes_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "hostile.log"
    path.write_bytes(b"type=CWD msg=audit(1700000000.004:1001): cwd=\x1b[2J\xff\x00 \x9b\xe2\x80\xae\r\n")
    shown = run(str(path)).stdout
    assert all(line.isprintable() for line in shown.split("\n"))
    assert r"\x1b[2J\xff\x00" in shown
