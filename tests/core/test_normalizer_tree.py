"""The tree of rules at work: which branch is taken, what is kept, what is counted."""

from collections.abc import Callable
from typing import Any

from stitcher.core import conversions as to
from stitcher.core.mapping import Mapped, Value, Writer, converted, from_sources, prepared
from stitcher.core.normalizer import Branch, Fields, KeepRaw, Normalizer, Parser, Refused, Rule, Step


def words(*names: str) -> Parser:
    """A parser of as many words as there are names."""

    def parse(text: str) -> Fields | str:
        found = text.split(" ", len(names) - 1)
        return dict(zip(names, found, strict=True)) if len(found) == len(names) else "too few words"

    return parse


def rule(name: str, parse: Parser | None, mapping: dict[str, str | Value], *branches: Branch) -> Rule:
    writers = [Writer(target, from_sources([at]) if isinstance(at, str) else at) for target, at in mapping.items()]
    used = frozenset(at for at in mapping.values() if isinstance(at, str))
    return Rule(name, parse, Mapped(writers), branches, used)


def when(name: str, value: str, rule: Rule, passed: str | None = None, prepare: Any = None) -> Branch:
    return Branch(
        prepare,
        lambda fields, _event, _line: fields.get(name) == value,
        from_sources([passed]) if passed else None,
        rule,
    )


def tree(keep_raw: KeepRaw = "errors", keep_extra: bool = False) -> Normalizer:
    number = converted(from_sources(["n"]), to.number)
    deepest = rule("deepest", words("x", "y"), {"C": "x", "A": "y"})
    pair = rule("pair", words("k", "v"), {"B": "v", "Extra.k": "k"}, when("k", "deep", deepest, "$raw"))
    return Normalizer(
        rule(
            "main", words("kind", "rest"), {"A": "kind"},
            when("kind", "pair", pair, "rest"),
            when("kind", "whole", rule("whole", None, {"B": "rest", "Extra.old": "$event.A"})),
            when("kind", "number", rule("number", words("n"), {"N": number, "M": number}), "rest"),
            when("kind", "lost", rule("lost", words("n"), {}), "missing"),
            when("kind", "pair", rule("never", words("n"), {"never": "n"}), "rest"),
        ),
        keep_raw,
        keep_extra,
    )  # fmt: skip


def test_the_first_branch_that_holds_is_taken_and_its_fields_are_added() -> None:
    assert tree().read("pair a b", 0.0) == {"A": "pair", "B": "b", "Extra": {"k": "a"}}


def test_a_line_without_a_branch_is_what_the_main_rule_made() -> None:
    assert tree().read("other x", 0.0) == {"A": "other"}


def test_a_deeper_rule_reads_the_line_again_and_writes_over_what_is_there() -> None:
    assert tree().read("pair deep", 0.0) == {
        "A": "pair", "Raw": "pair deep", "Extra": {"not_parsed": "too few words"},
    }  # fmt: skip
    assert tree().read("pair deep in", 0.0) == {"A": "deep in", "B": "in", "C": "pair", "Extra": {"k": "deep"}}


def test_a_rule_without_a_parser_takes_the_fields_as_they_are() -> None:
    assert tree().read("whole story", 0.0) == {"A": "whole", "B": "story", "Extra": {"old": "whole"}}


def test_a_line_that_cannot_be_read_is_an_event_with_raw_or_is_refused() -> None:
    kept = {"Raw": "alone", "Extra": {"not_parsed": "too few words"}}
    for keep_raw, made in {"never": Refused("too few words"), "errors": kept, "always": kept}.items():
        normalizer = tree(keep_raw)  # type: ignore[arg-type]
        assert normalizer.read("alone", 0.0) == made
        assert normalizer.counts.not_parsed == {("main", "too few words"): 1}


def test_an_empty_line_is_never_an_event() -> None:
    for line in ("", "\r"):
        assert tree("always").read(line, 0.0) == Refused("too few words")
    skipping = Normalizer(Rule("main", lambda _text: "skipped", Mapped([]), (), frozenset()))
    assert skipping.read("----", 0.0) == Refused("skipped")


def test_raw_is_kept_always_only_for_errors_or_never() -> None:
    assert tree("always").read("other x", 0.0) == {"A": "other", "Raw": "other x"}
    assert tree("never").read("number x", 0.0) == {"A": "number"}
    assert tree("errors").read("number x", 0.0) == {
        "A": "number", "Raw": "number x", "Extra": {"not_converted": "N,M"},
    }  # fmt: skip


def test_what_goes_wrong_below_is_counted_by_rule() -> None:
    normalizer = tree("never")
    for line in ("number x", "number 1", "number y", "pair a", "lost x"):
        normalizer.read(line, 0.0)
    assert normalizer.counts.not_converted == {("number", "N"): 2, ("number", "M"): 2}
    assert normalizer.counts.not_parsed == {("pair", "too few words"): 1, ("lost", "no field to parse"): 1}


def test_source_fields_that_no_rule_mapped_go_to_extra() -> None:
    normalizer = tree(keep_extra=True)
    assert normalizer.read("other x", 0.0) == {"A": "other", "Extra": {"rest": "x"}}
    assert normalizer.read("whole x", 0.0) == {"A": "whole", "B": "x", "Extra": {"old": "whole"}}
    assert normalizer.read("pair a b", 0.0) == {"A": "pair", "B": "b", "Extra": {"rest": "a b", "k": "a"}}


def test_fields_are_converted_before_the_condition_sees_them_and_only_for_this_branch() -> None:
    prepare = prepared({"kind": to.lower, "rest": to.number})
    main = rule(
        "main", words("kind", "rest"), {"A": "kind"},
        when("kind", "other", rule("a", None, {"B": "rest"}), prepare=prepare),
        when("kind", "Deed", rule("b", None, {"B": "kind"})),
        when("kind", "deed", rule("c", None, {"B": "kind", "C": "rest"}), prepare=prepare),
    )  # fmt: skip
    assert Normalizer(main).read("Deed 7", 0.0) == {"A": "Deed", "B": "Deed"}
    assert Normalizer(main).read("DEED 7", 0.0) == {"A": "DEED", "B": "deed", "C": 7}
    assert Normalizer(main).read("DEED x", 0.0) == {"A": "DEED", "B": "deed"}


def test_an_explanation_tells_each_step_and_counts_nothing() -> None:
    normalizer = tree()
    assert normalizer.explain("number x", 0.0) == [
        Step("main", "read", {"kind": "number", "rest": "x"}),
        Step("main", "wrote", {"A": "number"}),
        Step("pair", "not_taken", None),
        Step("whole", "not_taken", None),
        Step("number", "taken", None),
        Step("number", "read", {"n": "x"}),
        Step("number", "wrote", {}),
        Step("number", "not_converted", "N"),
        Step("number", "not_converted", "M"),
        Step("main", "made", {"A": "number", "Raw": "number x", "Extra": {"not_converted": "N,M"}}),
    ]
    assert tree("never").explain("alone", 0.0)[-1] == Step("main", "refused", "too few words")
    assert normalizer.counts.not_converted == {}


def test_an_explanation_and_a_reading_make_the_same() -> None:
    made: Callable[[str], Any] = lambda line: tree().explain(line, 0.0)[-1].detail  # noqa: E731
    for line in ("pair a b", "pair deep in", "whole x", "number 1", "lost x", "alone"):
        assert made(line) == tree().read(line, 0.0)
