"""Enrichments: what is added to an event from outside of it.  One kind, one file, whose docstring is its manual page.

constant    a text that every event gets, or those for which a condition holds

A file that is put into this folder is found: its kind is a subclass of `_kind.Kind`, told from others by its `type`.
"""

from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from stitcher.enrichments._kind import Kind

__all__ = ["KINDS", "AnyEnrichment", "Kind"]


def _kinds() -> dict[str, type[Kind]]:
    """The kind of each file, by the file's name, which is its `type`."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return {kind.__module__.rpartition(".")[2]: kind for kind in Kind.__subclasses__()}


KINDS = _kinds()


def _any() -> Any:
    kinds = [*KINDS.values()]
    return Annotated[reduce(or_, kinds), Field(discriminator="type")] if len(kinds) > 1 else kinds[0]


if TYPE_CHECKING:
    AnyEnrichment = Kind
else:
    AnyEnrichment = _any()
