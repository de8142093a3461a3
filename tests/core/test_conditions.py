"""Conditions: what each operator holds for, as a table; groups; names of fields."""

from typing import Any

import pytest

from stitcher.core.conditions import OPERATORS, Condition, Fields, Group, Tree, compile_condition, dig, names_of
from stitcher.errors import ConfigError

TABLES = {"admins": {"root", "mara|web01", "7"}, "hosts": {"web01": "10.0.0.1"}}
DEEP: list[Any] = []
DEEP.append(DEEP)


def holds(tree: Tree, event: dict[str, Any]) -> bool:
    fields = Fields()
    compiled = compile_condition(tree, fields.index, TABLES)
    answer = compiled(fields.values(event))
    assert answer is True or answer is False
    return answer


def one(op: str, *values: Any, **how: Any) -> Condition:
    return Condition(("left",), op, values, **how)


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        # texts are equal letter by letter
        ("=", "sshd", "sshd", True),
        ("=", "sshd", "SSHD", False),
        ("=", "sshd ", "sshd", False),
        ("=", "07", "7", False),
        # a number on one side, a number in words on the other
        ("=", "7", 7, True),
        ("=", "07", 7, True),
        ("=", "7.0", 7, True),
        ("=", 7, "7", True),
        ("=", 7, "7.0", True),
        ("=", 7.5, "7.5", True),
        ("=", "7x", 7, False),
        ("=", 7, "7x", False),
        ("=", "1e3", 1000, False),
        ("=", " 7", 7, False),
        ("=", "٧", 7, False),
        ("=", 2**63, str(2**63), True),
        ("=", 2**63, 2**63 + 1, False),
        ("=", "9" * 41, int("9" * 41), True),
        # true and false are no numbers
        ("=", True, True, True),
        ("=", "true", True, True),
        ("=", True, "true", True),
        ("=", True, 1, False),
        ("=", 1, True, False),
        ("=", False, 0, False),
        # missing is equal to nothing
        ("=", None, "x", False),
        ("=", "", "x", False),
        ("=", [], "x", False),
        ("=", {}, "x", False),
        # any element on the left
        ("=", ["a", "b"], "b", True),
        ("=", ("a", 7), "7", True),
        ("=", ["a", ["b"]], "b", False),
        ("=", {"a": "b"}, "b", False),
        ("=", b"a", "a", False),
        ("<", 6, 7, True),
        ("<", 7, 7, False),
        ("<", "6", 7, True),
        ("<", "10", "9", False),
        ("<", "9", "10", True),
        ("<", "a", 7, False),
        ("<", 6.5, "7", True),
        ("<", True, 7, False),
        ("<", ["a", 9, 3], 7, True),
        ("<", float("nan"), 7, False),
        ("<=", 7, 7, True),
        ("<=", 8, 7, False),
        (">", 8, 7, True),
        (">", "8", "7", True),
        (">", 7, 7, False),
        (">", "b", "7", False),
        (">=", 7.0, 7, True),
        (">=", -1, 0, False),
        (">=", "+1", 1, True),
        (">", float("inf"), 7, True),
        (">", None, 7, False),
        ("in", "b", "b", True),
        ("inSubnet", "10.1.2.3", "10.0.0.0/8", True),
        ("inSubnet", "11.1.2.3", "10.0.0.0/8", False),
        ("inSubnet", "10.1.2.3", "10.1.2.3", True),
        ("inSubnet", "fe80::1%eth0", "fe80::/10", True),
        ("inSubnet", "::ffff:10.1.2.3", "10.0.0.0/8", True),
        ("inSubnet", "fd00::1", "10.0.0.0/8", False),
        ("inSubnet", "10.1.2.3", "::/0", False),
        ("inSubnet", "10.1.2", "10.0.0.0/8", False),
        ("inSubnet", "010.1.2.3", "10.0.0.0/8", False),
        ("inSubnet", 167837955, "10.0.0.0/8", False),
        ("inSubnet", ["x", "10.1.2.3"], "10.0.0.0/8", True),
        ("inSubnet", "9" * 100_000, "10.0.0.0/8", False),
        ("contains", "an sshd here", "sshd", True),
        ("contains", "an sshd here", "SSHD", False),
        ("contains", 12345, "234", True),
        ("contains", 12345, 234, True),
        ("contains", ["a", "bcd"], "c", True),
        ("contains", {"c": "c"}, "c", False),
        ("startsWith", "sshd[1]", "sshd", True),
        ("startsWith", "asshd", "sshd", False),
        ("endsWith", "/bin/sh", "/sh", True),
        ("endsWith", "/bin/sha", "/sh", False),
        ("match", "user=mara", "user=[a-z]+$", True),
        ("match", "user=mara ", "user=[a-z]+$", False),
        ("match", "user=mara\n", "user=[a-z]+$", False),
        ("match", "xuser=mara", "^user", False),
        ("match", 4711, "^47", True),
        ("hasBit", 6, 1, True),
        ("hasBit", 6, 0, False),
        ("hasBit", "6", 2, True),
        ("hasBit", "0x6", 2, False),
        ("hasBit", "6.0", 2, False),
        ("hasBit", 6.0, 2, True),
        ("hasBit", 6.5, 2, False),
        ("hasBit", float("inf"), 2, False),
        ("hasBit", -1, 63, True),
        ("hasBit", True, 0, False),
        ("hasBit", "six", 1, False),
        ("inDictionary", "root", "admins", True),
        ("inDictionary", 7, "admins", True),
        ("inDictionary", "mara", "admins", False),
        ("inDictionary", ["mara", "root"], "admins", True),
        ("inDictionary", {"root": 1}, "admins", False),
        ("inTable", "web01", "hosts", True),
        ("inTable", "web02", "hosts", False),
        ("intersect", ["a", "b"], "b", True),
        ("intersect", ["a", "b"], "c", False),
        ("intersect", "b", "b", True),
        ("TIDetect", {"category": "Botnet", "url": "x"}, "Botnet", True),
        ("TIDetect", {"category": ["Phishing", "Botnet"]}, "Botnet", True),
        ("TIDetect", [{"Category": "Botnet"}], "Botnet", True),
        ("TIDetect", {"Botnet": {"ip": "10.0.0.1"}}, "Botnet", True),
        ("TIDetect", {"url": {"category": "Botnet"}}, "Botnet", True),
        ("TIDetect", {"category": "Phishing"}, "Botnet", False),
        ("TIDetect", {"url": "Botnet"}, "Botnet", False),
        ("TIDetect", {}, "Botnet", False),
        ("TIDetect", DEEP, "Botnet", False),
    ],
)
def test_an_operator_holds_for(op: str, left: Any, right: Any, expected: bool) -> None:
    assert holds(one(op, right), {"left": left}) is expected
    assert holds(one(op, right, negate=True), {"left": left}) is not expected


@pytest.mark.parametrize(
    ("op", "left", "rights", "expected"),
    [
        ("=", "b", ("a", "b"), True),
        ("=", "c", ("a", "b"), False),
        ("in", 7, ("a", "7"), True),
        ("in", "7.0", ("a", 7), True),
        ("in", True, ("a", 1), False),
        ("<", 8, (7, 9), True),
        ("<", 9, (7, "9"), False),
        (">", 8, (7, 9), True),
        ("inSubnet", "fd00::1", ("10.0.0.0/8", "fd00::/8"), True),
        ("contains", "abc", ("x", "c"), True),
        ("startsWith", "abc", ("x", "ab"), True),
        ("endsWith", "abc", ("x", "y"), False),
        ("match", "abc", ("^x", "c$"), True),
        ("hasBit", 4, (0, 2), True),
        ("inDictionary", "web01", ("admins", "hosts"), True),
        ("intersect", ["a", 7], ("b", "7"), True),
        ("TIDetect", {"category": "Phishing"}, ("Botnet", "Phishing"), True),
    ],
)
def test_a_list_on_the_right_is_any_of_them(op: str, left: Any, rights: tuple[Any, ...], expected: bool) -> None:
    assert holds(one(op, *rights), {"left": left}) is expected


@pytest.mark.parametrize(
    ("op", "left", "right"),
    [
        ("=", "SSHD", "sshd"),
        ("in", "sshd", "SSHD"),
        ("intersect", ["a", "STRASSE"], "straße"),
        ("contains", "an SSHD here", "sshd"),
        ("startsWith", "SSHD[1]", "sshd"),
        ("endsWith", "/BIN/SH", "/sh"),
        ("match", "USER=mara", "user=MARA"),
    ],
)
def test_upper_and_lower_case_are_the_same_if_asked(op: str, left: Any, right: str) -> None:
    assert holds(one(op, right, case=False), {"left": left})
    assert not holds(one(op, right), {"left": left})
    assert holds(one(op, "zzz", right, case=False), {"left": left})


@pytest.mark.parametrize(
    ("op", "left", "right", "expected"),
    [
        ("=", "a", "a", True),
        ("=", "7", 7, True),
        ("=", "07", "7", False),
        ("=", ["a", "b"], ["c", "b"], True),
        ("intersect", ["a", 7], ["7"], True),
        ("intersect", ["a", "b"], ["c"], False),
        ("in", "b", ["a", "b"], True),
        ("<", 1, "2", True),
        (">", 1, [2, 0], True),
        ("<", "a", "b", False),
        ("contains", "abc", "b", True),
        ("startsWith", "abc", ["x", "a"], True),
        ("endsWith", "abc", "b", False),
        ("inSubnet", "10.0.0.1", "10.0.0.0/8", True),
        ("inSubnet", "10.0.0.1", "10.0.0.9/8", True),
        ("inSubnet", "10.0.0.1", "no network", False),
        ("hasBit", 4, 2, True),
        ("hasBit", 4, 2000, False),
        ("=", "a", None, False),
        ("contains", "a", "", False),
        ("=", "", "", False),
        ("=", None, None, False),
    ],
)
def test_the_right_side_may_be_another_field(op: str, left: Any, right: Any, expected: bool) -> None:
    event = {"left": left, "right": right}
    assert holds(one(op, other="right"), event) is expected
    assert holds(one(op, other="right", negate=True), event) is not expected


def test_two_fields_are_compared_without_case_if_asked() -> None:
    assert holds(one("=", other="right", case=False), {"left": "A", "right": "a"})
    assert holds(one("contains", other="right", case=False), {"left": "xAx", "right": "a"})


@pytest.mark.parametrize("op", OPERATORS)
def test_a_missing_field_holds_for_no_operator(op: str) -> None:
    right: dict[str, tuple[Any, ...]] = {"none": (), "network": ("10.0.0.0/8",), "table": ("admins",), "text": ("a",)}
    values = right.get(OPERATORS[op].right, ("7",))
    for event in ({}, {"left": None}, {"left": ""}, {"left": []}, {"left": {}}, {"left": [None, ""]}):
        if op != "exists" or event != {"left": [None, ""]}:
            assert not holds(one(op, *values), event)
            assert holds(one(op, *values, negate=True), event)


def test_what_is_there_exists_whatever_it_is() -> None:
    for value in ("x", 0, False, ["x"], {"a": 1}, b"x", 0.0):
        assert holds(one("exists"), {"left": value})


def test_threat_intelligence_without_a_category_has_any_entry() -> None:
    assert holds(Condition(("TI",), "TIDetect"), {"TI": {"url": "x"}})
    assert holds(Condition(("TI",), "TIDetect"), {"TI": [{"url": "x"}]})
    assert not holds(Condition(("TI",), "TIDetect"), {"TI": {}})
    assert not holds(Condition(("TI",), "TIDetect"), {})


def test_the_key_of_a_dictionary_may_be_of_several_fields() -> None:
    tree = Condition(("user", "host"), "inDictionary", ("admins",))
    assert holds(tree, {"user": "mara", "host": "web01"})
    assert not holds(tree, {"user": "mara", "host": "web02"})
    assert not holds(tree, {"user": "mara"})
    assert not holds(tree, {"user": "mara", "host": ["web01"]})


A, B, C, D = (Condition((name,), "=", ("1",)) for name in "abcd")


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (Group("and", (A,)), lambda a, b, c, d: a),
        (Group("and", (A, B)), lambda a, b, c, d: a and b),
        (Group("and", (A, B, C)), lambda a, b, c, d: a and b and c),
        (Group("and", (A, B, C, D)), lambda a, b, c, d: a and b and c and d),
        (Group("or", (A,)), lambda a, b, c, d: a),
        (Group("or", (A, B)), lambda a, b, c, d: a or b),
        (Group("or", (A, B, C)), lambda a, b, c, d: a or b or c),
        (Group("or", (A, B, C, D)), lambda a, b, c, d: a or b or c or d),
        (Group("not", (A,)), lambda a, b, c, d: not a),
        (Group("not", (A, B)), lambda a, b, c, d: not (a and b)),
        (Group("not", (Group("or", (A, B)),)), lambda a, b, c, d: not (a or b)),
        (Group("or", (Group("and", (A, B)), Group("not", (C, D)))), lambda a, b, c, d: (a and b) or not (c and d)),
        (Group("and", (A, B._replace(negate=True))), lambda a, b, c, d: a and not b),
    ],
)
def test_a_group_is_what_logic_says(tree: Tree, expected: Any) -> None:
    for bits in range(16):
        given_bits = [bool(bits >> at & 1) for at in range(4)]
        event = {name: "1" if bit else "0" for name, bit in zip("abcd", given_bits, strict=True)}
        assert holds(tree, event) is expected(*given_bits)


def test_each_field_is_asked_for_once_and_only_while_compiling() -> None:
    asked: list[str] = []

    def index(name: str) -> int:
        asked.append(name)
        return -1

    compiled = compile_condition(Group("and", (A, B, Condition(("a",), "=", (), other="c"))), index)
    assert asked == ["a", "b", "a", "c"]
    compiled(("1",))
    assert len(asked) == 4
    assert names_of(Group("and", (A, B, Condition(("a",), "=", (), other="c")))) == ["a", "b", "c"]


def test_a_name_with_dots_goes_down_and_a_key_with_the_dot_wins() -> None:
    event = {"Extra": {"user": "in", "a.b": "dotted"}, "x.y": "top", "x": {"y": "in"}, "Message": "m", "n": 5}
    fields = Fields()
    for name in ("Message", "Extra.user", "x.y", "Extra.a.b", "Extra.none", "Message.x", "n.x", "none"):
        fields.index(name)
    assert fields.index("Extra.user") == 1
    assert fields.values(event) == ("m", "in", "top", "dotted", None, None, None, None)
    assert dig(None, "a") is None


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (Condition(("a",), "is", ("x",)), "no operator 'is'"),
        (Condition(("a",), "="), "= needs a value"),
        (Condition(("a",), "=", ("",)), "an empty value; use 'exists'"),
        (Condition(("a",), "<", ("x",)), "< compares numbers"),
        (Condition(("a",), "hasBit", (64,)), "number of a bit, 0 to 63"),
        (Condition(("a",), "hasBit", (1.5,)), "number of a bit, 0 to 63"),
        (Condition(("a",), "inSubnet", ("10.0.0.1/8",)), r"bits behind its prefix; write '10\.0\.0\.0/8'"),
        (Condition(("a",), "inSubnet", ("10.0.0/8",)), "expected a network such as"),
        (Condition(("a",), "inSubnet", (10,)), "expected a network such as"),
        (Condition(("a",), "match", ("(",)), "a ( without its )|missing"),
        (Condition(("a",), "inDictionary", ("none",)), "no dictionary 'none'; known: admins, hosts"),
        (Condition(("a",), "match", (), other="b"), "match takes no field on its right"),
        (Condition(("a",), "exists", (), other="b"), "exists takes no field on its right"),
        (Group("or", ()), "an 'or' without conditions"),
    ],
)
def test_what_cannot_be_compiled_is_said(tree: Tree, words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("( without its )", r"\( without its \)")):
        compile_condition(tree, lambda name: 0, TABLES)
