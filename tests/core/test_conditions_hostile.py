"""Conditions over what a stranger wrote: nothing raises, whatever stands in a field, and nothing takes long."""

import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stitcher.core.conditions import OPERATORS, Condition, Fields, Tree, compile_condition

TABLES = {"admins": {"root"}, "hosts": {"web01": "10.0.0.1"}}


def holds(tree: Tree, event: dict[str, Any]) -> bool:
    fields = Fields()
    answer = compile_condition(tree, fields.index, TABLES)(fields.values(event))
    assert answer is True or answer is False
    return answer


def one(op: str, *values: Any, **how: Any) -> Condition:
    return Condition(("left",), op, values, **how)


SINGLES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers().map(lambda power: 10 ** (abs(power) % 5000))
    | st.floats()
    | st.text()
    | st.text("0123456789.+-eE:/%|", max_size=50)
    | st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF))
    | st.binary()
    | st.ip_addresses().map(str)
    | st.complex_numbers()
    | st.just(object())
)
VALUES = st.recursive(
    SINGLES, lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner)
)
RIGHTS: dict[str, tuple[Any, ...]] = {
    "any": ("x", 7, 1.5, True),
    "number": (7, "8.5"),
    "text": ("x", "y"),
    "network": ("10.0.0.0/8", "fd00::/8"),
    "pattern": ("a+b", "^[0-9]"),
    "bit": (0, 63),
    "table": ("admins", "hosts"),
    "category": ("Botnet",),
    "none": (),
}


def every_condition() -> list[Condition]:
    """Each operator with one value, several, without case, with another field."""
    found = []
    for op, about in OPERATORS.items():
        values = RIGHTS[about.right]
        found += [one(op, *values), one(op, *values[:1])]
        found += [one(op, *values, case=False)] if about.case else []
        found += [one(op, other="right"), one(op, other="right", case=False)] if about.other else []
        found += [Condition(("left", "right"), op, values)] if about.right == "table" else []
    return found


@given(VALUES, VALUES)
def test_no_value_makes_a_condition_raise(left: Any, right: Any) -> None:
    for tree in every_condition():
        holds(tree, {"left": left, "right": right})


def test_no_long_text_is_remembered() -> None:
    fields = Fields()
    compiled = compile_condition(one("inSubnet", "10.0.0.0/8"), fields.index)
    tracemalloc.start()
    for at in range(2000):
        assert not compiled((f"{at}" + "9" * 100_000,))
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1_000_000


def test_lists_of_a_stranger_do_not_take_quadratic_time() -> None:
    event = {"left": [f"a{at}" for at in range(50_000)], "right": [f"b{at}" for at in range(50_000)]}
    for op in ("=", "intersect", "<", "hasBit"):
        assert not holds(one(op, other="right"), event)
