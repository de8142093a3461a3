"""What comes late, twice, too much or round: the memory of an aggregation rule, and the guard of the loop."""

from dataclasses import replace
from typing import Any

import pytest
from aggregating import JOINING, PLAIN, all_of, event, fed, told
from hypothesis import given, settings
from hypothesis import strategies as st

from stitcher.core.aggregator import MAX_HOPS, PASSED, REFUSED, Aggregator, End, Event, Rule

# --- late events and repeats ------------------------------------------------------------------------------------------


def test_what_comes_for_a_closed_group_is_late() -> None:
    aggregator = Aggregator([JOINING])
    fed(aggregator, event("a", Last=True), event("b"))
    (late,) = aggregator.close()
    assert late["Extra"] == {"closed_by": "end", "late": "true"}
    assert aggregator.counts()["late"] == 1


def test_a_late_event_may_be_dropped() -> None:
    aggregator = Aggregator([replace(JOINING, late="drop")])
    fed(aggregator, event("a", Last=True), event("b"))
    assert aggregator.close() == []
    assert aggregator.counts()["late_dropped"] == 1


def test_what_is_remembered_is_bounded() -> None:
    aggregator = Aggregator([replace(JOINING, remember_events=2)])
    fed(aggregator, *(event("a", f"h{at}", Last=True) for at in range(3)))
    fed(aggregator, event("b", "h0"), event("b", "h2"))
    assert [(one["Queue"], one["Extra"].get("late")) for one in aggregator.close()] == [("h0", None), ("h2", "true")]


def test_a_closed_group_with_huge_values_is_not_remembered() -> None:
    aggregator = Aggregator([JOINING])
    fed(aggregator, event("a", "x" * 2000, Last=True), event("b", "x" * 2000))
    assert aggregator.counts()["late"] == 0


def test_exact_repeats_are_dropped_where_the_rule_says_what_a_repeat_is() -> None:
    aggregator = Aggregator([replace(JOINING, repeats=("Message", "Port"))])
    rows = [event("a", Port=1), event("a", Port=2), event("a", Port=1), event("b", Last=True), event("b", Last=True)]
    assert told(fed(aggregator, *rows)) == [("a,a,b", 3, "complete")]
    assert aggregator.counts()["duplicates"] == 2
    assert told(all_of(PLAIN, event("a"), event("a"))) == [("a,a", 2, "end")]


def test_a_repeat_may_be_one_only_behind_the_same_event() -> None:
    rule = replace(JOINING, repeats=("Message",), repeats_in_place=lambda one: one["Message"].islower())
    rows = [event(text) for text in ("A", "x", "B", "x", "A", "x")]
    assert told(all_of(rule, *rows)) == [("A,x,B,x", 4, "end")]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_group_leaves_at_its_own_limits_and_what_did_not_fit_begins_another() -> None:
    rows = [event(text) for text in ("aa", "bb", "cc")]
    assert told(all_of(replace(PLAIN, max_event_records=2), *rows)) == [("aa,bb", 2, "limit"), ("cc", 1, "end")]
    assert told(all_of(replace(PLAIN, max_event_bytes=6), *rows)) == [("aa,bb", 2, "limit"), ("cc", 1, "end")]
    assert told(all_of(replace(PLAIN, max_event_bytes=5), *rows)) == [
        ("aa", 1, "limit"),
        ("bb", 1, "limit"),
        ("cc", 1, "end"),
    ]


def test_at_a_bound_the_longest_silent_leaves() -> None:
    rule = replace(PLAIN, max_open_events=2)
    aggregator = Aggregator([rule])
    assert told(fed(aggregator, event("a", "h1"), event("b", "h2"), event("c", "h1"), event("d", "h3"))) == [
        ("b", 1, "limit")
    ]
    assert aggregator.held()[0] == 2


@pytest.mark.parametrize("bound", [{"max_source_events": 1}, {"max_source_bytes": 3}])
def test_a_source_has_bounds_of_its_own(bound: dict[str, int]) -> None:
    aggregator = Aggregator([replace(PLAIN, **bound)])  # type: ignore[arg-type]
    fed(aggregator, event("a", "h1"), source=1)
    assert told(fed(aggregator, event("b", "h2"), event("c", "h3"), source=2)) == [("b", 1, "limit")]
    assert told(aggregator.close()) == [("a", 1, "end"), ("c", 1, "end")]


@pytest.mark.parametrize(
    "rule",
    [
        replace(PLAIN, identical=("Big",)),
        replace(PLAIN, identical_where_known=("Big",)),
        replace(PLAIN, unique=("Big",)),
        replace(PLAIN, sum=("Big",)),
        replace(PLAIN, first=("Big",)),
        replace(PLAIN, last=("Big",)),
        replace(PLAIN, carry="first"),
        replace(PLAIN, carry="last"),
        replace(PLAIN, order="Big"),
    ],
    ids=["identical", "known", "unique", "sum", "first", "last", "carry first", "carry last", "order"],
)
def test_whatever_a_group_keeps_counts_toward_its_bytes(rule: Rule) -> None:
    aggregator = Aggregator([replace(rule, max_open_bytes=50_000, threshold=None)])
    for at in range(30):
        fed(aggregator, event("", f"h{at}", Big=f"{at}" + "x" * 10_000))
        assert aggregator.held()[1] <= 61_000
    aggregator.close()
    assert aggregator.held() == (0, 0)


# --- the guard of the loop --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [{"Type": 2}, {"Type": "2"}, {"AggregationRuleName": "logins"}])
def test_what_went_round_is_never_aggregated_again(mark: dict[str, Any]) -> None:
    aggregator = Aggregator([replace(PLAIN, filter=None)])
    assert aggregator.push(event("a") | mark, 0.0) == (PASSED, ())
    assert (aggregator.counts()["guarded"], aggregator.held()) == (1, (0, 0))


def test_each_round_is_counted_and_what_goes_round_too_often_is_refused() -> None:
    one = event("a")
    for hops in range(1, MAX_HOPS + 2):
        (one,) = all_of(PLAIN, one)
        assert one["Hops"] == hops
        one = {name: value for name, value in one.items() if name not in ("Type", "AggregationRuleName")}
    aggregator = Aggregator([PLAIN])
    assert aggregator.push(one, 0.0) == (REFUSED, ())
    assert aggregator.counts()["went_round"] == 1


@pytest.mark.parametrize("hops", ["x", "", -3, [5], 2.5, "٣", float("inf"), float("nan"), 10**30, True])
def test_hops_that_are_no_number_of_rounds_do_not_hurt(hops: Any) -> None:
    (one,) = all_of(PLAIN, event("a", Hops=hops))
    assert one["Hops"] in (1, 2, 3)


def test_a_group_has_the_most_hops_of_its_events() -> None:
    assert all_of(PLAIN, event("a", Hops=2), event("b", Hops="3"), event("c"))[0]["Hops"] == 4


# --- everything at once -----------------------------------------------------------------------------------------------


RULES = st.builds(
    Rule,
    st.just("r"),
    identical=st.sampled_from([(), ("Host",), ("Host", "User")]),
    identical_where_known=st.sampled_from([(), ("User",)]),
    by_source=st.booleans(),
    unique=st.sampled_from([(), ("User",)]),
    sum=st.sampled_from([(), ("Message",), ("Message", "Number")]),
    order=st.sampled_from([None, "Number"]),
    carry=st.sampled_from(["none", "first", "last"]),
    max_length=st.sampled_from([{}, {"Message": 3}]),
    overflow=st.sampled_from(["truncate", "spill", "split"]),
    ends=st.sampled_from([(), JOINING.ends, (End(lambda one: one.get("Last"), "m", included=False),)]),
    threshold=st.sampled_from([None, 1, 3]),
    lifetime_seconds=st.sampled_from([None, 3.0]),
    timeout_seconds=st.sampled_from([None, 0.0, 1.0]),
    linger_seconds=st.sampled_from([0.0, 2.0]),
    distance_lines=st.sampled_from([0, 4]),
    remember_events=st.sampled_from([0, 1, 9]),
    max_event_records=st.sampled_from([1, 4096]),
    max_event_bytes=st.sampled_from([1, 4096]),
    max_source_events=st.sampled_from([1, 99]),
    max_open_events=st.sampled_from([1, 99]),
    max_open_bytes=st.sampled_from([1, 4096]),
)
EVENTS = st.lists(
    st.tuples(
        st.fixed_dictionaries(
            {},
            optional={
                "Host": st.sampled_from(["a", "b", ""]),
                "User": st.sampled_from(["x", "y", ["x", "z"], 5, None]),
                "Message": st.sampled_from(["m", "nn", "long text", "", 7, "\uef80é"]),
                "Number": st.sampled_from([1, 2.5, "3", None]),
                "Last": st.just(True),
            },
        ),
        st.integers(0, 2),
        st.sampled_from([0.0, 0.5, 2.0]),
    ),
    max_size=30,
)


@settings(max_examples=300)
@given(RULES, EVENTS)
def test_every_event_that_is_taken_leaves_exactly_once(rule: Rule, rows: list[tuple[Event, int, float]]) -> None:
    aggregator = Aggregator([rule])
    now, out = 0.0, []
    for row, source, pause in rows:
        now += pause
        out += aggregator.expire(now)
        out += aggregator.push(row, now, source).events
    out += aggregator.close()
    counts = aggregator.counts()
    assert sum(one["BaseEventCount"] for one in out) == len(rows) - counts["end_marks"]
    assert counts["events"] == len(out) == counts["complete"] + counts["partial"]
    assert len({one["ID"] for one in out}) == len(out)
    assert (aggregator.held(), aggregator.next_deadline()) == ((0, 0), None)
