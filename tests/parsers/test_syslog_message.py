"""Syslog headers of many senders, word by word."""

from typing import Any

import pytest

from stitcher.parsers.syslog_message import parse

MAIL = {"priority": 22, "facility": 2, "severity": 6, "facility_name": "mail", "severity_name": "info"}
AT = "Nov 21 10:00:01"
ISO = "2026-11-21T10:00:01.123456+03:00"

LINES: dict[str, dict[str, Any]] = {
    f"<22>{AT} mail postfix/smtpd[123]: 4F2A: client=x": {
        **MAIL, "time": AT, "host": "mail", "program": "postfix/smtpd", "pid": "123", "message": "4F2A: client=x",
    },
    f"{AT} mail postfix/smtpd[123]: hello": {
        "time": AT, "host": "mail", "program": "postfix/smtpd", "pid": "123", "message": "hello",
    },
    "Nov  1 10:00:01 h CRON[7]: (root) CMD": {
        "time": "Nov  1 10:00:01", "host": "h", "program": "CRON", "pid": "7", "message": "(root) CMD",
    },
    f"<22>{AT} su: failed": {**MAIL, "time": AT, "program": "su", "message": "failed"},
    f"<22>{AT} su[9]: failed": {**MAIL, "time": AT, "program": "su", "pid": "9", "message": "failed"},
    f"{AT} h last message repeated 3 times": {"time": AT, "host": "h", "message": "last message repeated 3 times"},
    f"{AT} fe80::1%2 tag: x": {"time": AT, "host": "fe80::1%2", "program": "tag", "message": "x"},
    f"{AT} h tag[1] no colon": {"time": AT, "host": "h", "program": "tag", "pid": "1", "message": "no colon"},
    f"{AT} h %ASA-6-302013: Built": {"time": AT, "host": "h", "program": "%ASA-6-302013", "message": "Built"},
    f"{AT} h a: b: c": {"time": AT, "host": "h", "program": "a", "message": "b: c"},
    f"{AT} h a:  two spaces": {"time": AT, "host": "h", "program": "a", "message": " two spaces"},
    f"{AT} h a:": {"time": AT, "host": "h", "program": "a"},
    f"{AT} h": {"time": AT, "host": "h"},
    AT: {"time": AT},
    "Nov 21 2026 10:00:01 h a: x": {"time": "Nov 21 2026 10:00:01", "host": "h", "program": "a", "message": "x"},
    "Nov 21 10:00:01 2026 h a: x": {"time": "Nov 21 10:00:01 2026", "host": "h", "program": "a", "message": "x"},
    "Nov 21 10:00:01.123 h a: x": {"time": "Nov 21 10:00:01.123", "host": "h", "program": "a", "message": "x"},
    f"{ISO} h a[1]: x": {"time": ISO, "host": "h", "program": "a", "pid": "1", "message": "x"},
    f"<22>{ISO} h a[1]: x": {**MAIL, "time": ISO, "host": "h", "program": "a", "pid": "1", "message": "x"},
    "2026-11-21 10:00:01,123 h a: x": {
        "time": "2026-11-21 10:00:01,123", "host": "h", "program": "a", "message": "x",
    },
    "<22>4711: *Nov 21 10:00:01.123: %SYS-5-CONFIG_I: Configured": {
        **MAIL, "time": "Nov 21 10:00:01.123", "program": "%SYS-5-CONFIG_I", "message": "Configured",
    },
    "<22>4711: r1: .Nov 21 10:00:01.123 MSK: %LINK-3-UPDOWN: down": {
        **MAIL, "time": "Nov 21 10:00:01.123 MSK", "host": "r1", "program": "%LINK-3-UPDOWN", "message": "down",
    },
    f"<22>{AT} Message forwarded from aix1: sshd[5]: x": {
        **MAIL, "time": AT, "host": "aix1", "program": "sshd", "pid": "5", "message": "x",
    },
    f"<22>{AT} CEF:0|a b|c": {**MAIL, "time": AT, "message": "CEF:0|a b|c"},
    f'<22>{AT} {{"a": 1}}': {**MAIL, "time": AT, "message": '{"a": 1}'},
    f"<22>{AT} relay <13>{AT} inner a: x": {**MAIL, "time": AT, "host": "relay", "message": f"<13>{AT} inner a: x"},
    "<22>su: x": {**MAIL, "program": "su", "message": "x"},
    "<22>hello world": {**MAIL, "message": "hello world"},
    "<22>": MAIL,
    "<999>x": {"priority": 999, "message": "x"},
    "<022>x": {**MAIL, "message": "x"},
    f"<22>1 {ISO} h app 12 ID47 - \ufeffhello": {
        **MAIL, "version": 1, "time": ISO, "host": "h", "program": "app", "pid": "12", "message_id": "ID47",
        "message": "hello",
    },
    "<22>1 - - - - - - ": {**MAIL, "version": 1},
    "<22>1 - - - - - -": {**MAIL, "version": 1},
    f'<22>1 {ISO} h app - - [x@1 a="b \\"q\\" \\] \\\\" a="2"][y.z c="]"] text [not data]': {
        **MAIL, "version": 1, "time": ISO, "host": "h", "program": "app", "message": "text [not data]",
        "data": {"x@1": {"a": ['b "q" ] \\', "2"]}, "y.z": {"c": "]"}},
    },
    f"<22>1 {ISO} h app - - [x@1] y": {
        **MAIL, "version": 1, "time": ISO, "host": "h", "program": "app", "data": {"x@1": {}}, "message": "y",
    },
    f"<22>1 {ISO} h app - - [broken message": {
        **MAIL, "version": 1, "time": ISO, "host": "h", "program": "app", "message": "[broken message",
    },
    f"1 {ISO} h app - - - x": {"version": 1, "time": ISO, "host": "h", "program": "app", "message": "x"},
    f"\ufeff<22>{AT} h a: x\r\n\0": {**MAIL, "time": AT, "host": "h", "program": "a", "message": "x"},
}  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_a_header_is_read_word_by_word(line: str) -> None:
    assert parse(line) == LINES[line]


@pytest.mark.parametrize("line", ["", "hello", "host app: x", "<1234>x", "<x>y", "{}", "Foo 21 10:00:01 h a: x"])
def test_a_line_without_a_header_is_refused(line: str) -> None:
    assert parse(line) == "no syslog header"


def test_one_message_does_not_change_the_table_that_others_share() -> None:
    first = parse("<22>x")
    assert isinstance(first, dict)
    first["facility"] = "changed"
    assert parse("<22>") == MAIL
