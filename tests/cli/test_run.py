"""What must hold of `stitcher run`: a pipeline of the user's own at work."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from recipes import STDOUT, pipeline
from shell import PATIENCE, command, ended, events, listening, next_event, record, send, started, stitcher, until, whole

MAIL = "kind: pipeline\nid: mail\ndescription: Mails\nnormalizer: postfix\naggregation: [postfix]\n"
LOGIN = record("USER_LOGIN", 7, "pid=7 uid=0")


def test_a_pipeline_reads_stdin_and_makes_the_events_of_filter(tmp_path: Path) -> None:
    lines = whole(1) + LOGIN
    run = stitcher("run", pipeline(tmp_path), stdin=lines)
    assert (run.stderr, run.returncode) == (b"", 0)
    assert run.stdout == stitcher("filter", stdin=lines).stdout


def test_files_are_read_in_their_order_and_may_be_compressed(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "a.log.gz").write_bytes(gzip.compress(whole(1)))
    (tmp_path / "b.log").write_bytes(LOGIN)
    connectors = f"connectors:\n  - from: file:{tmp_path}/a.log.gz\n  - from: file:{tmp_path}/b.log\n"
    run = stitcher("run", pipeline(tmp_path, connectors, STDOUT))
    assert [event["serial"] for event in events(run.stdout)] == [1, 7]


def test_a_file_that_is_not_there_is_said_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    connectors = "connectors:\n  - from: file:/no/such.log\n"
    run = stitcher("run", pipeline(tmp_path, connectors, f"destinations:\n  - {{name: out, to: 'file:{out}'}}\n"))
    assert run.returncode == 2
    assert b"/no/such.log: no such file" in run.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("audti", "audti: no pipeline 'audti'; did you mean 'audit'? known: audit, audit-decode"),
        ("no/such.yaml", "no/such.yaml: no such file; write the path of a pipeline, or the id of a shipped one"),
        (".", ".: no pipeline '.'"),
        ("./", "./: is a folder; write the path of a pipeline in it"),
    ],
)
def test_a_pipeline_that_is_not_there_is_asked_wrongly(name: str, said: str) -> None:
    run = stitcher("run", name)
    assert run.returncode == 2
    assert run.stderr.decode().startswith(f"stitcher: {said}")


def test_a_pipeline_is_found_by_its_id_in_a_folder_of_resources(tmp_path: Path) -> None:
    pipeline(tmp_path)
    run = subprocess.run(
        command("run", "own"), input=LOGIN, capture_output=True, timeout=PATIENCE, check=False,
        env=os.environ | {"STITCHER_RESOURCES": str(tmp_path)},
    )  # fmt: skip
    assert [event["serial"] for event in events(run.stdout)] == [7]


def test_what_came_in_and_did_not_come_out_is_said_by_name(tmp_path: Path) -> None:
    path = pipeline(
        tmp_path,
        'filters:\n  - {name: no seven, drop: {field: serial, op: "=", value: 7}}\n',
        'destinations:\n  - {name: out, to: stdout, when: {field: serial, op: "=", value: 1}}\n',
    )
    lines = b"no audit\ntype=CWD\n" + whole(1) + LOGIN + record("USER_LOGIN", 8)
    lost = "2 lines rejected (1 not_audit, 1 bad_header); 1 dropped by 'no seven'; 1 taken by no destination"
    run = stitcher("run", path, stdin=lines)
    assert run.returncode == 0
    assert [event["serial"] for event in events(run.stdout)] == [1]
    assert run.stderr.decode() == f"stitcher: {lost}\n"

    run = stitcher("run", path, "--summary", stdin=lines)
    said = run.stderr.decode()
    assert said.startswith("stitcher: 7 lines, 3 events; 3 complete, 0 partial; 2 rejected (1 not_audit, 1 bad_header)")
    assert "; 1 dropped by 'no seven'; 1 taken by no destination; " in said


def test_the_general_road_says_it_too(tmp_path: Path) -> None:
    path = pipeline(
        tmp_path,
        "filters:\n"
        '  - {name: no sshd, on: originals, drop: {field: DeviceProcessName, op: "=", value: sshd}}\n'
        "  - {name: mails, keep: {field: EventOutcome, op: exists}}\n"
        '  - {name: none, drop: {field: Name, op: "=", value: nothing}}\n',
        "destinations:\n  - {name: out, to: stdout, when: {field: EventOutcome, op: '=', value: bounced}}\n",
        head=MAIL,
    )
    lines = (
        b"2025-07-07T14:53:20.3+02:00 kestrel postfix/smtpd[1]: 49A3C1207F1: client=a.example.net[198.51.100.25]\n"
        b"2025-07-07T14:53:20.4+02:00 kestrel sshd[2]: Accepted\n"
        b"\n"
        b"no syslog\n"
        b"2025-07-07T14:53:20.5+02:00 kestrel postfix/local[3]: 49A3C1207F1: to=<tern@example.com>, relay=local, "
        b"delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)\n"
        b"2025-07-07T14:53:20.6+02:00 kestrel postfix/qmgr[4]: 49A3C1207F1: removed\n"
    )
    run = stitcher("run", path, "--summary", stdin=lines)
    assert (run.stdout, run.returncode) == (b"", 0)
    said = run.stderr.decode()
    assert said.startswith("stitcher: 6 lines, 2 events; 1 complete, 0 partial; 0 rejected, ")
    assert "1 dropped by 'mails', 1 dropped by 'no sshd'; 1 taken by no destination; 1 not read by a normalizer" in said


def test_a_line_that_is_too_long_is_rejected_on_the_general_road_too(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(
        "kind: aggregation\nid: short\ndescription: A test\nname: short\nidentical: [Name]\nmax_line_bytes: 100\n",
        encoding="utf-8",
    )
    (tmp_path / "json.yaml").write_text(
        "kind: normalizer\nid: json\ndescription: A test\nparse: json\nmap: {Name: name}\n", encoding="utf-8"
    )
    head = "kind: pipeline\nid: own\ndescription: A test\nnormalizer: json\naggregation: [short]\nloop: none\n"
    lines = b'{"name": "a"}\n' + json.dumps({"name": "b" * 100}).encode() + b'\n{"name": "c"}\n'
    run = stitcher("run", pipeline(tmp_path, head=head), "--rejected", tmp_path / "rejected", stdin=lines)
    assert [event["AggregationRuleName"] for event in events(run.stdout)] == ["short", "short"]
    assert run.stderr == b"stitcher: 1 line rejected (1 too_long)\n"
    assert (tmp_path / "rejected").read_bytes().startswith(b'{"name": "bbb')


def test_sigterm_writes_what_is_held(tmp_path: Path) -> None:
    listener = "connectors:\n  - from: tcp://127.0.0.1:0\n"
    path = pipeline(tmp_path, listener, STDOUT)
    lines = whole(1) + record("SYSCALL", 2)
    with started("run", path, "--summary") as process, send(listening(process), lines):
        assert next_event(process)["serial"] == 1
        process.send_signal(signal.SIGTERM)
        rest, said, code = ended(process)
    assert ([event["closed_by"] for event in rest], code) == (["end"], 0)
    assert "4 lines, 2 events; 1 complete, 1 partial" in said


def test_events_of_stdin_appear_as_they_close(tmp_path: Path) -> None:
    with started("run", pipeline(tmp_path)) as process:
        assert process.stdin
        process.stdin.write(LOGIN + record("SYSCALL", 8))
        assert next_event(process)["serial"] == 7
        process.send_signal(signal.SIGTERM)
        rest, _, code = ended(process)
    assert ([event["serial"] for event in rest], code) == ([8], 0)


def test_every_destination_gets_what_is_for_it_in_its_own_form(tmp_path: Path) -> None:
    table, store = tmp_path / "events.csv", tmp_path / "events.db"
    path = pipeline(
        tmp_path,
        "destinations:\n"
        f"  - {{name: table, to: 'file:{table}', format: csv}}\n"
        f"  - {{name: store, to: 'sqlite:{store}'}}\n"
        "  - {name: seven, to: stdout, schema: kuma, when: {field: serial, op: '=', value: 7}}\n",
    )
    run = stitcher("run", path, stdin=whole(1) + LOGIN)
    assert (run.stderr, run.returncode) == (b"", 0)
    assert [event["ExternalID"] for event in events(run.stdout)] == ["1700000000.004:7"]
    assert [line.split(",")[2] for line in table.read_text("utf-8").splitlines()[1:]] == [
        "1700000000.004:1",
        "1700000000.004:7",
    ]
    stored = stitcher("search", "--db", store, "--output", "json").stdout
    assert sorted(event["serial"] for event in events(stored)) == [1, 7]


def test_a_destination_that_cannot_be_written_ends_the_run_and_says_what_is_lost(tmp_path: Path) -> None:
    path = pipeline(tmp_path, "destinations:\n  - {name: out, to: 'file:/dev/full'}\n")
    run = stitcher("run", path, stdin=whole(1))
    assert run.returncode == 1
    assert b"1 event was not written" in run.stderr


def test_an_empty_input_is_no_fault(tmp_path: Path) -> None:
    run = stitcher("run", pipeline(tmp_path), "--summary")
    assert run.returncode == 0
    assert run.stderr.startswith(b"stitcher: 0 lines, 0 events; ")


def test_rejected_lines_are_kept_as_they_came(tmp_path: Path) -> None:
    kept = tmp_path / "rejected"
    stitcher("run", pipeline(tmp_path), "--rejected", kept, stdin=b"hello \xff\n" + LOGIN)
    until(kept.exists)
    assert kept.read_bytes() == b"hello \xff\n"
