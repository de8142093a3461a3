r"""A text in, what the named groups of a pattern caught out.

    parse:
      type: regexp
      patterns:
        - '^(?P<queue_id>[0-9A-F]+): client=(?P<host>[^\[]+)\[(?P<address>[^\]]+)\]'
        - '^(?P<queue_id>[0-9A-F]+): (?P<rest>.*)'
    example:
      line: "4F2A: client=web01[192.0.2.7]"
      fields: {queue_id: 4F2A, host: web01, address: 192.0.2.7}

The patterns are tried in their order, and the first that is found is taken; write `^` and `$` where it should begin and
end with the text.  A group that took no part has no field.  The syntax is that of RE2: look-ahead and back references,
which could take very long, are refused when the file is read.  Without google-re2 so are patterns that take more than
quadratic time, and one that takes quadratic time reads no text of more than 4096 characters: no part of it gets lost.

patterns   one or more patterns; the name of a group is the name of a field
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from stitcher.core.regexps import Pattern, compile_pattern
from stitcher.errors import ConfigError
from stitcher.parsers.method import Fields, Parser

MAX_PATTERNS: Final = 256


@dataclass(frozen=True)
class Options:
    """What may stand beside `type: regexp`."""

    patterns: tuple[str, ...] = field(metadata={"description": "patterns with named groups, tried in order"})

    def __post_init__(self) -> None:
        if not 1 <= len(self.patterns) <= MAX_PATTERNS:
            raise ValueError(f"1 to {MAX_PATTERNS} patterns are needed")
        for at, pattern in enumerate(self.patterns):
            try:
                compiled = _compiled(pattern)
            except ConfigError as cause:
                raise ValueError(f"pattern {at}: {cause}") from cause
            if not compiled.groupindex:
                raise ValueError(f"pattern {at} has no named group; write (?P<name>…)")


@lru_cache(maxsize=MAX_PATTERNS)
def _compiled(pattern: str) -> Pattern:
    """To check a pattern, to ask for its names and to use it is to compile it once."""
    return compile_pattern(pattern)


def names(options: Options) -> tuple[str, ...]:
    """The names of all groups."""
    return tuple(dict.fromkeys(name for one in options.patterns for name in _compiled(one).groupindex))


def make(options: Options) -> Parser:
    """A parser that tries these patterns."""
    patterns = [_compiled(pattern) for pattern in options.patterns]
    # groups() and a list of names take half the time of groupdict() where google-re2 does the work
    searches = [(one.search, one.limit, [(name, at - 1) for name, at in one.groupindex.items()]) for one in patterns]

    def parse(text: str) -> Fields | str:
        for search, longest, places in searches:
            if longest is not None and len(text) > longest:
                return "too long for a pattern"
            found = search(text)
            if found is not None:
                groups = found.groups()
                return {name: value for name, at in places if (value := groups[at]) is not None}
        return "no pattern fits"

    return parse
