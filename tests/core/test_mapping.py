"""Source fields become fields of an event, value by value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.core import conversions as to
from stitcher.core.conversions import FAILED
from stitcher.core.mapping import (
    Mapped,
    Value,
    Writer,
    cleared,
    constant,
    converted,
    from_sources,
    looked_up,
    object_of,
    template,
    template_names,
)  # fmt: skip
from stitcher.core.sources import MAX_LEVELS, Line, clean, getter, leaves

FIELDS: dict[str, Any] = {
    "text": "abc",
    "number": 7,
    "yes": True,
    "nothing": None,
    "empty": "",
    "list": ["a", 1, None, ""],
    "deep": {"name": "anna", "groups": ["wheel", {"id": 4}], "a.b": "dotted", "a": {"b": "two levels", "c": "c"}},
    "deep.name": "dot first",
}
LINE = Line("the line", 0.0)


def value_of(value: Value, event: dict[str, Any] | None = None) -> Any:
    return value(FIELDS, event or {}, LINE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "abc"), ("number", 7), ("yes", "true"), ("nothing", None), ("empty", None), ("missing", None),
        ("list", ["a", "1"]), ("deep.name", "dot first"), ("deep.groups.0", "wheel"), ("deep.groups.1.id", 4),
        ("deep.groups", '["wheel",{"id":4}]'), ("deep.groups.9", None), ("deep.a.b", "dotted"), ("deep.a.c", "c"),
        ("text.x", None), ("deep.groups.x", None), ("$raw", "the line"), ("$event.A", "one"), ("$event.Extra.b", "two"),
        ("$event.C", None),
    ],
)  # fmt: skip
def test_a_name_finds_its_value(name: str, value: Any) -> None:
    assert clean(getter(name)(FIELDS, {"A": "one", "Extra": {"b": "two"}}, LINE)) == value
    assert value_of(from_sources([name]), {"A": "one", "Extra": {"b": "two"}}) == value


@pytest.mark.parametrize("name", ["", "$line", "$", ".".join("a" * (MAX_LEVELS + 1))])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        getter(name)


def test_the_first_source_that_holds_anything_is_taken() -> None:
    assert value_of(from_sources(["missing", "empty", "nothing", "number", "text"])) == 7
    assert value_of(from_sources(["missing", "empty"])) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{text}: {number}", "abc: 7"), ("{{{text}}} 100%", "{abc} 100%"), ("{deep.groups.0} {yes}", "wheel true"),
        ("{text} {missing}", None), ("no names", "no names"), ("{$raw}", "the line"),
    ],
)  # fmt: skip
def test_a_template_is_filled(text: str, value: Any) -> None:
    assert value_of(template(text)) == value


@pytest.mark.parametrize("text", ["{", "a}", "{a{b}", "{}", "{a}}"])
def test_braces_that_are_no_pair_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        template(text)


def test_a_template_knows_its_names() -> None:
    assert template_names("{a} {{no}} {b.c}") == ["a", "b.c"]


@given(st.text())
def test_a_template_puts_a_value_in_as_it_is(text: str) -> None:
    assert template("<{a}>")({"a": text}, {}, LINE) == (f"<{text}>" if text else None)


def test_a_list_is_converted_value_by_value() -> None:
    assert converted(from_sources(["list"]), to.upper)(FIELDS, {}, LINE) == ["A", "1"]
    assert converted(from_sources(["list"]), to.number)(FIELDS, {}, LINE) is FAILED
    assert converted(from_sources(["number"]), to.append("!"))(FIELDS, {}, LINE) == "7!"
    assert converted(from_sources(["missing"]), to.number)(FIELDS, {}, LINE) is None
    assert converted(from_sources(["empty"]), to.number)(FIELDS, {}, LINE) is None, "nothing is no failure"


def test_a_table_has_values_or_rows() -> None:
    rows = {"abc": {"name": "first", "level": 3}, "7": {"name": "seven"}}
    assert value_of(looked_up(from_sources(["number"]), {"7": "seven"}, None)) == "seven"
    assert value_of(looked_up(from_sources(["text"]), rows, "level")) == 3
    assert value_of(looked_up(from_sources(["number"]), rows, "level")) is None
    assert value_of(looked_up(from_sources(["list"]), {"1": "one"}, None)) == "one"
    assert value_of(looked_up(from_sources(["missing"]), {"": "x"}, None)) is None
    assert value_of(looked_up(from_sources(["text"]), {"abc": "plain"}, "name")) is None


def written(*writers: Writer, event: dict[str, Any] | None = None) -> tuple[dict[str, Any], list[str] | None]:
    event = event if event is not None else {}
    failed = Mapped(writers).write(FIELDS, event, LINE)
    return event, failed


def test_what_is_not_there_is_not_written_or_has_its_default() -> None:
    assert written(
        Writer("A", from_sources(["text"])),
        Writer("B", from_sources(["empty"])),
        Writer("C", from_sources(["missing"]), "none"),
        Writer("D", from_sources(["deep"])),
        Writer("Extra.e", from_sources(["number"])),
    ) == (
        {
            "A": "abc",
            "C": "none",
            "D": '{"name":"anna","groups":["wheel",{"id":4}],"a.b":"dotted","a":{"b":"two levels","c":"c"}}',
            "Extra": {"e": "7"},
        },
        None,
    )


def test_what_cannot_be_converted_is_named_and_its_default_written() -> None:
    bad = converted(from_sources(["text"]), to.number)
    assert written(Writer("A", bad), Writer("B", bad, 0)) == ({"B": 0}, ["A", "B"])


def test_a_writer_sees_what_others_wrote_and_may_take_it_away() -> None:
    event, _ = written(
        Writer("A", constant("x")), Writer("B", from_sources(["$event.A"])), Writer("A", cleared("A")), event={"Z": 1}
    )
    assert event == {"Z": 1, "B": "x"}


def test_an_object_goes_into_extra_whole() -> None:
    event, failed = written(Writer("Extra", object_of("deep")), Writer("Extra.name", constant("over")))
    assert event["Extra"] == {
        "name": "over", "groups": '["wheel",{"id":4}]', "a.b": "two levels", "a.c": "c",
    }  # fmt: skip
    assert failed is None
    assert written(Writer("Extra", object_of("text")))[1] == ["Extra"]


def test_leaves_are_texts_under_whole_names_without_the_mapped_ones() -> None:
    assert dict(leaves(FIELDS, frozenset({"deep.a", "text", "deep.name"}))) == {
        "number": "7", "yes": "true", "list": '["a",1,null,""]', "deep.groups": '["wheel",{"id":4}]',
        "deep.a.b": "dotted",
    }  # fmt: skip


def test_leaves_of_a_tree_under_long_names_cost_no_more_than_the_tree() -> None:
    tree = {"n" * 300: {str(at): 1 for at in range(1000)}}
    assert [len(value) > 5000 for value in dict(leaves(tree)).values()] == [True]
