"""What each conversion makes of a text, and of one that it cannot read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.core import conversions as to
from stitcher.core.conversions import FAILED, Convert
from stitcher.core.regexps import ENGINE, QUADRATIC_TEXT, compile_pattern

CASES: list[tuple[Convert, str, Any]] = [
    (to.lower, "AbÄ", "abä"),
    (to.upper, "abä", "ABÄ"),
    (to.trim(), " a b\t", "a b"),
    (to.trim('"<>'), '<"a">', "a"),
    (to.append("!"), "a", "a!"),
    (to.prepend("x:"), "a", "x:a"),
    (to.substring(0, 1), "<13>", "<"),
    (to.substring(1), "abc", "bc"),
    (to.substring(-2), "abc", "bc"),
    (to.substring(5, 9), "abc", ""),
    (to.replace(".", "-"), "a.b.c", "a-b-c"),
    (to.regexp(compile_pattern(r"id=(\d+)")), "uid=7 id=8", "7"),
    (to.regexp(compile_pattern(r"\d+")), "uid=7", "7"),
    (to.regexp(compile_pattern(r"a(b)?")), "a", ""),
    (to.regexp(compile_pattern(r"\d")), "none", FAILED),
    (to.replace_with_regexp(compile_pattern(r"(\d+)-(\d+)"), r"\2-\1"), "1-2 3-4", "2-1 4-3"),
    (to.replace_with_regexp(compile_pattern(r"(\d)(x)?"), r"<\0\2\\>"), "1 2x", r"<1\> <2xx\>"),
    (to.regexp(compile_pattern("b")), "a" * QUADRATIC_TEXT + "b", "b"),
    (to.replace_with_regexp(compile_pattern("b"), "c"), "a" * QUADRATIC_TEXT + "b", "a" * QUADRATIC_TEXT + "c"),
    (to.decode_hex, "2F62 696e", "/bin"),
    (to.decode_hex, "0x2F", "/"),
    (to.decode_hex, "ff41", "\uefffA"),
    (to.decode_hex, "abc", FAILED),
    (to.decode_hex, "zz", FAILED),
    (to.decode_base64, "0L/Rgw==", "пу"),
    (to.decode_base64, "0L/Rgw", "пу"),
    (to.decode_base64, "0L_Rgw", FAILED),
    (to.decode_base64, "a", FAILED),
    (to.decode_base64, "ä", FAILED),
    (to.decode_base64_url, "0L_Rgw", "пу"),
    (to.decode_base64_url, "0L/Rgw", FAILED),
    (to.number, " 42 ", 42),
    (to.number, "-7", -7),
    (to.number, "1.5e3", 1500.0),
    (to.number, "9223372036854775807", 2**63 - 1),
    (to.number, "9223372036854775808", FAILED),
    (to.number, "1e999", FAILED),
    (to.number, "test", FAILED),
    (to.number, "", FAILED),
    (to.time("iso"), "2026-11-21T10:00:01Z", 1795255201000),
    (to.time(), "never", FAILED),
    (to.chain([to.trim(), to.upper, to.append("1")]), " a ", "A1"),
    (to.chain([to.number, to.append("%")]), "05", "5%"),
    (to.chain([to.decode_hex, to.upper]), "xyz", FAILED),
]


@pytest.mark.parametrize(("convert", "text", "value"), CASES, ids=range(len(CASES)))
def test_a_conversion(convert: Convert, text: str, value: Any) -> None:
    got = convert(text, 0.0)
    assert got is FAILED if value is FAILED else (type(got), got) == (type(value), value)


@given(st.text())
def test_no_text_makes_a_conversion_raise(text: str) -> None:
    for convert, _, _ in CASES:
        assert isinstance(convert(text, 0.0), str | int | float | type(FAILED))


@pytest.mark.parametrize("wrong", [r"\2", r"\n", "\\", r"\g<1>"])
def test_a_replacement_names_groups_that_there_are(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no group"):
        to.replace_with_regexp(compile_pattern("(a)"), wrong)


@pytest.mark.skipif(ENGINE != "re", reason="google-re2 looks at all of a text")
def test_a_text_that_is_longer_than_a_pattern_looks_at_cannot_be_converted() -> None:
    slow, long = compile_pattern("[a-z]*x"), "a" * QUADRATIC_TEXT + "x"
    for convert in (to.regexp(slow), to.replace_with_regexp(slow, "")):
        assert convert(long[1:], 0.0) in (long[1:], "")
        assert convert(long, 0.0) is FAILED
