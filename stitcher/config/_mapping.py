"""What stands under `map:` of a normalizer, compiled to the writers of core/mapping.py."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from stitcher.config._conversions import Conversions, chain
from stitcher.config._model import Loc, Model, faults
from stitcher.core import mapping as core
from stitcher.core.sources import getter

#: characters of a field's name
MAX_TARGET: Final = 128

Scalar = str | int | float
#: key -> value, or key -> columns of a row
Dictionary = dict[str, Scalar | dict[str, Scalar]]


def _check_source(name: str) -> str:
    getter(name)
    return name


def _check_target(name: str) -> str:
    if not 0 < len(name) <= MAX_TARGET or not name.isprintable() or " " in name or name.startswith(("$", ".")):
        raise ValueError(f"a field's name has 1 to {MAX_TARGET} characters, no spaces, and begins with no $ or dot")
    return name


def _check_template(text: str) -> str:
    core.template(text)
    return text


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


SourceName = Annotated[str, AfterValidator(_check_source)]
Target = Annotated[str, AfterValidator(_check_target)]


class Mapped(Model):
    """How the value of one field is made; a source field alone may be written as its name."""

    from_: (
        Annotated[tuple[SourceName, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])] | None
    ) = Field(
        default=None,
        alias="from",
        min_length=1,
        description="a source field, or several, of which the first that holds anything is taken",
    )
    template: Annotated[str, AfterValidator(_check_template)] | None = Field(
        default=None, description="a text with source fields in braces; {{ and }} are braces"
    )
    value: Scalar | None = Field(default=None, description="always this; '' takes away what another rule wrote")
    convert: Conversions = Field(default_factory=list, description="conversions, one after the other")
    dictionary: str | None = Field(default=None, description="the dictionary in which the value is looked up")
    column: str | None = Field(default=None, description="of a dictionary of rows, the column that is taken")
    default: Scalar | None = Field(default=None, description="what is written where there is no value")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        given = [name for name in ("from", "template", "value") if getattr(self, _FIELDS[name]) is not None]
        found: list[tuple[Loc, str]] = []
        if not given:
            found.append(((), "there is no value; give it 'from', 'template' or 'value'"))
        found += [((name,), f"there is '{given[0]}' too; one of them is enough") for name in given[1:]]
        if given == ["value"]:
            found += [
                ((name,), "a constant is written as it is; remove it")
                for name in ("convert", "dictionary", "default")
                if name in self.model_fields_set
            ]
        if self.column is not None and self.dictionary is None:
            found.append((("column",), "there is no 'dictionary' to take a column of"))
        if found:
            raise faults(found)
        return self

    def sources(self) -> tuple[str, ...]:
        """The source fields that are read."""
        return self.from_ or (tuple(core.template_names(self.template)) if self.template else ())

    def writer(self, target: str, home: tzinfo | None, dictionaries: Mapping[str, core.Table]) -> core.Writer:
        """The runtime's form; `home` is the zone of times that name none."""
        if self.value is not None:
            return core.Writer(target, core.constant(self.value) if self.value != "" else core.cleared(target))
        if self.template is not None:
            value = core.template(self.template)
        elif target == core.EXTRA:
            value = core.object_of((self.from_ or ("",))[0])
        else:
            value = core.from_sources(self.from_ or ())
        convert = chain(self.convert, home)
        if convert is not None:
            value = core.converted(value, convert)
        if self.dictionary is not None:
            value = core.looked_up(value, dictionaries[self.dictionary], self.column)
        return core.Writer(target, value, None if self.default == "" else self.default)


def check_whole_extra(target: str, mapped: Mapped) -> str:
    """Why a value is none for the target `Extra`, which is a mapping; "" if it is."""
    plain = mapped.model_fields_set == {"from_"} and len(mapped.from_ or ()) == 1
    if target != core.EXTRA or plain or mapped.value == "":
        return ""
    return "this field is a mapping; give it one source field that is an object, or write Extra.NAME"


_FIELDS: Final = {"from": "from_", "template": "template", "value": "value"}


def _as_mapped(given: Any) -> Any:
    return {"from": given} if isinstance(given, str) else given


Map = dict[Target, Annotated[Mapped, BeforeValidator(_as_mapped, json_schema_input_type=str | Mapped)]]
