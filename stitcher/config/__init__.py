"""A YAML file in, checked models out, or every fault that is in it, a line for each.

A document says by `kind` which model reads it.  The models are in the files of this folder, one for each kind; a file
that is put there is found.  This is the part that imports pydantic, which takes longer than a short log: nothing that
`stitcher filter` needs imports it.
"""

from functools import cache
from importlib import import_module
from importlib.resources.abc import Traversable
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from stitcher.config._faults import Fault, Faults, FaultyConfigError, found, quote, unknown
from stitcher.config._model import KINDS, Context, Model, Resource, checked, fault, faults
from stitcher.yamlfile import Document, load_all

__all__ = [
    "Context", "Fault", "Faults", "FaultyConfigError", "Model", "Read", "Resource", "checked", "fault", "faults",
    "found", "kinds", "quote", "read", "read_all", "read_into", "unknown", "validate",
]  # fmt: skip

T = TypeVar("T")


class Read(NamedTuple):
    """A model, and the document that it was made of: for faults that are found later."""

    model: Resource
    document: Document


@cache
def kinds() -> dict[str, type[Resource]]:
    """Every kind of document that is known, and its model."""
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            import_module(f"{__name__}.{module.name}")
    return KINDS


def read(path: Path | Traversable) -> Resource:
    """The one document of a file; raises FaultyConfigError, a ConfigError with all faults."""
    faults = Faults()
    read = read_into(path, faults)
    for one in read[1:]:
        faults.add(one.document, (), "expected one document, found another one behind '---'")
    faults.end()
    return read[0].model


def read_all(path: Path | Traversable) -> list[Resource]:
    """The documents of a file, which `---` separates; raises FaultyConfigError."""
    faults = Faults()
    read = read_into(path, faults)
    faults.end()
    return [one.model for one in read]


def read_into(path: Path | Traversable, faults: Faults) -> list[Read]:
    """The documents that can be read; what is wrong with the others is added to `faults`."""
    loaded = load_all(path)
    faults.add_loaded(path, loaded)
    read = [(document, _resource(document, faults)) for document in loaded.documents]
    return [Read(model, document) for document, model in read if model is not None]


def validate(what: Any, document: Document, faults: Faults) -> Any:
    """The document as a model, or any type that pydantic knows; None where it is none, and `faults` says why."""
    context = Context()
    try:
        return TypeAdapter(what).validate_python(document.values, context=context)
    except ValidationError as cause:
        faults.add_invalid(document, cause, context)
    return None


def _resource(document: Document, faults: Faults) -> Resource | None:
    values = document.values
    known = ", ".join(sorted(kinds()))
    if not isinstance(values, dict):
        faults.add(document, (), f"expected a mapping that begins with 'kind:', found {found(values)}; known: {known}")
        return None
    kind = values.get("kind")
    if not isinstance(kind, str):
        what = "the field is missing" if "kind" not in values else f"expected text, found {found(kind)}"
        faults.add(document, ("kind",), f"{what}; known: {known}")
        return None
    model = kinds().get(kind)
    if model is None:
        faults.add(document, ("kind",), unknown("kind", kind, kinds()))
        return None
    made: Resource | None = validate(model, document, faults)
    return made
