"""The rules of summaries are read strictly: every fault is named, with its file and line, all of them at once."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from corridor import event

from stitcher.errors import ConfigError
from stitcher.kernel import _reference as reference
from stitcher.resources import shipped
from stitcher.summary import Summarizer, sentence, summarizer

PAGE = Path(__file__).resolve().parent.parent / "docs" / "summary.md"
HEAD = "kind: summary\nid: mine\ndescription: d\n"
RULE = """\
calls:
  - calls: [openat]
    category: file
    action: opened-file
    object: {kind: file, name: <path>}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped words, and no rules yet."""
    (tmp_path / "summary.yaml").write_text((shipped("normalizers") / "summary.yaml").read_text("utf-8"), "utf-8")
    return tmp_path


def made(folder: Path, rules: str) -> Summarizer:
    (folder / "summary-mine.yaml").write_text(HEAD + rules, "utf-8")
    return Summarizer(folder)


def test_a_folder_of_ones_own_rules_is_read(folder: Path) -> None:
    line = "type=SYSCALL msg=audit(1700000000.004:1): arch=c000003e syscall=257 success=yes exit=3"
    found = made(folder, RULE).of(event(reference, line))
    assert found == {"category": "file", "action": "opened-file", "outcome": "success", "object": {"kind": "file"}}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "category: file",
            "categry: file",
            r"mine.yaml:6: calls\[0\].categry: no field 'categry'; did you mean 'category'",
        ),
        (
            "category: file",
            "category: fil",
            r"mine.yaml:6: calls\[0\].category: no category 'fil'; did you mean 'file'",
        ),
        ("    category: file\n", "", r"mine.yaml:5: calls\[0\].category: the field is missing"),
        ("[openat]", "[opennat]", r"mine.yaml:5: calls\[0\].calls: no system call 'opennat'; did you mean 'openat'"),
        ("[openat]", "[openat, openat]", r"calls: 'openat' has a rule already"),
        ("[openat]", "openat", r"calls: expected a list of text, found 'openat'"),
        ("calls: [openat]", "types: [OPENAT]", r"calls\[0\].types: no field 'types'"),
        ("opened-file", "Opened", r"mine.yaml:7: calls\[0\].action: 'Opened': expected small words"),
        ("opened-file", "oened-file", r"calls\[0\].action: no verb 'oened'; did you mean 'opened'"),
        ("kind: file", "kind: fil", r"mine.yaml:8: calls\[0\].object: no kind 'fil'; did you mean 'file'"),
        ("kind: file", "kind: file, Name: .a", r"object: 'Name': expected small letters"),
        ("kind: file", "kind: file, direction: up", r"object: no direction 'up'"),
        ("{kind: file, name: <path>}", "file", r"object: expected a mapping with kind"),
        ("<path>", "<paht>", r"mine.yaml:8: calls\[0\]: '<paht>' is not worked out; known: <path>,"),
        ("<path>", "name", r"mine.yaml:8: calls\[0\]: 'name' is no field; expected .key"),
        ("<path>", "PAHT.name", r"mine.yaml:8: calls\[0\]: 'PAHT.name': no record type 'PAHT'"),
        ("    object", "    when: [{action: x}]\n    object", r"when: expected 'if' with fields"),
        ("    object", "    subject: x\n    object", r"subject: expected a mapping"),
        ("    object", "    how: {a: b}\n    object", r"how: expected a list of text"),
        ("calls:\n", "cals:\n", r"mine.yaml:4: cals: no field 'cals'; did you mean 'calls'"),
        ("calls:\n", "auxiliary: [SYSCAL]\ncalls:\n", r"auxiliary: no record type 'SYSCAL'; did you mean 'SYSCALL'"),
    ],
)
def test_a_fault_says_its_file_its_line_and_what_is_right(folder: Path, old: str, new: str, words: str) -> None:
    assert old in RULE
    with pytest.raises(ConfigError, match=words):
        made(folder, RULE.replace(old, new))


def test_all_faults_are_told_at_once(folder: Path) -> None:
    other = RULE.removeprefix("calls:\n").replace("openat", "opennat").replace("<path>", "<paht>")
    with pytest.raises(ConfigError) as caught:
        made(folder, RULE.replace("category: file", "category: fil") + other)
    lines = str(caught.value).splitlines()
    assert [re.sub(r".*/", "", line).split(": ")[0] for line in lines] == [
        "summary-mine.yaml:6",
        "summary-mine.yaml:9",
        "summary-mine.yaml:12",
    ]


def test_an_action_says_the_same_everywhere(folder: Path) -> None:
    other = RULE.removeprefix("calls:\n").replace("openat", "open") + "    says: opened the file\n"
    with pytest.raises(ConfigError, match=r"'opened-file' says 'opened file' elsewhere"):
        made(folder, RULE + other)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: summary", "kind: rule", r"summary.yaml:3: kind: expected summary"),
        ("verbs:\n", "verbs: []\nwerbs:\n", r"werbs: no field 'werbs'; did you mean 'verbs'"),
        ("  success: [", "  sucess: [", r"outcomes: no outcome 'sucess'; did you mean 'success'"),
        ("interpreters: [", "interpreters: [[a], ", r"interpreters: expected a list of text"),
        ("id: summary\n", "", r"id: expected text"),
    ],
)
def test_faults_of_the_words_are_told(folder: Path, old: str, new: str, words: str) -> None:
    path = folder / "summary.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=words):
        made(folder, RULE)


def test_the_shipped_rules_are_read_once() -> None:
    assert summarizer() is summarizer()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_rule_of_the_manual_makes_the_summary_and_the_sentence_of_the_manual(folder: Path) -> None:
    (rule,), (lines,), (expected, *_), (words,) = blocks("yaml"), blocks("log"), blocks("json"), blocks("text")
    (folder / "summary-manual.yaml").write_text(rule, "utf-8")
    found: Any = Summarizer(folder).of(event(reference, *lines.strip().split("\n")))
    assert found == json.loads(expected)
    assert list(found) == list(json.loads(expected))
    assert sentence(summarizer().of(event(reference, *lines.strip().split("\n")))) == words.strip()


def test_the_manual_names_every_category_and_every_field_that_is_worked_out() -> None:
    page = PAGE.read_text("utf-8")
    from stitcher.summary._computed import COMPUTED

    for word in (*summarizer().rules.words.categories, *COMPUTED):
        assert f"`{word}`" in page, word
