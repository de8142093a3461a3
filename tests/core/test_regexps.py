"""Regular expressions: RE2's syntax, whichever engine searches; without google-re2, what takes too long is refused."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stitcher.core import regexps
from stitcher.core._regexp_cost import TooMuchError, degree
from stitcher.core._regexp_syntax import parse, source
from stitcher.core.regexps import QUADRATIC_TEXT, Pattern, compile_pattern
from stitcher.errors import ConfigError

ENGINES = [pytest.param(regexps._by_re, id="re")]
if regexps.re2:
    ENGINES.append(pytest.param(regexps._by_re2, id="google-re2"))


@pytest.fixture(params=ENGINES)
def compiled(request: pytest.FixtureRequest):  # noqa: ANN201 - a function
    """compile_pattern with either engine."""

    def make(text: str, ignore_case: bool = False) -> Pattern:
        return request.param(text, ignore_case)

    return make


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b+", "abbc", "bb"),
        ("b+?", "abbc", "b"),
        ("(?U)b+", "abbc", "b"),
        ("a|bc", "xbc", "bc"),
        (r"\d{2,3}", "1 1234", "123"),
        (r"\d{2}", "1 1234", "12"),
        (r"\d{2,}", "1 1234", "1234"),
        (r"\d", "٧", None),
        (r"\w+", "éa_1é", "a_1"),
        (r"\s", "\v", None),
        ("[[:space:]]", "\v", "\v"),
        ("[[:^digit:]]+", "12ab", "ab"),
        ("[^0-9]+", "12ab", "ab"),
        ("[]a]+", "x]a", "]a"),
        (r"[\]\-x]+", "]-x", "]-x"),
        ("[a-c-]+", "d-b", "-b"),
        (r"[\d.]+", "v1.2", "1.2"),
        (r"\Qa.b*\E+", "aab a.b***", "a.b***"),
        (r"\x41\x{42}", "AB", "AB"),
        (r"\t\.\_", "\t._", "\t._"),
        ("a.c", "a\nc", None),
        ("(?s)a.c", "a\nc", "a\nc"),
        ("^b", "a\nb", None),
        ("(?m)^b$", "a\nb\nc", "b"),
        ("a$", "a\n", None),
        (r"a\z", "ba", "a"),
        (r"\Ab", "ab", None),
        (r"\bcat\b", "concat cat", "cat"),
        (r"\Bcat", "cat concat", "cat"),
        ("(?i)STRA.E", "straße", "straße"),
        ("a(?i)b", "aB", "aB"),
        ("a(?i:b)c", "aBc", "aBc"),
        ("a(?i:b)c", "aBC", None),
        ("(?i)a(?-i)b", "AB", None),
        ("(?:ab)+", "ababa", "abab"),
        ("x{0}y", "xy", "y"),
        ("a{,3}", "a{,3}", "a{,3}"),
        ("a{", "a{", "a{"),
        ("", "abc", ""),
        ("a||b", "b", ""),
        ("(|a)b", "ab", "ab"),
        ("é+", "xéé", "éé"),
        ("[à-ü]+", "xéé", "éé"),
        ("[^a]", "😀", "😀"),
    ],
)
def test_a_pattern_means_what_re2_says(compiled, pattern: str, text: str, expected: str | None) -> None:  # noqa: ANN001
    found = compiled(pattern).search(text)
    assert (found and found.group()) == expected


def test_groups_have_numbers_and_names(compiled) -> None:  # noqa: ANN001
    made = compiled(r"(?P<user>\w+)@(?<host>\w+)(:(\d+))?")
    assert made.groups == 4
    assert dict(made.groupindex) == {"user": 1, "host": 2}
    found = made.search("<mara@web01>")
    assert found.groupdict() == {"user": "mara", "host": "web01"}
    assert found.groups() == ("mara", "web01", None, None)
    assert found.span(2) == (6, 11)


def test_a_whole_text_and_a_replacement(compiled) -> None:  # noqa: ANN001
    made = compiled("([a-z])([0-9])")
    assert made.fullmatch("a1")
    assert not made.fullmatch("a1 ")
    assert made.sub(r"\2\g<1>", "a1 b2") == "1a 2b"
    assert made.sub(lambda found: found.group(2), "a1 b2") == "1 2"


def test_case_may_be_ignored(compiled) -> None:  # noqa: ANN001
    assert compiled("user=[a-z]", ignore_case=True).search("USER=M")
    assert compiled("É", ignore_case=True).search("é")
    assert not compiled("user=(?-i:[a-z])", ignore_case=True).search("USER=M")


@pytest.mark.parametrize("text", ["\ud800a", "a\udcff", "\x00a", "a" * 100_000])
def test_no_text_makes_a_search_raise(compiled, text: str) -> None:  # noqa: ANN001
    for pattern in ("a$", "^a", "(a)b?", "[^x]+y"):
        made = compiled(pattern)
        made.search(text)
        made.fullmatch(text)
        made.sub("b", text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "[a", "[z-a]", "[[:alfa:]]", "*a", "a**", "a|*", "{2}", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)b",
        r"(a)\1", "(?P=a)", "(?P<a-b>x)", "a{1001}", "a{3,2}", r"\Z", r"\q", "a\\", "(?x)a",
        r"[\q]", r"\x{110000}", "(?>a)", "(?#a)", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_pattern_of_re2_is_refused(compiled, pattern: str) -> None:  # noqa: ANN001
    with pytest.raises(ConfigError):
        compiled(pattern) if len(pattern) < 5000 else compile_pattern(pattern)


def test_a_fault_says_where_in_the_pattern_it_is() -> None:
    with pytest.raises(ConfigError, match="the name 'a' is given twice"):
        regexps._by_re("(?P<a>x)(?P<a>y)", False)
    with pytest.raises(ConfigError, match="a \\[ without its \\], at character 3 of the pattern"):
        regexps._by_re("ab[c", False)
    with pytest.raises(ConfigError, match="begin it with \\^"):
        regexps._by_re("(a+)+", False)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a*)*b", "(a|a)*", "(a|b*)*c", r"(\w+\s?)+$", "(a?b?)*(a|ab)*c(aa|a)+", "(.*)*", "([a-z]+)*1",
     "(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", "(?i)(a|A)+", "(a{1,5}){1,50}", "a?" * 40 + "a" * 40,
     "(a|ab)(c|bcd)(d*)" * 12],
)  # fmt: skip
def test_what_may_take_exponential_time_is_refused(pattern: str) -> None:
    with pytest.raises(TooMuchError):
        degree(parse(pattern, False))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^\d+x", 0),
        (r"\d+x", 1),
        ("^a*a*$", 1),
        ("a*a*$", 2),
        ("^.*foo.*bar", 1),
        (".*foo.*bar", 2),
        ("^(.*) from (.*) port (.*)$", 2),
        (r"user=(\S+) host=(\S+)", 1),
        (r"^(\S+ )?(\S+ )?(\S+)$", 0),
        (r"^(\w+\s)+$", 0),
        ("^[^:]*: (.*)$", 0),
        ("https?://[^/]+/", 0),
        ("(error|err|exit|failed|fail)", 0),
        (r"\bcurl\b.*https?:", 1),
        ("(foo|bar)", 0),
        (r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}\d+$", 0),
        (r"[0-9a-f]{32}", 1),
    ],
)
def test_the_time_of_a_pattern_is_known(pattern: str, expected: int) -> None:
    assert degree(parse(pattern, False)) == expected


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [(r"\d+x", "1"), ("(?:ab?)+x", "a"), (".*foo", "fo"), ("^.*foo.*bar", "foo"), (r"user=(\S+) host=", "user=a"),
     ("^(a|ab)*c?$", "ab"), (r"^(?:\w+\s)+$", "a "), ("(a|b)+?x", "ab")],
)  # fmt: skip
def test_what_is_taken_is_quick_on_any_text(pattern: str, piece: str) -> None:
    made = regexps._by_re(pattern, False)
    text = (piece * 100_000)[:100_000] + "!"
    started = time.process_time()
    made.search(text)
    assert time.process_time() - started < 3, "seconds"


def test_a_pattern_of_quadratic_time_sees_the_beginning_of_a_long_text() -> None:
    made = regexps._by_re(r"[0-9]+x", False)
    assert made.limit == QUADRATIC_TEXT
    assert made.search("1x" + " " * QUADRATIC_TEXT)
    assert not made.search(" " * QUADRATIC_TEXT + "1x")
    assert made.sub("", "1x" + " " * QUADRATIC_TEXT + "1x") == " " * QUADRATIC_TEXT + "1x"
    at_the_end = regexps._by_re(r" +$", False)
    assert at_the_end.search(" " * QUADRATIC_TEXT)
    assert not at_the_end.search(" " * QUADRATIC_TEXT + "x"), "where the text is cut is no end"
    assert regexps._by_re("x", False).limit is None


def test_google_re2_gets_what_re_would_be_slow_with() -> None:
    quick, slow = compile_pattern("^[0-9]+x"), compile_pattern("[0-9]+x")
    assert quick.limit is None
    assert slow.limit == (None if regexps.re2 else QUADRATIC_TEXT)
    if regexps.re2:
        assert compile_pattern(r"(\pL+ ?)+$").search("é é")
    else:
        with pytest.raises(ConfigError, match="where google-re2 is installed"):
            compile_pattern(r"(\pL+ ?)+$")


ATOMS = st.sampled_from(
    ["a", "b", "ab", ".", r"\d", "[ab]", "[^a]", "(a)", "(?:b|ab)", "(a|b)", "^", "$", r"\b", "(?i:A)"]
)
PIECES = st.tuples(ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?"]))
PATTERNS = st.lists(PIECES, max_size=5).map(
    lambda pieces: "".join(atom + (sign if atom not in ("^", "$", r"\b") else "") for atom, sign in pieces)
)


@given(PATTERNS, st.text("ab1\n", max_size=12))
@settings(max_examples=300)
def test_both_engines_and_the_standard_library_find_the_same(pattern: str, text: str) -> None:
    tree = parse(pattern, False)
    found = re.search(source(tree, False), text)
    # in Python, $ also stands before a last LF
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII)
    assert (found and found.span()) == (expected and expected.span())
    if regexps.re2:
        other = regexps._by_re2(pattern, False).search(text)
        assert (other and other.span()) == (found and found.span())


@given(st.text(st.sampled_from(r"ab\dwQE[](){}|*+?^$.-:,<>=!Pimsx0123 "), max_size=15))
@settings(max_examples=500)
def test_what_is_read_here_is_what_re2_reads(pattern: str) -> None:
    try:
        tree = parse(pattern, False)
    except ConfigError:
        return
    re.compile(source(tree, False))
    if regexps.re2:
        regexps._by_re2(pattern, False)
