"""Sources that are not audit: the shipped pipelines of Postfix and OpenSSH, from our own logs to events.

A golden file says what is, one event a line with its keys sorted; `--update-golden` rewrites them.  What must be stands
below it.
"""

import json
import random
import re
from pathlib import Path
from typing import Any, Final

import pytest

from stitcher.collector import check, load_pipeline
from stitcher.config.examples import run_examples
from stitcher.config.normalizer import Normalizer as NormalizerModel
from stitcher.config.trees import load
from stitcher.core.normalizer import Normalizer, Rule
from stitcher.errors import ConfigError
from stitcher.pipeline import Corridor

ROOT: Final = Path(__file__).resolve().parent.parent
OTHER: Final = ROOT / "samples" / "other"
GOLDEN: Final = Path(__file__).resolve().parent / "golden" / "other"
#: when the logs are read: 2025-07-07T15:00:00Z, for times without a year
NOW: Final = 1751900400.0
SOURCES: Final = ("postfix", "sshd")
SAMPLES: Final = sorted(path.name for path in OTHER.glob("*.log"))
POSTFIX: Final = [name for name in SAMPLES if name.startswith("postfix")]

Event = dict[str, Any]


def corridor(source: str, loop: bool = True) -> Corridor:
    """The shipped pipeline of a source; without the loop it ends behind lap 1, as the first of two collectors."""
    return Corridor(load_pipeline(source).plan._replace(loop=loop), midnight=NOW)


def read(source: str, data: bytes, step: int = 1 << 20, loop: bool = True) -> list[Event]:
    """The events of an input that comes in pieces of `step` bytes, without a clock."""
    at = corridor(source, loop)
    outputs = [one for start in range(0, len(data), step) for one in at.feed(data[start : start + step])]
    return [json.loads(line) for one in [*outputs, *at.close()] for line in one.data.splitlines()]


def sample(name: str) -> bytes:
    return (OTHER / name).read_bytes()


def joined(name: str) -> list[Event]:
    """The events that a rule made of a sample's lines."""
    return [event for event in read(name.partition("-")[0], sample(name)) if "AggregationRuleName" in event]


def lines_about(name: str, *parts: str) -> bytes:
    """The lines of a sample that hold one of these texts."""
    found = [line for line in sample(name).splitlines(True) if any(part.encode() in line for part in parts)]
    assert found
    return b"".join(found)


def by(key: str, events: list[Event]) -> dict[Any, Event]:
    return {event[key]: event for event in events}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gives_the_events_of_its_golden_file(name: str, update_golden: bool) -> None:
    path = GOLDEN / (name.removesuffix(".log") + ".jsonl")
    found = [json.dumps(event, sort_keys=True) for event in read(name.partition("-")[0], sample(name))]
    if update_golden:
        path.write_text("".join(f"{line}\n" for line in found), encoding="ascii")
    assert found == path.read_text(encoding="ascii").splitlines()


def test_golden_files_and_the_table_name_each_sample() -> None:
    rows = (OTHER / "README.md").read_text(encoding="utf-8").splitlines()
    assert [row.split("|")[1].strip() for row in rows if row.startswith("| ") and ".log" in row] == SAMPLES
    assert sorted(path.name for path in GOLDEN.iterdir()) == [name.replace(".log", ".jsonl") for name in SAMPLES]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_pieces_cut_anywhere_give_the_same_events(name: str, step: int) -> None:
    source = name.partition("-")[0]
    assert read(source, sample(name), step) == read(source, sample(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_two_collectors_come_to_the_events_of_one(name: str) -> None:
    """The first joins and sends JSON; the second reads it, and joins nothing again."""
    source = name.partition("-")[0]
    sent = [event for event in read(source, sample(name), loop=False) if event["Type"] == 2]
    lines = "".join(json.dumps(event) + "\n" for event in sent).encode()
    assert sent
    assert read(source, lines) == joined(name)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_line_is_in_one_event(name: str) -> None:
    events = read(name.partition("-")[0], sample(name))
    assert sum(event.get("BaseEventCount", 1) for event in events) == len(sample(name).splitlines())
    assert not [event for event in events if "Raw" in event]


# --- Postfix ---


def test_a_mail_is_one_event_with_all_that_its_lines_told() -> None:
    mail = joined("postfix-3.7-debian12.log")[0]
    assert mail["ExternalID"] == "49A3C1207F1"
    assert (mail["StartTime"], mail["EndTime"], mail["BaseEventCount"]) == (1751892800301, 1751892800405, 6)
    assert (mail["Name"], mail["EventOutcome"], mail["Extra"]) == ("Mail sent", "sent", {"closed_by": "complete"})
    assert (mail["SourceHostName"], mail["SourceAddress"]) == ("mail.example.net", "198.51.100.25")
    assert (mail["SourceUserName"], mail["BytesIn"]) == ("joren@example.net", 2417)
    assert mail["SA.Recipients"] == ["mara@example.com", "tern@example.com"]
    assert mail["Message"].splitlines()[0] == "smtpd: client=mail.example.net[198.51.100.25]"
    assert mail["Message"].splitlines()[-1] == "qmgr: removed"


def test_what_became_of_each_mail() -> None:
    found = [(mail["ExternalID"], mail["EventOutcome"]) for mail in joined("postfix-3.7-debian12.log")]
    assert found == [
        ("49A3C1207F1", "sent"), ("75C1A1207F4", "bounced"), ("668D21207F9", "sent"), ("9EB8E1207F1", "sent"),
        ("49A3C1207F1", "sent"), ("2F0DD1207E3", "expired"), ("200E41207FA", "bounced"), ("0A77B1207DD", "deleted"),
        ("B31A51207F6", "rejected"), ("C3C051207F8", "deferred"),
    ]  # fmt: skip


def test_a_queue_id_that_comes_again_is_another_mail() -> None:
    first, second = (mail for mail in joined("postfix-3.7-debian12.log") if mail["ExternalID"] == "49A3C1207F1")
    assert first["S.MessageID"] != second["S.MessageID"]
    assert first["ID"] != second["ID"]
    assert "late" not in second["Extra"]


def test_two_hosts_with_one_queue_id_have_two_mails() -> None:
    mails = joined("postfix-3.5-two-hosts-rfc3164.log")
    same = by("DeviceHostName", [mail for mail in mails if mail["ExternalID"] == "7D21B1207F1"])
    assert {host: mail["SourceUserName"] for host, mail in same.items()} == {
        "kestrel": "joren@example.net", "osprey": "mara@example.com",
    }  # fmt: skip
    assert same["kestrel"]["BaseEventCount"] == 5


def test_a_mail_that_was_deferred_first_was_sent_in_the_end() -> None:
    mail = joined("postfix-3.5-two-hosts-rfc3164.log")[-1]
    assert (mail["EventOutcome"], mail["EndTime"] - mail["StartTime"]) == ("sent", 344_000)
    assert [one.split()[1] for one in mail["SA.Deliveries"]] == ["deferred", "sent"]


def test_a_mail_that_is_never_removed_is_told_after_its_time_out() -> None:
    at = corridor("postfix")
    assert at.feed(lines_about("postfix-3.7-debian12.log", "C3C051207F8"), 0.0) == []
    assert at.next_deadline() == 600.0
    assert at.expire(599.0) == []
    (output,) = at.expire(600.0)
    mail = json.loads(output.data)
    assert (mail["EventOutcome"], mail["Extra"]["closed_by"]) == ("deferred", "timeout")
    assert at.close() == []


def test_an_attempt_within_the_time_out_keeps_a_mail_waiting() -> None:
    at = corridor("postfix")
    lines = lines_about("postfix-3.5-two-hosts-rfc3164.log", "osprey postfix/").splitlines(True)
    mine = [line for line in lines if b"7D21B1207F1" in line]
    at.feed(b"".join(mine[:4]), 0.0)
    assert at.expire(344.0) == []
    (output,) = at.feed(b"".join(mine[4:]), 344.0)
    assert json.loads(output.data)["BaseEventCount"] == 7


def test_an_answer_that_looks_like_a_delivery_is_none() -> None:
    mail = by("ExternalID", joined("postfix-3.8-long-ids-rfc5424.log"))["4bbPXh3TLrz2xPs"]
    assert mail["SA.Recipients"] == ['"tern, the second"@example.org']
    assert mail["EventOutcome"] == "bounced"


def test_a_bounce_leads_to_the_mail_that_reports_it() -> None:
    mails = by("ExternalID", joined("postfix-3.8-long-ids-rfc5424.log"))
    (notice,) = mails["4bbPXh3TLrz2xPs"]["SA.Notifications"]
    assert mails[notice]["DestinationUserName"] == mails["4bbPXh3TLrz2xPs"]["SourceUserName"]
    assert "SourceUserName" not in mails[notice]


def test_a_line_without_a_queue_id_is_an_event_at_once() -> None:
    at = corridor("postfix")
    (output,) = at.feed(lines_about("postfix-3.7-debian12.log", "Relay access denied"))
    event = json.loads(output.data)
    assert (event["Name"], event["SourceAddress"], event["Type"]) == ("Mail rejected", "203.0.113.9", 1)
    assert "ExternalID" not in event


def test_a_mail_to_many_is_one_event() -> None:
    line = (
        "<22>Jul  7 14:53:20 kestrel postfix/local[7]: 49A3C1207F1: to=<u{}@example.com>, relay=local, delay=0.1,"
        " delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)\n"
    )
    data = (
        "".join(map(line.format, range(1000))) + "<22>Jul  7 14:53:20 kestrel postfix/qmgr[8]: 49A3C1207F1: removed\n"
    )
    (mail,) = read("postfix", data.encode())
    assert mail["BaseEventCount"] == 1001
    assert len(mail["SA.Recipients"]) == 1000


# --- OpenSSH ---


def test_what_became_of_each_connection() -> None:
    found = [(one["ExternalID"], one["Name"], one.get("N.Failures")) for one in joined("sshd-9.2-debian12.log")]
    assert found == [
        ("3312", "SSH login failed", 1),
        ("3320", "SSH login failed", 3),
        ("3325", "SSH connection without a login", None),
        ("3327", "SSH connection without a login", None),
        ("3329", "SSH connection without a login", None),
        ("3310", "SSH login", None),
        ("3310", "SSH connection without a login", None),
        ("3350", "SSH connection without a login", None),
        ("3340", "SSH login", 1),
    ]


def test_a_login_is_one_event_from_the_connection_to_its_end() -> None:
    login = next(one for one in joined("sshd-9.2-debian12.log") if one["Name"] == "SSH login")
    assert (login["DestinationUserName"], login["SA.Methods"]) == ("mara", ["publickey"])
    assert (login["SourceAddress"], login["SourcePort"], login["DestinationPort"]) == ("198.51.100.7", 50122, 22)
    assert login["S.Key"].startswith("ED25519 SHA256:")
    assert (login["EndTime"] - login["StartTime"], login["EventOutcome"]) == (20284, "success")


def test_a_long_session_is_told_when_it_begins_and_when_it_ends() -> None:
    lines = lines_about("sshd-9.2-debian12.log", "sshd[3340]").splitlines(True)
    at = corridor("sshd")
    assert at.feed(b"".join(lines[:-1]), 0.0) == []
    (begun,) = at.expire(120.0)
    (ended,) = at.feed(lines[-1], 3604.0)
    login, end = json.loads(begun.data), json.loads(ended.data)
    assert (login["Name"], login["Extra"]["closed_by"]) == ("SSH login", "lifetime")
    assert (end["Name"], end["DestinationUserName"]) == ("SSH session ended", "joren")
    assert login["ExternalID"] == end["ExternalID"]


def test_two_hosts_with_one_process_number_have_two_connections() -> None:
    same = [one for one in joined("sshd-9.9-fedora41.log") if one["ExternalID"] == "4410"]
    assert {one["DeviceHostName"]: one["EventOutcome"] for one in same} == {"osprey": "failure", "lapwing": "success"}


def test_a_name_that_was_typed_moves_no_address() -> None:
    names = ["x from 192.0.2.1 port 1 ssh2", "root 192.0.2.1 port 1 [preauth]", "a not allowed because b", ""]
    for name in names:
        data = "".join(
            f"<38>Jul  7 14:53:20 kestrel sshd[7]: {text}\n"
            for text in (
                f"Invalid user {name} from 203.0.113.66 port 40122",
                f"Failed password for invalid user {name} from 203.0.113.66 port 40122 ssh2",
                f"Connection closed by invalid user {name} 203.0.113.66 port 40122 [preauth]",
            )
        )
        (one,) = read("sshd", data.encode())
        assert (one["SourceAddress"], one["SourcePort"], one["Name"]) == ("203.0.113.66", 40122, "SSH login failed")
        assert one.get("SA.Users") == ([name] if name else None)


# --- both ---


def rules_of(rule: Rule) -> set[str]:
    return {rule.name}.union(*(rules_of(branch.rule) for branch in rule.branches))


@pytest.mark.parametrize("source", SOURCES)
def test_the_examples_of_a_normalizer_take_each_of_its_ways(source: str) -> None:
    read_file, tree = load(ROOT / "normalizers" / f"{source}.yaml")
    assert run_examples(read_file, tree) == []
    assert isinstance(read_file.model, NormalizerModel)
    taken = {step.rule for example in read_file.model.examples for step in tree.explain(example.line, NOW)}
    assert taken == rules_of(_main(tree))


@pytest.mark.parametrize("source", SOURCES)
def test_no_pattern_of_a_normalizer_can_be_left_out(source: str, tmp_path: Path) -> None:
    """Without it an example comes out otherwise, or the file names a group that there is none of."""
    lines = (ROOT / "normalizers" / f"{source}.yaml").read_text(encoding="utf-8").splitlines(True)
    patterns = [at for at, line in enumerate(lines) if line.lstrip().startswith("- '^")]
    assert len(patterns) > 15
    for at in patterns:
        path = tmp_path / f"{at}.yaml"
        path.write_text("".join(lines[:at] + lines[at + 1 :]), encoding="utf-8")
        assert _has_faults(path), f"no example needs {lines[at].strip()}"


@pytest.mark.parametrize("name", SAMPLES)
def test_lines_with_bytes_changed_end_nothing(name: str) -> None:
    r = random.Random(7)
    data = bytearray(sample(name))
    for _ in range(500):
        data[r.randrange(len(data))] = r.choice(b"\x00\n\xff<>{}[]()\"':=\\ a0")
    assert read(name.partition("-")[0], bytes(data))


def _main(tree: Normalizer) -> Rule:
    return tree._main


def _has_faults(path: Path) -> bool:
    try:
        return bool(run_examples(*load(path)))
    except ConfigError:
        return True


# --- the page ---


def test_the_page_shows_what_comes_of_its_lines(tmp_path: Path) -> None:
    """Its three logs, two of them lines of the samples, give its three events; the source it adds is in its YAML."""
    page = (ROOT / "docs" / "other-sources.md").read_text(encoding="utf-8")
    shown = {kind: re.findall(rf"^```{kind}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE) for kind in ("log", "yaml")}
    events = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)]
    own = tmp_path / "dhcp.yaml"
    own.write_text("---\n".join(shown["yaml"]), encoding="utf-8")
    assert not check([own]).faults
    for source, log, event in zip(("postfix", "sshd", str(own)), shown["log"], events, strict=True):
        found = [one for one in read(source, log.encode()) if "AggregationRuleName" in one]
        assert found[0] == event
        assert list(found[0]) == list(event)
    known = b"".join(map(sample, SAMPLES)).decode().splitlines()
    assert {line for log in shown["log"][:2] for line in log.splitlines()} <= set(known)
