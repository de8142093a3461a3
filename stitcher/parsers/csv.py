r"""One line of columns in, a field for each column out.

    parse: {type: csv, columns: [time, user, command], delimiter: ";", quote: "'"}
    example:
      line: "10:00:01;anna;'echo ''a;b'''"
      fields: {time: "10:00:01", user: anna, command: "echo 'a;b'"}

A column in quotes may hold delimiters; a quote in it is doubled.  A line with fewer columns leaves the last ones out.
Columns without a name are `column4`, by their place from 1, as all are if `columns` is not given.

columns     names of the columns, in order
delimiter   the character between columns
quote       the character that may enclose a column; "" for none
"""

import csv
from dataclasses import dataclass, field
from typing import Final

from stitcher.parsers.method import Fields, Parser

#: a line with more columns is no table's
MAX_COLUMNS: Final = 4096


@dataclass(frozen=True)
class Options:
    """What may stand beside `type: csv`."""

    columns: tuple[str, ...] = field(default=(), metadata={"description": "names of the columns, in order"})
    delimiter: str = field(default=",", metadata={"description": "the character between columns"})
    quote: str = field(default='"', metadata={"description": "the character round a column; '' for none"})

    def __post_init__(self) -> None:
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise ValueError(f"column '{twice[0]}' is named twice")
        if len(self.delimiter) != 1 or self.delimiter in "\r\n":
            raise ValueError("the delimiter is one character")
        if len(self.quote) > 1 or self.quote == self.delimiter:
            raise ValueError("the quote is one character, and not the delimiter")


def names(_options: Options) -> tuple[str, ...]:
    """Not known beforehand: a line may have more columns than have names."""
    return ()


def make(options: Options) -> Parser:
    """A parser of such lines."""
    columns = options.columns
    count = len(columns)
    delimiter, quote = options.delimiter, options.quote or None

    def parse(text: str) -> Fields | str:
        line = text.strip("\ufeff\r\n\0")
        if not line:
            return "no columns"
        try:
            (values,) = csv.reader(
                [line],
                delimiter=delimiter,
                quotechar=quote,
                quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
                strict=True,
            )
        except (csv.Error, ValueError):
            return "bad CSV"
        if len(values) > MAX_COLUMNS:
            return "too many columns"
        fields = dict(zip(columns, values, strict=False))
        if len(values) > count:
            fields |= {f"column{at}": value for at, value in enumerate(values[count:], count + 1)}
        return fields

    return parse
