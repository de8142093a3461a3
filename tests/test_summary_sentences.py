"""Sentences: those of the samples as a golden file, and what no stranger may do to them.

`pytest --update-golden` rewrites tests/sentences.txt; the difference is what is looked at.
"""

from pathlib import Path
from typing import Any

import pytest
from corridor import event, events, sample, sample_names
from hypothesis import given
from hypothesis import strategies as st

from stitcher.kernel import _reference as reference
from stitcher.summary import sentence, summarizer

GOLDEN = Path(__file__).resolve().parent / "sentences.txt"
HEADER = "msg=audit(1700000000.004:1001):"


def test_the_sentences_of_the_samples_are_those_of_the_golden_file(update_golden: bool) -> None:
    lines: list[str] = []
    for name in sample_names():
        told = [sentence(summarizer().of(tree)) or "(nothing)" for tree in events(reference, sample(name))]
        lines += [f"# {name}", *dict.fromkeys(told), ""]
    text = "\n".join(lines)
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.exists(), "pytest --update-golden writes it"
    assert text.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({"action": "opened-file", "outcome": "success"}, "somebody opened file"),
        ({"action": "opened-file", "outcome": "failure"}, "somebody failed to open file"),
        ({"action": "opened-file", "outcome": "unknown"}, "somebody opened file"),
        ({"action": "exited", "outcome": "failure", "error": "EPIPE"}, "somebody failed to exit: EPIPE(Broken pipe)"),
        ({"action": "opened-file", "outcome": "failure", "error": "x y"}, "somebody failed to open file: 'x y'"),
        ({"action": "denied-access", "outcome": "failure"}, "somebody was denied access to"),
        ({"action": "exited", "subject": {"login": "unset", "acting": "root"}}, "system as root exited"),
        ({"action": "exited", "subject": {"login": "system", "acting": "0"}}, "'system' as uid 0 exited"),
        ({"action": "exited", "subject": {"login": "1", "acting": "1", "real": "2"}}, "uid 1 as uid 2 as uid 1 exited"),
        ({"action": "exited", "how": "/bin/x", "script": "a b"}, "somebody exited with /bin/x ('a b')"),
        ({"action": "no-such-action"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_sentence_says_what_its_summary_says(summary: dict[str, Any], words: str) -> None:
    assert sentence(summary) == words


def test_what_failed_is_never_told_as_done() -> None:
    rules = summarizer().rules
    for rule in rules.rules:
        for meaning in (rule.meaning, *(condition.meaning for condition in rule.when)):
            failed = summarizer().phrase(meaning.action, True)
            unbent = ("was ", "had ", "would ", "met ", "reported ", "crashed")
            assert failed.startswith(("failed to ", *unbent)), meaning.action


@pytest.mark.parametrize(
    "name",
    ["/a with /bin/true", "x: EPERM(no)", "\x1b[2J", "a\nb", "'", "(pid 1)", "system", "\u202e", "a,b)", "$(id)", ""],
)
def test_a_name_cannot_look_like_words_of_ours(name: str) -> None:
    plain = f'type=SYSCALL {HEADER} arch=c000003e syscall=2 success=yes exit=3 auid=1 uid=1 euid=1 exe="/bin/cat"'
    found = sentence(summarizer().of(event(reference, plain, f"type=PATH {HEADER} item=0 name={name.encode().hex()}")))
    begin, end = "uid 1 opened file ", " with /bin/cat"
    assert found.isprintable()
    assert found.startswith(begin.rstrip())
    assert found.endswith(end)
    shown = found.removeprefix(begin).removesuffix(end)
    assert not name or shown == name == "system" or shown.startswith(("'", "$'"))


_TEXT = st.text("ax0 =,'\"\\\n\x1b\x9b\u202e\uef9b(){}[]", max_size=8)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_PARTS = st.dictionaries(
    st.sampled_from("kind class name parent from to family addr port path abstract pid login acting real".split())
    | _TEXT,
    _ANY,
    max_size=6,
)


@given(
    st.fixed_dictionaries(
        {"action": st.sampled_from(["opened-file", "opened-connection-to", "denied-access"]) | _ANY},
        optional={
            "outcome": st.sampled_from(["success", "failure"]) | _ANY,
            "error": _ANY,
            "subject": _PARTS | _ANY,
            "object": st.just({"kind": "socket"}).flatmap(lambda kind: _PARTS.map(lambda parts: {**parts, **kind}))
            | _PARTS
            | _ANY,
            "from": _ANY,
            "how": _ANY,
            "script": _ANY,
        },
    )
)
def test_any_shape_of_summary_is_one_printable_line(summary: dict[str, Any]) -> None:
    assert sentence(summary).isprintable()
