"""What is wrong in a normalizer's file is said with its place, all of it at once."""

from pathlib import Path

import pytest
from normalizing import faults, small, write

from stitcher.config import FaultyConfigError
from stitcher.config.trees import MAX_DEPTH, load
from stitcher.errors import ConfigError


def test_what_other_files_cannot_give_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, small("map: {B: b}", "pairs"), "pairs.yaml")
    write(tmp_path, small("map: {C: message}", "whole", ""), "whole.yaml")
    write(tmp_path, small("extra: [{pass: raw, normalizer: two}]", "one"), "one.yaml")
    write(tmp_path, small("extra:\n  - pass: raw\n    normalizer: one", "two"), "two.yaml")
    text = small("extra:\n  - normalizer: pairs\n  - {pass: a, normalizer: whole}\n  - normalizer: ../none\n"
                 "  - {pass: raw, normalizer: one}")  # fmt: skip
    assert faults(tmp_path, text) == [
        "mail.yaml:6: extra.0.normalizer: 'pairs' parses, so say what: 'pass: raw' or 'pass: FIELD'",
        "mail.yaml:7: extra.1.pass: 'whole' has no 'parse' to read it with",
        "mail.yaml:8: extra.2.normalizer: no normalizer has the id '../none'",
        "two.yaml:7: extra.0.normalizer: normalizers that name one another in a circle never end: one → two → one",
    ]


def test_rules_go_down_to_a_bounded_depth(tmp_path: Path) -> None:
    deep = "{map: {A: a}}"
    for _ in range(MAX_DEPTH):
        deep = f"{{extra: [{{normalizer: {deep}}}]}}"
    (fault,) = faults(tmp_path, small(f"extra: [{{normalizer: {deep}}}]"))
    assert fault.endswith(f"rules go {MAX_DEPTH} levels down at most")


def test_many_rules_of_few_files_are_refused(tmp_path: Path) -> None:
    for at in range(14):
        twice = f"{{normalizer: n{at + 1}}}"
        write(tmp_path, small(f"extra: [{twice}, {twice}]" if at < 13 else "", f"n{at}", ""), f"n{at}.yaml")
    found = faults(tmp_path, small("extra: [{normalizer: n0}]"))
    assert "a tree has 1024 rules at most" in found[0]


WRONG: dict[str, list[str]] = {
    "parse: {type: cvs}": [
        "4: parse.type: no parse type 'cvs'; did you mean 'csv'? known: audit, cef, csv, json, kv, regexp, syslog, xml"
    ],
    "parse: {type: csv, delimitr: ';'}": [
        "4: parse.delimitr: no such field 'delimitr'; did you mean 'delimiter'? known: columns, delimiter, quote, type"
    ],
    "parse: {type: csv, delimiter: ';;'}": ["4: parse: the delimiter is one character"],
    "parse: {type: regexp, patterns: ['(?P<a>(']}": ["4: parse: pattern 0: "],
    "map: {}": ["1: parse: the field is missing; a main rule parses lines"],
    "parse: kv\nkeep_raw: sometimes": ["5: keep_raw: no keep_raw 'sometimes'; known: always, errors, never"],
    "parse: kv\nmap: {A: {from: [a, '']}}": ["5: map.A.from.1: no source field can be called ''"],
    "parse: kv\nmap: {A: {from: a, convert: [lowr]}}": [
        "5: map.A.convert.0: no conversion 'lowr'; did you mean 'lower'?"
    ],
    "parse: kv\nmap: {A: {from: a, convert: [replace]}}": [
        "5: map.A.convert.0: the conversion 'replace' needs something behind it; write it as 'replace: …'"
    ],
    "parse: kv\nmap: {A: {from: a, convert: [{lower: true, upper: true}]}}": [
        "5: map.A.convert.0: a conversion is one word; write each as an item of its own: '- lower'"
    ],
    "parse: kv\nmap: {A: {from: a, convert: [{time: now}]}}": ["5: map.A.convert.0.time: no time format 'now'"],
    "parse: kv\nmap: {A: {from: a, convert: [{replaceWithRegexp: [a, '\\1']}]}}": [
        r"5: map.A.convert.0.replaceWithRegexp: '\1' is no group; the pattern has 0"
    ],
    "parse: kv\ntimezone: Mars": ["5: timezone: no time zone 'Mars'; write it as Europe/Moscow or +03:00"],
    "parse: kv\nmap: {A B: a}": ["5: map.A B: a field's name has 1 to 128 characters"],
    "parse: kv\nmap: {A: {from: a, value: 1}}": ["5: map.A.value: there is 'from' too; one of them is enough"],
    "parse: kv\nmap: {A: {value: 1, convert: [lower]}}": [
        "5: map.A.convert: a constant is written as it is; remove it"
    ],
    "parse: kv\nmap: {A: {default: 1}}": ["5: map.A: there is no value; give it 'from', 'template' or 'value'"],
    "parse: kv\nmap: {A: {template: '{a'}}": [
        "5: map.A.template: a single '{' in the template; write '{{' for the character"
    ],
    "parse: kv\nmap: {A: {from: a, dictionary: d}}\ndictionaries: {dd: {a: 1}}": [
        "5: map.A.dictionary: no dictionary 'd'; did you mean 'dd'? known: dd"
    ],
    "parse: kv\nmap: {A: {from: a, dictionary: d}}\ndictionaries: {d: {a: {b: 1}}}": [
        "5: map.A.dictionary: its values are rows; say which 'column': b"
    ],
    "parse: kv\nmap: {A: {from: a, dictionary: d, column: c}}\ndictionaries: {d: {a: {b: 1}}}": [
        "5: map.A.column: no column 'c'; known: b"
    ],
    "parse: kv\nmap: {A: {from: a, column: c}}": ["5: map.A.column: there is no 'dictionary' to take a column of"],
    "parse: kv\nmap: {Extra: {template: '{a}'}}": ["5: map.Extra: this field is a mapping; give it one source field"],
    "parse: kv\nmap: {Extra: {from: a, default: b}}": ["5: map.Extra: this field is a mapping"],
    "parse: syslog\nmap: {A: hots, B: data.x.y, C: $raw}": ["5: map.A: no source field 'hots'; did you mean 'host'?"],
    "parse: syslog\nextra:\n  - when: {field: progrm, op: exists}\n    normalizer: {map: {A: pidd}}": [
        "6: extra.0.when: no source field 'progrm'; did you mean 'program'?",
        "7: extra.0.normalizer.map.A: no source field 'pidd'; did you mean 'pid'?",
    ],
    "parse: kv\nextra:\n  - normalizer: {parse: json}": [
        "6: extra.0.normalizer.parse: it parses, so say what: 'pass: raw' or 'pass: FIELD'"
    ],
    "parse: kv\nextra:\n  - pass: raw\n    normalizer: {}": [
        "6: extra.0.pass: the sub-normalizer has no 'parse' to read it with"
    ],
    "parse: kv\nextra:\n  - when: {field: a, op: inDictionary, value: d}\n    normalizer: {}": [
        "6: extra.0.when: no dictionary 'd'; known: none"
    ],
    "parse: kv\nexamples: [{line: x}]": ["5: examples.0: an example has either 'expected' or 'rejected'"],
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_with_its_place(text: str, tmp_path: Path) -> None:
    found = faults(tmp_path, f"kind: normalizer\nid: wrong\ndescription: Wrong\n{text}\n")
    assert len(found) == len(WRONG[text])
    for fault, wanted in zip(found, WRONG[text], strict=True):
        assert fault.removeprefix("mail.yaml:").startswith(wanted)


def test_all_faults_of_a_file_come_at_once(tmp_path: Path) -> None:
    text = small(
        "keep_raw: x\nmap: {A: {from: ''}, B: {}}\nextra: [{normalizer: {parse: csv}}]\nmore: 1", parse="parse: x"
    )
    with pytest.raises(FaultyConfigError) as caught:
        load(write(tmp_path, text))
    assert len(caught.value.faults) == 6


def test_a_file_without_a_normalizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load(write(tmp_path, "kind: nothing\n"))
