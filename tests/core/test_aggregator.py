"""When a group of an aggregation rule leaves, and which group an event is of."""

from dataclasses import replace
from functools import partial
from typing import Any

from aggregating import JOINING, PLAIN, all_of, event, fed, told

from stitcher.core.aggregator import PASSED, Aggregator, End, Event, Rule

# --- when a group leaves ----------------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_kuma() -> None:
    rule = Rule("x")
    assert (rule.threshold, rule.lifetime_seconds, rule.separator, rule.carry) == (100, 60.0, ",", "none")


def test_at_the_threshold_an_event_leaves_and_the_next_group_begins() -> None:
    out = all_of(replace(PLAIN, threshold=3), *(event(str(at)) for at in range(7)))
    assert told(out) == [("0,1,2", 3, "threshold"), ("3,4,5", 3, "threshold"), ("6", 1, "end")]


def test_what_comes_behind_the_threshold_is_not_late_even_if_groups_are_remembered() -> None:
    out = all_of(replace(JOINING, threshold=2), *(event(str(at)) for at in range(4)))
    assert [one["Extra"] for one in out] == [{"closed_by": "threshold"}] * 2


def test_a_lifetime_is_counted_from_the_first_event_and_nothing_prolongs_it() -> None:
    aggregator = Aggregator([replace(PLAIN, lifetime_seconds=60.0)])
    fed(aggregator, event("a"), now=100.0)
    fed(aggregator, event("b"), now=159.0)
    assert aggregator.next_deadline() == 160.0
    assert aggregator.expire(159.9) == []
    assert told(aggregator.expire(160.0)) == [("a,b", 2, "lifetime")]
    assert aggregator.next_deadline() is None
    assert told(fed(aggregator, event("c"), now=161.0) + aggregator.close()) == [("c", 1, "end")]


def test_a_time_out_is_counted_from_the_last_event() -> None:
    aggregator = Aggregator([replace(PLAIN, lifetime_seconds=None, timeout_seconds=2.0)])
    fed(aggregator, event("a"), now=100.0)
    fed(aggregator, event("b"), now=101.5)
    assert aggregator.next_deadline() == 103.5
    assert told(aggregator.expire(103.5)) == [("a,b", 2, "timeout")]


def test_lifetime_and_time_out_are_whichever_is_first() -> None:
    aggregator = Aggregator([replace(PLAIN, lifetime_seconds=3.0, timeout_seconds=2.0)])
    for now in (0.0, 1.5, 2.5):
        fed(aggregator, event("a"), event("b", host=f"h{now}"), now=now)
    assert aggregator.next_deadline() == 2.0
    assert [(one["Host"], one["Extra"]["closed_by"]) for one in aggregator.expire(3.0)] == [
        ("web01", "lifetime"),
        ("h0.0", "lifetime"),
    ]
    assert [one["Extra"]["closed_by"] for one in aggregator.expire(9.0)] == ["lifetime", "lifetime"]


def test_an_event_may_complete_its_group() -> None:
    aggregator = Aggregator([JOINING])
    assert fed(aggregator, event("a"), event("x", host="other")) == []
    (one,) = fed(aggregator, event("b", Last=True))
    assert told([one]) == [("a,b", 2, "complete")]
    assert (aggregator.counts()["complete"], aggregator.held()[0]) == (1, 1)


def test_a_group_of_one_is_an_aggregated_event() -> None:
    """Else what comes alone would be stored by the way of the originals, unparsed."""
    (one,) = all_of(PLAIN, event("a"))
    assert (one["Type"], one["BaseEventCount"], one["AggregationRuleName"]) == (2, 1, "logins")


def test_an_end_may_be_a_mark_that_is_no_part_of_the_group() -> None:
    mark = End(lambda one: one["Message"] == "END", "mark", included=False)
    aggregator = Aggregator([replace(JOINING, ends=(mark,))])
    assert told(fed(aggregator, event("END"), event("a"), event("END"), event("END"))) == [("a", 1, "mark")]
    assert (aggregator.counts()["end_marks"], aggregator.held()) == (3, (0, 0))


def test_an_end_may_count_only_at_the_beginning() -> None:
    first = End(lambda one: one["Message"] == "alone", "single", first=True)
    out = all_of(replace(JOINING, ends=(first,)), event("alone"), event("a", "h2"), event("alone", "h2"))
    assert told(out) == [("alone", 1, "single"), ("a,alone", 2, "end")]


def test_a_group_that_ended_waits_for_stragglers_until_another_group_of_its_source_comes() -> None:
    aggregator = Aggregator([replace(JOINING, linger_seconds=0.5)])
    assert fed(aggregator, event("a", Last=True), now=10.0) == []
    assert fed(aggregator, event("x", host="h2"), now=10.0, source=1) == []
    assert fed(aggregator, event("b"), now=10.25) == []
    assert aggregator.next_deadline() == 10.5
    assert told(fed(aggregator, event("y", host="h3"), now=10.3)) == [("a,b", 2, "complete")]
    fed(aggregator, event("c", host="h4", Last=True), now=11.0)
    assert told(aggregator.expire(11.5)) == [("c", 1, "complete")]


def test_an_end_may_do_without_waiting() -> None:
    ends = (End(lambda one: one.get("Last") == 2, "now", linger=False), *JOINING.ends)
    out = fed(Aggregator([replace(JOINING, ends=ends, linger_seconds=9.0)]), event("a", Last=1), event("b", Last=2))
    assert told(out) == [("a,b", 2, "now")]


def test_on_a_source_that_reorders_an_ended_group_waits_for_what_was_overtaken() -> None:
    aggregator = Aggregator([JOINING])
    aggregator.reorders(3, 0.2)
    assert fed(aggregator, event("b", Last=True), now=5.0, source=3) == []
    assert fed(aggregator, event("x", host="h2"), event("a"), now=5.1, source=3) == []
    assert told(aggregator.expire(5.2)) == [("b,a", 2, "complete")]


def test_without_a_clock_a_group_is_left_behind_by_lines() -> None:
    aggregator = Aggregator([replace(PLAIN, distance_lines=3)])
    fed(aggregator, event("a"))
    assert aggregator.skip() + aggregator.skip() + aggregator.skip() == []
    assert aggregator.skip(source=9) == []
    assert told(aggregator.skip()) == [("a", 1, "timeout")]
    assert aggregator.skip() == []


def test_a_line_that_no_rule_takes_counts_for_the_distance_too() -> None:
    aggregator = Aggregator([replace(PLAIN, distance_lines=1, filter=lambda one: one["Type"] == 1)])
    fed(aggregator, event("a"))
    assert aggregator.push({"Type": 9}, 0.0).events == ()
    fate, events = aggregator.push({"Type": 9}, 0.0)
    assert (fate, told(events)) == (PASSED, [("a", 1, "timeout")])


def test_groups_of_a_source_that_is_over_are_left_to_expire() -> None:
    rule = replace(JOINING, by_source=True, timeout_seconds=2.0, linger_seconds=1.0)
    aggregator = Aggregator([rule])
    fed(aggregator, event("a", "h1"), event("b", "h2", Last=True), source=7)
    aggregator.end(7)
    assert aggregator.held()[0] == 2
    assert told(aggregator.expire(2.0)) == [("b", 1, "complete"), ("a", 1, "timeout")]
    assert aggregator.held() == (0, 0)


def test_at_the_end_the_longest_silent_leaves_first() -> None:
    out = all_of(PLAIN, event("a", "h1"), event("b", "h2"), event("c", "h1"))
    assert told(out) == [("b", 1, "end"), ("a,c", 2, "end")]


# --- which group an event is of ---------------------------------------------------------------------------------------


def test_an_absent_value_is_a_value_of_its_own_and_the_same_as_an_empty_one() -> None:
    rule = replace(PLAIN, identical=("Host", "User"))
    out = all_of(rule, event("a"), event("b", User="root"), event("c", User=None), event("d", User=""))
    assert [(one["Message"], one.get("User")) for one in out] == [("b", "root"), ("a,c,d", None)]


def test_a_rule_without_identical_fields_has_one_group() -> None:
    assert told(all_of(replace(PLAIN, identical=()), event("a"), event("b", "h2"))) == [("a,b", 2, "end")]


def test_values_that_are_lists_or_numbers_tell_groups_apart() -> None:
    rule = replace(PLAIN, identical=("Tags", "Port"))
    rows = [event("a", Tags=["x"], Port=1), event("b", Tags=["x", "y"], Port=1), event("c", Tags=["x"], Port=1)]
    out = all_of(rule, *rows, event("d", Tags=["x"], Port=2))
    assert [(one["Message"], one["Tags"], one["Port"]) for one in out] == [
        ("b", ["x", "y"], 1), ("a,c", ["x"], 1), ("d", ["x"], 2),
    ]  # fmt: skip


def test_a_field_inside_another_is_named_with_a_dot() -> None:
    rule = replace(PLAIN, identical=("Extra.user",), sum=("Extra.line",))
    (one,) = all_of(rule, event(Extra={"user": "ann", "line": "a"}), event(Extra={"user": "ann", "line": "b"}))
    assert one["Extra"] == {"closed_by": "end", "user": "ann", "line": "a,b"}


def test_sources_are_one_stream_unless_the_rule_parts_them() -> None:
    for by_source, messages in ((False, ["a,b"]), (True, ["a", "b"])):
        aggregator = Aggregator([replace(PLAIN, by_source=by_source)])
        fed(aggregator, event("a"), source=0)
        fed(aggregator, event("b"), source=1)
        assert [one["Message"] for one in aggregator.close()] == messages


def test_a_value_that_is_not_always_known_parts_only_where_both_know_it() -> None:
    rule = replace(JOINING, identical=(), identical_where_known=("Node", "Relay"), fill={"Node": ("Relay",)})
    rows = [
        event("a"), event("b", Node="n1"), event("c", Node="n2"), event("d", Relay="r1"), event("e", Node="n2"),
        event("f", Relay="r2"),
    ]  # fmt: skip
    out = all_of(rule, *rows)
    assert [(one["Message"], one["Node"]) for one in out] == [("a,b,d", "n1"), ("c,e,f", "n2")]


def test_a_field_that_is_missing_may_be_filled_from_others() -> None:
    rule = replace(PLAIN, first=("Peer",), fill={"Host": ("Name", "Peer")})
    (one,) = all_of(rule, {"Message": "a", "Peer": "192.0.2.1"})
    assert one["Host"] == "192.0.2.1"


def says(word: str, one: Event) -> bool:
    return word in one["Message"]


def test_the_first_rule_whose_filter_holds_takes_an_event() -> None:
    rules = [replace(PLAIN, name=name, filter=partial(says, name)) for name in ("a", "b")]
    aggregator = Aggregator(rules)
    fed(aggregator, event("ab"), event("b"))
    assert aggregator.push(event("c"), 0.0) == (PASSED, ())
    assert [(one["AggregationRuleName"], one["Message"]) for one in aggregator.close()] == [("a", "ab"), ("b", "b")]
    assert [aggregator.counts_of(name)["taken"] for name in ("a", "b")] == [1, 1]
    assert (aggregator.counts()["taken"], aggregator.counts()["passed"]) == (2, 1)


def test_conditions_read_what_is_made_of_an_event_once() -> None:
    made: list[Event] = []

    def values(one: Event) -> tuple[Any, ...]:
        made.append(one)
        return (one["Message"],)

    ends = (End(lambda read: read[0] == "z"),)
    aggregator = Aggregator([replace(PLAIN, filter=lambda read: len(read) == 1, ends=ends)], values)
    assert told(fed(aggregator, event("a"), event("z"))) == [("a,z", 2, "complete")]
    assert len(made) == 2
