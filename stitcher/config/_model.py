"""What every model of a configuration file is made of: unknown keys are refused, numbers are numbers, nothing changes.

A file's document is a `Resource`: `kind`, `id` and `description`, and what its kind has.  A class with
`kind: Literal["pipeline"]` is registered as the model of that kind by being defined.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from stitcher.errors import ConfigError

Loc = tuple[str | int, ...]
#: kind of a document -> its model
KINDS: "Final[dict[str, type[Resource]]]" = {}
#: what YAML tells apart: the text "5" is no number, and 1 is not true
_STRICT: Final = ("int", "float", "bool")


def _make_strict(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") in _STRICT:
            schema["strict"] = True
        for key, part in schema.items():
            if key not in ("default", "metadata"):
                _make_strict(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            _make_strict(part)


class Model(BaseModel):
    """A mapping of a file.  Lists may be read into tuples, texts into paths, but no text into a number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_strict(schema)
        return schema

    @model_validator(mode="before")
    @classmethod
    def _remember(cls, values: Any, info: ValidationInfo) -> Any:
        """Tell who reads which mapping, for the faults that are found in it."""
        if isinstance(info.context, Context):
            info.context.readers[id(values)] = cls
        return values


class Resource(Model):
    """A document of its own."""

    kind: str = Field(description="what this document is")
    id: str = Field(min_length=1, max_length=128, description="the name by which others ask for it")
    description: str = Field(min_length=1, max_length=4000, description="what it is for, in a sentence")

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        annotation = cls.model_fields["kind"].annotation
        if get_origin(annotation) is Literal and not _kinds_of(cls.__mro__[1:]):
            KINDS.update(dict.fromkeys(get_args(annotation), cls))


def _kinds_of(bases: Sequence[type]) -> set[str]:
    """The kinds that these classes are registered for."""
    return {kind for kind, model in KINDS.items() if model in bases}


class Context:
    """Goes through one validation; `readers` says which class read the mapping with that id()."""

    def __init__(self) -> None:
        self.readers: dict[int, type[Model]] = {}


def fault(message: str, *loc: str | int) -> PydanticCustomError:
    """To be raised by a validator: a fault, of something inside of what is validated if `loc` says where."""
    return faults([(loc, message)])


def faults(found: Sequence[tuple[Loc, str]]) -> PydanticCustomError:
    """To be raised by a validator that found several."""
    return PydanticCustomError("stitcher", "{first}", {"first": found[0][1], "faults": list(found)})


def checked(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that raises ConfigError, as a validator: `AfterValidator(checked(compile_pattern))`.

    Its value stays what it was.
    """

    def check(value: Any) -> Any:
        try:
            function(value)
        except ConfigError as cause:
            raise fault(str(cause)) from cause
        return value

    return check
