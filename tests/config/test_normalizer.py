"""Normalizers in YAML, and what they make of lines."""

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from normalizing import AT, NOW, read, small, write

from stitcher.config._conversions import NAMES
from stitcher.config.examples import run_examples
from stitcher.config.trees import load
from stitcher.core.normalizer import Refused

SYSLOG = """\
kind: normalizer
id: mail
description: Mail logs, by queue id
parse: syslog
timezone: Europe/Moscow
map:
  DeviceHostName: host
  StartTime: {from: time, convert: [time]}
  Severity: {from: severity, dictionary: levels, column: word, default: unknown}
  DeviceVendor: {value: Postfix}
  Name: {template: "{program} ({facility_name})"}
dictionaries:
  levels: {"6": {word: info, level: 1}, "4": {word: warning, level: 5}}
extra:
  - convert: {program: [upper]}
    when: {field: program, op: startsWith, value: POSTFIX/}
    pass: message
    normalizer:
      parse:
        type: regexp
        patterns:
          - '^(?P<queue_id>[0-9A-F]+): client=(?P<host>[^\\[]+)\\[(?P<address>[^\\]]+)\\]'
          - '^(?P<queue_id>[0-9A-F]+): (?P<rest>.*)'
      map:
        ExternalID: queue_id
        SourceHostName: host
        SourceAddress: address
        Extra.rest: rest
      extra:
        - when: {field: rest, op: "=", value: removed}
          normalizer: {map: {DeviceAction: {value: removed}, Extra.state: rest}}
examples:
  - line: "<22>Nov 21 13:00:01 mail postfix/smtpd[123]: 4F2A: client=web01[192.0.2.7]"
    now: 2026-11-21T10:00:00Z
    expected:
      DeviceHostName: mail
      StartTime: 1795255201000
      Severity: info
      DeviceVendor: Postfix
      Name: postfix/smtpd (mail)
      ExternalID: 4F2A
      SourceHostName: web01
      SourceAddress: 192.0.2.7
    whole: true
  - line: "<22>Nov 21 13:00:02 mail postfix/qmgr[7]: 4F2A: removed"
    expected: {DeviceAction: removed, Extra: {state: removed}, Extra.rest: removed, SourceAddress: null}
  - line: "<22>Nov 21 13:00:02 mail sshd[7]: hello"
    expected: {ExternalID: null}
  - line: "no header"
    rejected: no syslog header
"""


def test_a_file_is_held_to_its_examples(tmp_path: Path) -> None:
    assert run_examples(*load(write(tmp_path, SYSLOG))) == []


def test_an_example_that_is_wrong_says_where_and_what(tmp_path: Path) -> None:
    examples = """
map: {A: a, N: {from: n, convert: [number]}, Extra.b: b}
examples:
  - line: a=1 b=2
    expected: {A: "2", B: x, Extra.b: "3"}
  - line: a=1 b=2
    expected: {A: "1"}
    whole: true
  - line: n=1
    expected: {N: "1"}
  - line: nothing
    expected: {A: "1"}
  - line: nothing
    rejected: no columns
  - line: a=1
    rejected: no pairs
  - line: a=1
    now: tomorrow
    expected: {}
"""
    text = small(examples) + "keep_raw: never\n"
    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in run_examples(*load(write(tmp_path, text)))] == [
        "mail.yaml:9: examples.0.expected.A: expected '2', found '1'",
        "mail.yaml:9: examples.0.expected.B: expected 'x', found nothing",
        "mail.yaml:9: examples.0.expected.Extra.b: expected '3', found '2'",
        "mail.yaml:11: examples.1.expected: expected no other fields, found Extra: {b: '2'}",
        "mail.yaml:14: examples.2.expected.N: expected '1', found the number 1",
        "mail.yaml:15: examples.3.line: expected an event, but the line is rejected: no pairs",
        "mail.yaml:18: examples.4.rejected: expected 'no columns', found 'no pairs'",
        "mail.yaml:20: examples.5.rejected: expected the line to be rejected, found an event with A",
        "mail.yaml:22: examples.6.now: expected a time such as 2026-11-21T10:00:00Z, found 'tomorrow'",
    ]


CONVERSIONS: dict[str, tuple[str, Any]] = {
    "lower": ("AB", "ab"),
    "upper": ("ab", "AB"),
    "trim": (" a ", "a"),
    "{trim: '-'}": ("-a-", "a"),
    "{append: '!'}": ("a", "a!"),
    "{prepend: '!'}": ("a", "!a"),
    "{substring: [1]}": ("abc", "bc"),
    "{substring: [0, 1]}": ("abc", "a"),
    "{replace: [b, x]}": ("abc", "axc"),
    "{replace: {from: b, to: ''}}": ("abc", "ac"),
    "{regexp: 'b(.)'}": ("abc", "c"),
    "{replaceWithRegexp: ['(a)b', '<\\1>']}": ("abc", "<a>c"),
    "decodeHexString": ("6162", "ab"),
    "decodeBase64String": ("YWI=", "ab"),
    "decodeBase64URLString": ("YWI", "ab"),
    "number": ("7", 7),
    "time": ("2026-11-21T10:00:01Z", AT),
    "{time: epoch}": ("1795255201", AT),
    "{time: '%Y%m%d%H%M%S'}": ("20261121100001", AT),
    "{time: {format: iso, timezone: '+03:00'}}": ("2026-11-21T13:00:01", AT),
    "{time: {timezone: Europe/Moscow}}": ("2026-11-21T13:00:01", AT),
}


@pytest.mark.parametrize("written", CONVERSIONS)
def test_a_conversion_as_it_is_written(written: str, tmp_path: Path) -> None:
    text, value = CONVERSIONS[written]
    normalizer = small(f"map: {{A: {{from: a, convert: [{written}]}}}}", parse="parse: {type: csv, columns: [a]}")
    assert read(tmp_path, normalizer, f'"{text}"') == {"A": value}


def test_every_conversion_is_tried() -> None:
    assert {re.findall(r"\w+", written)[0] for written in CONVERSIONS} == set(NAMES)


def test_conversions_go_in_order(tmp_path: Path) -> None:
    text = small("map: {A: {from: a, convert: [decodeHexString, upper, {append: x}, {substring: [1, 3]}]}}")
    assert read(tmp_path, text, "a=616263") == {"A": "BC"}


def test_a_zone_is_handed_down_and_may_be_named_anew(tmp_path: Path) -> None:
    text = small("""
timezone: Europe/Moscow
map: {A: {from: t, convert: [time]}}
extra:
  - normalizer:
      map: {B: {from: t, convert: [time]}, C: {from: t, convert: [{time: {timezone: UTC}}]}}
      extra:
        - normalizer: {timezone: "-01:00", map: {D: {from: t, convert: [time]}}}
""")
    hour = 3_600_000
    assert read(tmp_path, text, "t=2026-11-21T13:00:01") == {"A": AT, "B": AT, "C": AT + 3 * hour, "D": AT + 4 * hour}


def test_a_loop_is_split_by_the_first_character(tmp_path: Path) -> None:
    """The recipe for many-line events: what comes from outside is syslog, what comes round is JSON."""
    text = small(
        r"""
extra:
  - when: {field: first, op: "=", value: "{"}
    pass: raw
    normalizer:
      parse: json
      map: {DeviceVendor: {value: Linux}, Extra: Extra, Message: Message, Extra.count: BaseEventCount}
  - when: {field: first, op: "=", value: "<"}
    pass: raw
    normalizer: {parse: syslog, map: {Message: message, DeviceHostName: host}}
""",
        parse="parse: {type: regexp, patterns: ['^(?P<first>.)']}",
    )
    assert read(tmp_path, text, "<13>Nov 21 10:00:01 h a: x") == {"Message": "x", "DeviceHostName": "h"}
    assert read(tmp_path, text, '{"Type":2,"Message":"x","BaseEventCount":3,"Extra":{"k":"v"}}') == {
        "DeviceVendor": "Linux", "Extra": {"k": "v", "count": "3"}, "Message": "x",
    }  # fmt: skip
    assert read(tmp_path, text, "other") == {}


def test_a_constant_of_nothing_takes_a_field_away(tmp_path: Path) -> None:
    text = small("map: {A: a, B: b}\nextra: [{normalizer: {map: {A: {value: ''}}}}]")
    assert read(tmp_path, text, "a=1 b=2") == {"B": "2"}


def test_a_condition_may_ask_for_a_dictionary_of_the_file(tmp_path: Path) -> None:
    text = small("""
dictionaries: {known: {anna: "1"}}
extra:
  - when: {field: user, op: inDictionary, value: known}
    normalizer: {map: {A: {value: known}}}
""")
    assert read(tmp_path, text, "user=anna") == {"A": "known"}
    assert read(tmp_path, text, "user=eve") == {}


def test_extra_fields_and_raw_lines_are_kept_on_demand(tmp_path: Path) -> None:
    text = small("map: {A: a.b}\nkeep_extra: true\nkeep_raw: always\n", parse="parse: json")
    line = '{"a":{"b":1,"c":[true,null]},"d":2.5,"e":""}'
    assert read(tmp_path, text, line) == {"A": 1, "Extra": {"a.c": "[true,null]", "d": "2.5"}, "Raw": line}


def test_a_normalizer_may_be_another_document_of_the_file(tmp_path: Path) -> None:
    text = small("extra: [{normalizer: more}]") + "\n---\n" + small("map: {A: a}", "more", "")
    assert read(tmp_path, text, "a=1") == {"A": "1"}


def test_an_empty_default_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, small("map: {A: {from: b, default: ''}}"), "a=1") == {}


def test_a_normalizer_may_be_one_of_another_file(tmp_path: Path) -> None:
    write(tmp_path, small("map: {B: b}", "pairs"), "pairs.yaml")
    write(tmp_path, small("map: {C: message}", "whole", ""), "whole.yaml")
    text = small(
        """
extra:
  - {when: {field: program, op: "=", value: kv}, pass: message, normalizer: pairs}
  - normalizer: whole
""",
        parse="parse: syslog",
    )
    assert read(tmp_path, text, "<13>kv: b=1") == {"B": "1"}
    assert read(tmp_path, text, "<13>x: hello") == {"C": "hello"}


def test_a_line_that_is_refused_is_a_value(tmp_path: Path) -> None:
    assert read(tmp_path, small("keep_raw: never"), "nothing") == Refused("no pairs")


with tempfile.TemporaryDirectory() as folder:
    TREE = load(write(Path(folder), SYSLOG))[1]
PIECES = [
    "<22>",
    "Nov 21 10:00:01 ",
    "h ",
    "postfix/x",
    "[1]",
    ": ",
    "4F2A: ",
    "client=a[b]",
    "removed",
    "\n",
    "{a}",
    "%s",
    "ä",
    "\ud800",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join))
def test_no_line_makes_a_normalizer_raise(line: str) -> None:
    got = TREE.read(line, NOW)
    assert isinstance(got, dict) == bool(line.strip())
    assert TREE.explain(line, NOW)[-1].detail == (got.reason if isinstance(got, Refused) else got)
