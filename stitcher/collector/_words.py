"""A pipeline in, what is wrong with the words of its destinations out: can they say the events that reach them?

Decoded events of audit can be written in every schema.  Flat events have their own words and KUMA's fields: those of
other sources, and Type=2 events that are not decoded here.
"""

from collections.abc import Callable
from typing import Final

from stitcher.collector.model import Destination, Pipeline
from stitcher.core.conditions import Group, Tree, compile_condition
from stitcher.errors import ConfigError
from stitcher.pipeline._plan import AUDIT
from stitcher.schemas import flat_fault, schema_of

Loc = tuple[str | int, ...]
#: hears of a fault: where, and what
Report = Callable[[Loc, str], None]

_AGGREGATED: Final = 2
_ONLY_DECODED: Final = 'when: {field: Type, op: "=", value: 1}'


def check_words(model: Pipeline, reads_audit: bool, report: Report) -> None:
    """Every destination's schema and format, and what is said of decoded events where there are none."""
    looped = any(one.loop for one in model.destinations)
    reason = ""
    if not reads_audit:
        reason = f"the normalizer '{model.normalizer}' makes others"
    elif model.loop == "none" and not looped:
        reason = "with 'loop: none' none are decoded here"
    if reason:
        for key in ("keep_raw", "summarize"):
            if getattr(model, key):
                report((key,), f"'{key}' is for decoded events of audit; {reason}: remove it")
    for at, one in enumerate(model.destinations):
        _check(model, at, one, reason, report)


def _check(model: Pipeline, at: int, one: Destination, reason: str, report: Report) -> None:
    loc = ("destinations", at)
    if one.loop:
        if (one.words, one.form) != (AUDIT, "json"):
            key = "schema" if one.words != AUDIT else "format"
            report(
                (*loc, key), "what goes round is read again, in its own words as JSON: leave 'schema' and 'format' out"
            )
        return
    if not reason and not _check_decoded(model, loc, one, report):
        return
    mixed = model.loop == "none" and not reason and not _never(one.when.tree() if one.when else None)
    if (reason or mixed) and (found := flat_fault(one.words, one.form)):
        why = ""
        if found.decoded:
            why = f"{reason}: " if reason else f"Type=2 events reach it too: say {_ONLY_DECODED}, or "
        report((*loc, found.key), f"{found.what}; {why}{found.way_out}")


def _check_decoded(model: Pipeline, loc: Loc, one: Destination, report: Report) -> bool:
    """Can decoded events be written so?"""
    own = one.words == AUDIT and one.form not in ("cef", "csv")
    key = "schema" if one.words != AUDIT else "format"
    if own:
        return True
    if model.enrichments and one.form in ("cef", "csv"):
        what = f"{one.form} has no room for what enrichments add; use json, or a pipeline without them"
        report((*loc, "format"), what)
    if model.summarize:
        report((*loc, key), f"'{one.words}' is made of the summary already; remove 'summarize'")
    try:
        made = schema_of(one.words, one.form)
    except ConfigError as cause:
        for line in str(cause).splitlines():
            report((*loc, key), line)
        return False
    if model.keep_raw and made.wants_raw:
        report(("keep_raw",), f"the schema '{one.words}' has no field for the records as they came; remove it")
    return True


def _never(when: Tree | None) -> bool:
    """Is it sure that the condition holds for no Type=2 event, whatever else that is?"""
    return when is not None and _said(when) is False


def _said(tree: Tree) -> bool | None:
    """What a condition says of a Type=2 event; None where that depends on other fields."""
    if isinstance(tree, Group):
        parts = [_said(part) for part in tree.parts]
        if tree.kind == "or":
            return True if True in parts else None if None in parts else False
        every = False if False in parts else None if None in parts else True
        return every if tree.kind == "and" or every is None else not every
    if tree.fields != ("Type",) or tree.other:
        return None
    try:
        return compile_condition(tree, lambda _: 0)((_AGGREGATED,))
    except ConfigError:  # it asks for a table
        return None
