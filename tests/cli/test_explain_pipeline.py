"""What must hold of `stitcher explain --pipeline`: a story is what the pipeline does, told by what does it."""

import json
from pathlib import Path
from typing import Any

import pytest
from recipes import AUDIT, STDOUT, pipeline
from shell import record, stitcher, whole

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
MAIL = "kind: pipeline\nid: mail\ndescription: Mails\nnormalizer: postfix\naggregation: [postfix]\n"
FILTERS = """\
filters:
  - {name: no sshd, on: originals, drop: {field: DeviceProcessName, op: "=", value: sshd}}
  - {name: mails, keep: {field: EventOutcome, op: exists}}
enrichments:
  - {type: constant, target: site, value: plant 7}
  - {type: constant, target: other, value: x, when: {field: site, op: "=", value: plant 8}}
destinations:
  - {name: out, to: stdout, when: {field: site, op: "=", value: plant 7}}
  - {name: none, to: discard, when: {field: site, op: "=", value: plant 8}}
"""
HEAD = "2025-07-07T14:53:20.3+02:00 kestrel "
MAIL_LINES = (
    f"{HEAD}postfix/smtpd[1]: 49A3C1207F1: client=a.example.net[198.51.100.25]\n"
    f"{HEAD}sshd[2]: Accepted\n"
    "\n"
    "no syslog\n"
    f"{HEAD}postfix/local[3]: 49A3C1207F1: to=<tern@example.com>, relay=local, delay=0.1, delays=0/0/0/0, dsn=2.0.0, "
    "status=sent (delivered to mailbox)\n"
    f"{HEAD}postfix/qmgr[4]: 49A3C1207F1: removed\n"
    f"{HEAD}postfix/smtpd[1]: 59A3C1207F2: client=b.example.net[198.51.100.26]\n"
).encode()
#: a filter on originals that lets all pass, so that audit takes the general road
GENERAL = "filters:\n  - {name: all, on: originals, keep: {field: ExternalID, op: exists}}\n"


def stories(path: Path | str, lines: bytes, *more: str) -> list[dict[str, Any]]:
    run = stitcher("explain", "--pipeline", path, "--all", "--json", *more, stdin=lines)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def facts(story: dict[str, Any], room: str) -> list[tuple[str, str]]:
    return [(fact["name"], fact["value"]) for fact in story["after"].get(room, ())]


def numbers(story: dict[str, Any]) -> list[tuple[int, str]]:
    return [(line["number"], line["outcome"]) for line in story["lines"]]


def written(story: dict[str, Any], name: str = "out") -> list[bytes]:
    """What a destination got, by the story."""
    return [value.encode() for fact, value in facts(story, "destinations") if fact == f"{name} gets"]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    return pipeline(tmp_path, FILTERS, head=MAIL)


def test_every_line_is_in_one_story(mail: Path) -> None:
    told = stories(mail, MAIL_LINES)
    assert [numbers(story) for story in told] == [
        [(2, "dropped")],
        [(3, "skipped")],
        [(4, "passed")],
        [(1, "joined"), (5, "joined"), (6, "joined")],
        [(7, "joined")],
    ]
    assert [story["event"] is None for story in told] == [True, True, False, False, False]


def test_what_the_stories_say_was_written_is_what_run_writes(mail: Path) -> None:
    told = stories(mail, MAIL_LINES)
    assert [line for story in told for line in written(story)] == stitcher(
        "run", mail, stdin=MAIL_LINES
    ).stdout.splitlines()
    assert [json.loads(line) for story in told for line in written(story)] == [story["event"] for story in told[3:]]


def test_a_story_tells_each_room_and_why(mail: Path) -> None:
    dropped, _, passed, joined, ended = stories(mail, MAIL_LINES)
    assert dropped["lines"][0]["rooms"]["filters on originals"] == [
        {"name": "no sshd", "value": "dropped", "why": "it goes no further"}
    ]
    assert passed["lines"][0]["rooms"]["aggregation"][0]["why"] == "no rule's filter holds: it goes on as it is"
    assert facts(passed, "filters") == [("mails", "dropped")]
    steps = [fact["name"] for fact in joined["lines"][0]["rooms"]["normalizer"]]
    assert steps[0] == "postfix read"
    assert any(name.endswith(" not taken") for name in steps)
    assert [(one["name"], one["value"]) for one in joined["facts"][:2]] == [
        ("rule", "postfix"),
        ("closed by", "complete"),
    ]
    assert joined["facts"][1]["why"].endswith("closed when line 6 came")
    assert joined["aggregated"]["BaseEventCount"] == 3
    assert facts(joined, "loop")[0][0] == "postfix read"
    assert facts(joined, "filters") == [("mails", "kept")]
    assert facts(joined, "enrichments") == [("site", "site='plant 7'"), ("other", "adds nothing")]
    assert [fact for fact in facts(joined, "destinations") if "gets" not in fact[0]] == [
        ("out", "takes it: stdout"),
        ("none", "does not take it"),
    ]
    assert (ended["facts"][1]["value"], ended["facts"][1]["why"]) == ("end", "the input ended")
    assert facts(ended, "filters") == [("mails", "kept")]


def test_an_event_that_nobody_takes_is_said_so(tmp_path: Path) -> None:
    path = pipeline(tmp_path, "destinations:\n  - {name: out, to: stdout, when: {field: serial, op: '=', value: 9}}\n")
    (story,) = stories(path, record("USER_LOGIN", 7))
    assert facts(story, "destinations") == [("out", "does not take it"), ("nobody", "takes it")]


@pytest.mark.parametrize("general", [False, True])
def test_audit_is_told_field_by_field_on_both_roads(tmp_path: Path, general: bool) -> None:
    path = pipeline(tmp_path, GENERAL if general else "", STDOUT)
    data = (SAMPLES / "debian12-6.1-open-denied.log").read_bytes()
    told = stories(path, data)
    assert told[0]["road"] == [
        "lines take the general road: a filter looks at originals"
        if general
        else "rule 'audit' is what the kernel's join does: the kernel joins"
    ]
    assert [line for story in told for line in written(story)] == stitcher("filter", stdin=data).stdout.splitlines()
    alone = [json.loads(line) for line in stitcher("explain", "--all", "--json", stdin=data).stdout.splitlines()]
    assert [story["records"] for story in told] == [story["records"] for story in alone if story["event"]]
    assert [story["event"] for story in told if story["event"]] == [story["event"] for story in alone if story["event"]]


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.log")))
def test_the_loop_over_tcp_is_told_as_one_event(sample: str) -> None:
    data = (SAMPLES / sample).read_bytes()
    told = [story for story in stories("audit-kuma", data) if story["event"]]
    assert sorted(line for story in told for line in written(story, "Storage for AuditD")) == sorted(
        stitcher("filter", stdin=data).stdout.splitlines()
    )
    for story in told:
        assert [room for room in story["after"] if room != "filters"] in (
            ["destinations, Type=2", "loop", "destinations"],
            # what somebody else joined goes to lap 2 at once
            ["destinations"],
        )


def test_the_loop_over_tcp_of_another_source(tmp_path: Path) -> None:
    where = "tcp://127.0.0.1:5999"
    head = MAIL + f"connectors:\n  - from: {where}\nloop: none\n"
    path = pipeline(tmp_path, FILTERS, f"  - {{name: loop, to: '{where}', loop: true}}\n", head=head)
    *_, joined, ended = stories(path, MAIL_LINES)
    assert list(joined["after"]) == ["destinations, Type=2", "loop", "filters", "enrichments", "destinations"]
    assert facts(joined, "loop")[0] == ("came back", "through loop")
    memory = pipeline(tmp_path, FILTERS, head=MAIL, name="memory.yaml")
    assert [*written(joined), *written(ended)] == stitcher("run", memory, stdin=MAIL_LINES).stdout.splitlines()


def test_what_another_collector_joined_goes_to_lap_2_at_once(tmp_path: Path) -> None:
    joined = stitcher("filter", "--emit", "aggregated", stdin=whole(1)).stdout
    for parts in ((STDOUT,), (GENERAL, STDOUT)):
        (story,) = stories(pipeline(tmp_path, *parts), joined)
        assert numbers(story) == [(1, "aggregated")]
        assert written(story) == stitcher("filter", stdin=whole(1)).stdout.splitlines()


def test_a_line_that_is_too_long_or_skipped_is_told_on_the_general_road(tmp_path: Path) -> None:
    lines = b"----\n" + record("CWD", 1, "x" * 2_000_000) + b"no audit\n"
    told = stories(pipeline(tmp_path, GENERAL, STDOUT), lines)
    assert [numbers(story) for story in told] == [[(1, "skipped")], [(2, "too_long")], [(3, "rejected")]]
    assert [story["facts"][0]["value"] for story in told] == ["skipped", "rejected", "rejected"]


def test_what_another_collector_joined_is_handed_on_where_nothing_goes_round(tmp_path: Path) -> None:
    joined = stitcher("filter", "--emit", "aggregated", stdin=whole(1)).stdout
    for parts in ((STDOUT,), (GENERAL, STDOUT)):
        (story,) = stories(pipeline(tmp_path, "loop: none\n", *parts), joined)
        assert numbers(story) == [(1, "aggregated")]
        assert list(story["after"]) == ["destinations, Type=2"]


def test_without_a_loop_the_story_ends_with_the_type_2_event() -> None:
    (story,) = stories("audit-join", whole(1))
    assert list(story["after"]) == ["destinations, Type=2"]
    assert json.loads(dict(facts(story, "destinations, Type=2"))["second gets"])["Type"] == 2


def test_duplicates_end_marks_and_late_lines_are_told(tmp_path: Path) -> None:
    late = record("CWD", 1, 'cwd="/late"')
    lines = whole(1) + record("EOE", 1, "") + whole(1)[:50].split(b"\n")[0] + b"\n" + whole(2) + late + whole(3)
    kernel, general = (stories(pipeline(tmp_path, *parts), lines) for parts in ((STDOUT,), (GENERAL, STDOUT)))
    assert sorted(line for story in general for line in numbers(story)) == sorted(
        line for story in kernel for line in numbers(story)
    )


def test_the_page_is_for_people(mail: Path, tmp_path: Path) -> None:
    run = stitcher("explain", "--pipeline", mail, "--id", "49A3C1207F1", stdin=MAIL_LINES)
    page = run.stdout.decode()
    assert page.startswith(
        "pipeline  mail\n"
        "road      lines take the general road: lines are read by the normalizer 'postfix'; "
        "a filter looks at originals\n"
        "\nlines 1,5-6: "
    )
    rooms = [line for line in page.splitlines() if line and not line.startswith(" ")][3:]
    assert rooms == [
        "line", "normalizer", "filters on originals", "aggregation", "event", "loop", "filters", "enrichments",
        "destinations",
    ]  # fmt: skip


def test_hostile_bytes_do_not_reach_the_terminal(mail: Path) -> None:
    line = f"{HEAD}postfix/smtpd[1]: 49A3C1207F1: client=\x1b[2J\u202e[198.51.100.25]\n".encode() + b"\xff\x9b\n"
    shown = stitcher("explain", "--pipeline", mail, "--all", stdin=line).stdout.decode()
    assert all(line.isprintable() for line in shown.split("\n"))
    assert r"\x1b[2J" in shown


def test_one_line_is_told_alone(mail: Path) -> None:
    run = stitcher("explain", "--pipeline", mail, f"{HEAD}sshd[2]: Accepted")
    assert "no sshd  dropped  it goes no further" in run.stdout.decode()


def test_of_a_file_the_first_event_is_told(mail: Path, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(MAIL_LINES)
    run = stitcher("explain", "--pipeline", mail, log)
    assert b"\nline 4: an event\n" in run.stdout
    assert b"2 lines in front of it outside of any event; --all explains all" in run.stderr


@pytest.mark.parametrize(
    ("lines", "arguments", "code", "said"),
    [(b"", (), 1, b"stdin has no line"), (MAIL_LINES, ("--id", "nobody"), 1, b"no event nobody in stdin")],
)
def test_nothing_to_tell_is_said(mail: Path, lines: bytes, arguments: tuple[str, ...], code: int, said: bytes) -> None:
    run = stitcher("explain", "--pipeline", mail, *arguments, stdin=lines)
    assert (run.returncode, run.stdout) == (code, b"")
    assert said in run.stderr


def test_a_faulty_pipeline_is_said(tmp_path: Path) -> None:
    run = stitcher("explain", "--pipeline", pipeline(tmp_path, "loop: nowhere\n", head=AUDIT), "line = 1")
    assert run.returncode == 2
    assert b"own.yaml:6: loop: no loop 'nowhere'" in run.stderr
