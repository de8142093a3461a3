"""A regular expression of a configuration in, a pattern that no text keeps busy for long out.

The syntax is RE2's (https://github.com/google/re2/wiki/Syntax).  Python's `re` searches where that takes linear time,
which is known beforehand: it is many times quicker than google-re2 from Python.  Other patterns are searched by
google-re2 where it is installed, in linear time.  Without it, one that could take quadratic time sees no more than the
first QUADRATIC_TEXT characters, and one that could take more is refused.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from stitcher.core._regexp_cost import TooMuchError, degree
from stitcher.core._regexp_syntax import parse, source
from stitcher.errors import ConfigError

try:
    import re2
except ImportError:
    re2 = None

#: characters that a pattern of quadratic time looks at, without google-re2: milliseconds for most, 0.6 s for the worst
QUADRATIC_TEXT: Final = 4096
#: what searches patterns of more than linear time
ENGINE: Final = "google-re2" if re2 else "re"
#: characters of a pattern
LONGEST_PATTERN: Final = 4096
_LONE: Final = re.compile("[\ud800-\udfff]")


class Match(Protocol):
    """What was found, as in Python's `re`."""

    def group(self, *names: int | str) -> Any: ...
    def groups(self) -> tuple[str | None, ...]: ...
    def groupdict(self) -> dict[str, str | None]: ...
    def span(self, number: int = 0, /) -> tuple[int, int]: ...


class Pattern(Protocol):
    """A compiled regular expression.

    `limit` is how many characters of a text it looks at, None for all: a search and a replacement see no more, and a
    longer text is no full match.
    """

    pattern: str
    groups: int
    groupindex: Mapping[str, int]
    limit: int | None

    def search(self, text: str) -> Match | None: ...
    def fullmatch(self, text: str) -> Match | None: ...
    def sub(self, replacement: str | Callable[[Match], str], text: str) -> str: ...


def compile_pattern(text: str, ignore_case: bool = False) -> Pattern:
    """Raises ConfigError where it is no pattern, or one that could take too long."""
    if len(text) > LONGEST_PATTERN:
        raise ConfigError(f"a pattern of {len(text)} characters is too long; at most {LONGEST_PATTERN}")
    if not re2:
        return _by_re(text, ignore_case)
    try:
        made = _by_re(text, ignore_case)
    except ConfigError:
        made = None
    return made if made and made.limit is None else _by_re2(text, ignore_case)


class _ByRe2:
    """google-re2 with the methods of a Pattern; it takes UTF-8, which has no lone surrogates."""

    limit: int | None = None

    def __init__(self, text: str, compiled: Any) -> None:
        self.pattern = text
        self.groups: int = compiled.groups
        self.groupindex: Mapping[str, int] = dict(compiled.groupindex)
        self._compiled = compiled

    def search(self, text: str) -> Any:
        return self._compiled.search(_encodable(text))

    def fullmatch(self, text: str) -> Any:
        return self._compiled.fullmatch(_encodable(text))

    def sub(self, replacement: Any, text: str) -> Any:
        return self._compiled.sub(replacement, _encodable(text))


class _Whole:
    """Python's `re` with a pattern of linear time."""

    limit: int | None = None

    def __init__(self, text: str, compiled: re.Pattern[str]) -> None:
        self.pattern = text
        self.groups = compiled.groups
        self.groupindex = compiled.groupindex
        self.search: Callable[[str], Any] = compiled.search
        self.fullmatch: Callable[[str], Any] = compiled.fullmatch
        self.sub: Callable[[Any, str], str] = compiled.sub


class _Limited:
    """Python's `re` with a pattern of quadratic time; `cut` is the same for the beginning of a longer text."""

    limit: int | None = QUADRATIC_TEXT

    def __init__(self, text: str, compiled: re.Pattern[str], cut: re.Pattern[str]) -> None:
        self.pattern = text
        self.groups = compiled.groups
        self.groupindex = compiled.groupindex
        self._compiled = compiled
        self._cut = cut

    def search(self, text: str) -> Any:
        if len(text) <= QUADRATIC_TEXT:
            return self._compiled.search(text)
        return self._cut.search(text, 0, QUADRATIC_TEXT)

    def fullmatch(self, text: str) -> Any:
        return self._compiled.fullmatch(text) if len(text) <= QUADRATIC_TEXT else None

    def sub(self, replacement: Any, text: str) -> str:
        if len(text) <= QUADRATIC_TEXT:
            return self._compiled.sub(replacement, text)
        return self._cut.sub(replacement, text[:QUADRATIC_TEXT]) + text[QUADRATIC_TEXT:]


def _by_re2(text: str, ignore_case: bool) -> Pattern:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return _ByRe2(text, re2.compile(text, options))
    except (re2.error, UnicodeEncodeError) as cause:
        why = cause.args[0]
        told = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(cause)
        raise ConfigError(f"this is no regular expression of RE2: {told}") from cause


def _by_re(text: str, ignore_case: bool) -> Pattern:
    tree = parse(text, ignore_case)
    try:
        grows = degree(tree)
    except TooMuchError as cause:
        raise ConfigError(f"this pattern {cause}; {_WAY_OUT}") from cause
    if grows > 1:
        raise ConfigError(f"this pattern can take more than quadratic time; {_WAY_OUT}")
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    compiled = re.compile(source(tree, ignore_case), flags)
    if not grows:
        return _Whole(text, compiled)
    return _Limited(text, compiled, re.compile(source(tree, ignore_case, cut=True), flags))


_WAY_OUT: Final = (
    "begin it with ^, let no repetition read what stands behind it ([^:]*: in place of .*:), or install google-re2"
)


def _encodable(text: str) -> str:
    return text if text.isascii() else _LONE.sub("\ufffd", text)
