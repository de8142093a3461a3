"""Conditions, compiled by a part of the house that is imported when the first one is met: most runs have none."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stitcher.core.conditions import Tree

Holds = Callable[[Sequence[Any]], bool]


def compiled(
    tree: "Tree | None", index: Callable[[str], int], hear: Callable[[bool], None] | None = None
) -> Holds | None:
    """What says whether a condition holds for values; None where there is no condition.

    `hear` is told each answer.
    """
    if tree is None:
        return None
    from stitcher.core.conditions import compile_condition

    return telling(compile_condition(tree, index), hear)


def telling(holds: Holds | None, hear: Callable[[bool], None] | None) -> Holds | None:
    """The condition, each of whose answers `hear` is told."""
    if holds is None or hear is None:
        return holds

    def told(values: Sequence[Any]) -> bool:
        answer = holds(values)
        hear(answer)
        return answer

    return told
