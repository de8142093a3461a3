"""The conversions of a normalizer as YAML has them, compiled for core/conversions.py."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta, timezone, tzinfo
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from stitcher.config._faults import quote, unknown
from stitcher.config._model import Model, checked, fault
from stitcher.core import conversions as core
from stitcher.core import times
from stitcher.core.conversions import Convert
from stitcher.core.regexps import compile_pattern

_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")


def zone_of(name: str) -> tzinfo:
    """The zone `Europe/Moscow`, `UTC` or `+03:00`; raises a fault for others."""
    found = _OFFSET.fullmatch(name)
    if found and int(found[2]) < 24 and int(found[3]) < 60:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise fault(f"no time zone {quote(name)}; write it as Europe/Moscow or +03:00") from cause


def _check_zone(name: str) -> str:
    zone_of(name)
    return name


def _check_form(form: str) -> str:
    times.reader(form)
    return form


Zone = Annotated[str, AfterValidator(_check_zone)]
Pattern = Annotated[str, AfterValidator(checked(compile_pattern))]


def _as_format(given: Any) -> Any:
    return {"format": given} if isinstance(given, str) else given


class Time(Model):
    """How a time is written."""

    format: Annotated[str, AfterValidator(_check_form)] = Field(
        default="auto", description=f"{', '.join(times.NAMES)}, or a format of strptime such as %d/%b/%Y:%H:%M:%S %z"
    )
    timezone: Zone | None = Field(
        default=None,
        description="the zone of texts that name none: Europe/Moscow or +03:00; without it, the normalizer's",
    )


def _as_pair(given: Any) -> Any:
    return dict(zip(("from", "to"), given, strict=False)) if isinstance(given, list) and len(given) == 2 else given


class Replace(Model):
    """What is replaced by what; may be written as [from, to]."""

    from_: str = Field(alias="from", min_length=1, description="the text that is sought")
    to: str = Field(description="the text in its place")


class ReplaceWithRegexp(Model):
    """What is replaced by what; may be written as [from, to]."""

    from_: Pattern = Field(alias="from", description="the pattern that is sought, RE2 syntax")
    to: str = Field(description=r"the text in its place; \1 is the first group, \0 all that was found, \\ a backslash")

    @model_validator(mode="after")
    def _groups(self) -> "ReplaceWithRegexp":
        core.replacement(self.to, compile_pattern(self.from_).groups)
        return self


def _as_steps(given: Any) -> Any:
    """A word alone is a key with nothing behind it."""
    if not isinstance(given, str):
        return given
    if given not in NAMES:
        raise fault(unknown("conversion", given, NAMES))
    if given not in _WORDS:
        raise fault(f"the conversion {quote(given)} needs something behind it; write it as '{given}: …'")
    return {given: {} if given == "time" else True}


class Conversion(Model):
    """One conversion: exactly one of these keys."""

    lower: Literal[True] | None = Field(default=None, description="small letters")
    upper: Literal[True] | None = Field(default=None, description="capital letters")
    trim: Literal[True] | str | None = Field(
        default=None, description="takes blanks off both ends, or the characters that are given"
    )
    append: str | None = Field(default=None, description="puts this text behind it")
    prepend: str | None = Field(default=None, description="puts this text in front of it")
    substring: Annotated[list[int], Field(min_length=1, max_length=2)] | None = Field(
        default=None,
        description="[start] or [start, end]: characters from start, counted from 0, up to and without end",
    )
    replace: Annotated[Replace, BeforeValidator(_as_pair)] | None = Field(
        default=None, description="replaces a text wherever it is"
    )
    regexp: Pattern | None = Field(default=None, description="the first group of the first match, or all of the match")
    replace_with_regexp: Annotated[ReplaceWithRegexp, BeforeValidator(_as_pair)] | None = Field(
        default=None, alias="replaceWithRegexp", description="replaces what a pattern matches, wherever it is"
    )
    decode_hex: Literal[True] | None = Field(
        default=None, alias="decodeHexString", description="the text whose bytes are these hex digits"
    )
    decode_base64: Literal[True] | None = Field(
        default=None, alias="decodeBase64String", description="the text that this is the Base64 of"
    )
    decode_base64_url: Literal[True] | None = Field(
        default=None, alias="decodeBase64URLString", description="the same, in the alphabet of URLs"
    )
    number: Literal[True] | None = Field(default=None, description="a number, for fields that hold numbers")
    time: Annotated[Time, BeforeValidator(_as_format)] | None = Field(
        default=None, description="milliseconds since 1970"
    )

    @model_validator(mode="after")
    def _one(self) -> "Conversion":
        if len(self.model_fields_set) != 1:
            raise fault("a conversion is one word; write each as an item of its own: '- lower'")
        return self

    def build(self, home: tzinfo | None) -> Convert:
        """The function; `home` is the zone of texts that name none."""
        (name,) = self.model_fields_set
        return _BUILD[name](getattr(self, name), home)


NAMES: Final = tuple(one.alias or name for name, one in Conversion.model_fields.items())
#: those that need nothing
_WORDS: Final = (
    "lower", "upper", "trim", "decodeHexString", "decodeBase64String", "decodeBase64URLString", "number", "time",
)  # fmt: skip
Conversions = list[Annotated[Conversion, BeforeValidator(_as_steps, json_schema_input_type=str | Conversion)]]

_Build = Callable[[Any, tzinfo | None], Convert]


def _always(convert: Convert) -> _Build:
    return lambda _given, _home: convert


def _with(make: Callable[[Any], Convert]) -> _Build:
    return lambda given, _home: make(given)


def _time(given: Time, home: tzinfo | None) -> Convert:
    return core.time(given.format, zone_of(given.timezone) if given.timezone else home)


_BUILD: Final[dict[str, _Build]] = {
    "lower": _always(core.lower),
    "upper": _always(core.upper),
    "trim": _with(lambda given: core.trim(None if given is True else given)),
    "append": _with(core.append),
    "prepend": _with(core.prepend),
    "substring": _with(lambda given: core.substring(*given)),
    "replace": _with(lambda given: core.replace(given.from_, given.to)),
    "regexp": _with(lambda given: core.regexp(compile_pattern(given))),
    "replace_with_regexp": _with(lambda given: core.replace_with_regexp(compile_pattern(given.from_), given.to)),
    "decode_hex": _always(core.decode_hex),
    "decode_base64": _always(core.decode_base64),
    "decode_base64_url": _always(core.decode_base64_url),
    "number": _always(core.number),
    "time": _time,
}


def chain(steps: Sequence[Conversion], home: tzinfo | None) -> Convert | None:
    """All of them in their order; None if there are none."""
    return core.chain([step.build(home) for step in steps]) if steps else None
