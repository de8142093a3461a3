r"""A text of pairs in, their values under their keys out.

    parse: {type: kv, pair_separator: " ", value_separator: "=", quotes: '"', escape: true}
    example:
      line: 'ALERT user=anna cmd="ls \"a b\"" empty= n=1 n=2'
      fields: {words: ALERT, user: anna, cmd: 'ls "a b"', empty: "", n: ["1", "2"]}

A value in quotes ends at the next such quote if a separator or the end of the text is behind it; otherwise the quote
is a character as others.  What stands between separators and is no pair is in the field `words`.  A key that is given
twice has a list.  Separators in a row count as one, and spaces round keys and plain values are no part of them.

pair_separator    text between pairs, 1 to 8 characters
value_separator   text between a key and its value, 1 to 8 characters
quotes            each character of it is a quote; "" for none
escape            in quotes, `\` takes the meaning off the next character
"""

import re
from dataclasses import dataclass, field
from typing import Final

from stitcher.parsers.method import Fields, Parser, put

#: characters of a key; what is longer is words
MAX_KEY: Final = 256
MAX_SEPARATOR: Final = 8


@dataclass(frozen=True)
class Options:
    """What may stand beside `type: kv`."""

    pair_separator: str = field(default=" ", metadata={"description": "text between pairs, 1 to 8 characters"})
    value_separator: str = field(
        default="=", metadata={"description": "text between a key and its value, 1 to 8 characters"}
    )
    quotes: str = field(default='"', metadata={"description": "characters that may enclose a value; '' for none"})
    escape: bool = field(default=True, metadata={"description": "in quotes, a backslash escapes the next character"})

    def __post_init__(self) -> None:
        for name in ("pair_separator", "value_separator"):
            if not 1 <= len(getattr(self, name)) <= MAX_SEPARATOR:
                raise ValueError(f"{name} has 1 to {MAX_SEPARATOR} characters")
        if self.pair_separator == self.value_separator:
            raise ValueError("pairs and values need different separators")
        if set(self.quotes) & set(self.pair_separator + self.value_separator + "\\"):
            raise ValueError("a quote is neither part of a separator nor a backslash")


def make(options: Options) -> Parser:
    """A parser for these separators."""
    find = _pattern(options).findall
    unescape = re.compile(r"\\(.)", re.DOTALL).sub if options.escape else None
    join_words, join_pair = options.pair_separator.join, options.value_separator.join

    def parse(text: str) -> Fields | str:
        fields: Fields = {}
        words: list[str] = []
        for key, *quoted, plain, bare in find(text.strip("\r\n\0")):
            name = key.strip()
            value = plain.strip()
            for inside in quoted:
                if inside:
                    value = inside[1:-1]
                    if unescape and "\\" in value:
                        value = unescape(r"\1", value)
            if name:
                put(fields, name, value)
            elif word := bare.strip() if bare else join_pair((key, value)):
                words.append(word)
        if not fields:
            return "no pairs"
        if words:
            put(fields, "words", join_words(words))
        return fields

    return parse


def _pattern(options: Options) -> re.Pattern[str]:
    """The groups: a key, then its value in each kind of quotes or plain, or what is no pair."""
    pair, value = re.escape(options.pair_separator), re.escape(options.value_separator)
    if len(options.pair_separator) == len(options.value_separator) == 1:
        in_key, in_value = f"[^{pair}{value}]", f"[^{pair}]"
    else:
        in_key, in_value = f"(?:(?!{pair}|{value}).)", f"(?:(?!{pair}).)"
    blank = "" if options.pair_separator.isspace() else r"[ \t]*+"
    inside = r"(?:[^{0}\\]++|\\.)*+" if options.escape else "[^{0}]*+"
    quoted = "".join(
        f"({quote}{inside.format(quote)}{quote})(?={blank}(?:{pair}|\\Z))|" for quote in map(re.escape, options.quotes)
    )
    return re.compile(
        f"({in_key}{{1,{MAX_KEY}}}+){value}{blank}(?:{quoted}({in_value}*+))|({in_value}++)",
        re.DOTALL,
    )
