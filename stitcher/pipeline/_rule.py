"""What a program answers to the values of an event's fields: a rule of the library."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple

from stitcher.errors import ConfigError
from stitcher.event import OWN_KEYS
from stitcher.kernel import render


class Drop(Enum):
    """The answer of a rule that wants an event gone."""

    DROP = "drop"


DROP: Final = Drop.DROP


class Rule(NamedTuple):
    """What is done for each event: `answer` is called with the values of the fields that `reads` names.

    A path is as `records.SYSCALL.interpreted.uid` (stitcher/kernel/_paths.py has them all); a value is None where the
    event has no such field.  The answer is None for nothing, DROP to drop the event, or a mapping whose keys become
    keys of the event; those that events have of their own (`id`, `records`, `raw`, …) are refused.
    """

    reads: tuple[str, ...]
    answer: Callable[..., Mapping[str, object] | Drop | None]


def checked(rule: Rule) -> Rule:
    """The rule, if its paths are ones."""
    try:
        render([], rule.reads)
    except ValueError as cause:
        raise ConfigError(f"rule: {cause}") from cause
    return rule


def refuse_own_keys(answer: Mapping[str, object]) -> None:
    """An answer may add keys, and change none."""
    if not OWN_KEYS.isdisjoint(answer):
        taken = ", ".join(sorted(OWN_KEYS.intersection(answer)))
        raise ConfigError(f"rule: '{taken}' is what an event has of its own; answer by another name")
