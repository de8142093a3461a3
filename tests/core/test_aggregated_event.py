"""What an aggregated event holds: times, sums, carried fields, long texts, and its ID."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from aggregating import JOINING, PLAIN, all_of, event, fed

from stitcher.core.aggregator import Aggregator, Event


def test_an_aggregated_event_says_when_by_which_rule_and_how_many() -> None:
    (one,) = all_of(PLAIN, event("a", at=5_000), event("b", at=7_000, EndTime=9_000, Raw="x", User="root"))
    assert uuid.UUID(one.pop("ID")).version == 8
    assert one == {
        "Type": 2, "Host": "web01", "Message": "a,b", "StartTime": 5_000, "EndTime": 9_000, "BaseEventCount": 2,
        "AggregationRuleName": "logins", "Hops": 1, "Extra": {"closed_by": "end"},
    }  # fmt: skip


def test_times_that_are_no_times_are_left_out() -> None:
    (one,) = all_of(PLAIN, event("a", at=1 << 70), event("b", at="soon"))  # type: ignore[arg-type]
    assert "StartTime" not in one
    assert "EndTime" not in one
    (one,) = all_of(PLAIN, {"Message": "a", "Timestamp": 7})
    assert (one["StartTime"], one["EndTime"]) == (7, 7)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2, 3), 6),
        ((1, 2.5), 3.5),
        (("a", "b"), "a,b"),
        ((["a"], ["b", "c"]), ["a", "b", "c"]),
        (("a", 2, 2.5, True), "a,2,2.5,true"),
        ((["a"], "b", 3), ["a", "b", "3"]),
        (("b", ["a"]), ["b", "a"]),
        ((None, "", "a"), "a"),
        ((None, ""), None),
        ((2**62, 2**62), 2**63 - 1),
        ((-(2**63), -5), -(2**63)),
        ((10**400, 1.5), 2**63 - 1 + 1.5),
        ((1.7e308, 1.7e308), 1.7976931348623157e308),
        ((float("nan"), 1), "nan,1"),
        ((True, False), "true,false"),
    ],
)
def test_a_sum_adds_numbers_joins_text_and_appends_lists(values: tuple[Any, ...], expected: Any) -> None:
    (one,) = all_of(replace(PLAIN, sum=("Sum",)), *(event(Sum=value) for value in values))
    assert one.get("Sum") == expected


def test_the_separator_is_the_rules() -> None:
    assert all_of(replace(PLAIN, separator=" | "), event("a"), event("b"))[0]["Message"] == "a | b"


def test_unique_fields_keep_each_value_once_in_the_order_of_first_sight() -> None:
    rule = replace(PLAIN, unique=("User", "Port"))
    rows = [event(User=user, Port=22) for user in ("mara", "joren", "mara", None, ["tern", "joren"])]
    (one,) = all_of(rule, *rows)
    assert (one["User"], one["Port"]) == (["mara", "joren", "tern"], ["22"])


@pytest.mark.parametrize(("carry", "user"), [("none", None), ("first", "mara"), ("last", "joren")])
def test_what_is_listed_nowhere_is_carried_as_the_rule_says(carry: str, user: str | None) -> None:
    rows = [event(User=user, ID="x", Raw="y", Extra={"user": user}) for user in ("mara", "joren")]
    (one,) = all_of(replace(PLAIN, carry=carry), *rows)
    assert one.get("User") == user
    assert one["Extra"] == {"closed_by": "end"} | ({"user": user} if user else {})
    assert "Raw" not in one
    assert one["ID"] != "x"


def test_single_fields_may_be_carried_from_the_first_and_the_last() -> None:
    (one,) = all_of(
        replace(PLAIN, first=("A",), last=("B", "Extra.b")), event(A=1, B=1), event(A=2, B=2, Extra={"b": "z"})
    )
    assert (one["A"], one["B"], one["Extra"]["b"]) == (1, 2, "z")


def test_pieces_may_be_ordered_by_a_field() -> None:
    rows = [event("d", Part="x"), event("c", Part=10), event("e"), event("b", Part="9"), event("a", Part=-1)]
    (one,) = all_of(replace(PLAIN, order="Part"), *rows)
    assert one["Message"] == "a,b,c,d,e"


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    aggregator = Aggregator([replace(PLAIN, max_length={"Message": 5})])
    fed(aggregator, event("abc"), event("def"))
    (one,) = aggregator.close()
    assert (one["Message"], one["Extra"]["truncated"]) == ("abc,d", "Message")
    assert aggregator.counts()["overflow"] == 1


def test_a_text_that_is_too_long_may_go_to_extra_as_a_whole() -> None:
    (one,) = all_of(replace(PLAIN, max_length={"Message": 5}, overflow="spill"), event("abc"), event("def"))
    assert one["Message"] == "abc,d"
    assert one["Extra"] == {"closed_by": "end", "truncated": "Message", "Message": "abc,def"}


def test_a_text_that_is_too_long_may_become_several_events() -> None:
    rule = replace(PLAIN, sum=("Message", "Bytes"), max_length={"Message": 7}, overflow="split")
    out = all_of(rule, *(event(text, Bytes=at) for at, text in enumerate(("abc", "def", "gh", "0123456789", "z"), 1)))
    assert [(one["Message"], one.get("Bytes"), one["BaseEventCount"]) for one in out] == [
        ("abc,def", 3, 2), ("gh", 3, 1), ("0123456", 4, 1), ("789,z", 5, 1),
    ]  # fmt: skip
    assert [one["Extra"] for one in out] == [
        {"closed_by": "end", "part": "1/4"}, {"closed_by": "end", "part": "2/4"}, {"closed_by": "end", "part": "3/4"},
        {"closed_by": "end", "part": "4/4", "goes_on": "true"},
    ]  # fmt: skip
    assert len({one["ID"] for one in out}) == 4


def test_what_fits_is_not_split() -> None:
    (one,) = all_of(replace(PLAIN, max_length={"Message": 7}, overflow="split"), event("abc"), event("def"))
    assert "part" not in one["Extra"]


# --- the ID -----------------------------------------------------------------------------------------------------------


def test_what_is_read_again_has_the_same_ids() -> None:
    rows = [event(str(at), f"h{at % 3}", at) for at in range(50)]
    rule = replace(PLAIN, threshold=4)
    first, again = all_of(rule, *rows), all_of(rule, *rows)
    assert first == again
    assert len({one["ID"] for one in first}) == len(first)


@pytest.mark.parametrize("at", [1_750_000_000_000, None])
def test_groups_that_begin_in_the_same_millisecond_have_ids_of_their_own(at: int | None) -> None:
    out = all_of(replace(PLAIN, threshold=2), *(event("same", at=at) for _ in range(10)))  # type: ignore[arg-type]
    assert len({one["ID"] for one in out}) == 5


@pytest.mark.parametrize("other", [event("a", "h2"), event("a", at=1)], ids=["value", "time"])
def test_other_values_or_another_time_give_another_id(other: Event) -> None:
    assert all_of(PLAIN, event("a"))[0]["ID"] != all_of(PLAIN, other)[0]["ID"]
    assert all_of(PLAIN, event("a"))[0]["ID"] == all_of(PLAIN, event("b"))[0]["ID"]
    assert all_of(PLAIN, event("a"))[0]["ID"] != all_of(replace(PLAIN, name="x"), event("a"))[0]["ID"]


def test_a_rule_may_say_what_an_id_is_made_of() -> None:
    rule = replace(JOINING, identity=("Queue",))
    first, late = all_of(rule, event("a", Last=True), event("b", at=1))
    (again,) = all_of(rule, event("c", at=2, Last=True))
    assert first["ID"] == again["ID"] != late["ID"]


def test_a_very_long_value_costs_no_more_than_its_digest() -> None:
    long, other = (all_of(PLAIN, event("a", host))[0]["ID"] for host in ("x" * 2_000_000, "x" * 2_000_001))
    assert long != other
