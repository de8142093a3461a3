"""A story in, the page that people read of it out: one section for each room, columns aligned.

Nothing of the input reaches the terminal raw: what cannot be printed is an escape, and what is long is cut, with the
number of characters that were left out (`--json` has them all).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from stitcher.explain._story import ROOMS, Fact, FieldStory, PipelineStory, RecordStory, Shown, Story
from stitcher.text import argv_text, as_text, field_text, visible

#: longest cell of a column that makes its column wider; what is longer pushes the rest of its row to the next line
_WIDEST: Final = 34
#: characters of one value that are shown
_SHOWN: Final = 400
_LINE_SHOWN: Final = 110


def as_page(story: Story | PipelineStory) -> str:
    """The story as text, LF at its end."""
    rows = [_title(story)]
    for room in ROOMS:
        facts = _merged(story, room)
        if facts:
            rows += ["", room, *_table(facts)]
    if story.records:
        rows += ["", *_fields(story.records)]
    rows += ["", "event", *_table([_cells(fact) for fact in story.facts])]
    for room, behind in story.after.items() if isinstance(story, PipelineStory) else ():
        rows += ["", room, *_table([_cells(fact) for fact in behind])]
    return "\n".join(rows) + "\n"


def _title(story: Story | PipelineStory) -> str:
    if story.event is not None and "records" in story.event:
        return as_text(story.event).partition("\n")[0]
    made = (isinstance(story, PipelineStory) and story.aggregated) or story.event
    if made:
        lines = _ranges([line.number for line in story.lines])
        name = visible(str(made.get("ID") or made.get("ExternalID") or "an event"))
        return f"line{'s' * (len(story.lines) != 1)} {lines}: {name}"
    line = story.lines[0]
    return f"line {line.number}: {line.outcome}"


def _cells(fact: Fact, limit: int = _SHOWN) -> tuple[str, ...]:
    return visible(fact.name), _shown(_seen(fact.value), limit), _seen(fact.why)


def _seen(text: str) -> str:
    return text if isinstance(text, Shown) else visible(text)


def _merged(story: Story | PipelineStory, room: str) -> list[tuple[str, ...]]:
    """The facts of all lines, those that are the same in one row with the numbers of their lines in front."""
    numbers: dict[Fact, list[int]] = {}
    for line in story.lines:
        for fact in line.rooms.get(room, ()):
            numbers.setdefault(fact, []).append(line.number)
    names = list(dict.fromkeys(fact.name for fact in numbers)) if room != "line" else []
    facts = sorted(numbers, key=lambda fact: names.index(fact.name)) if names else list(numbers)
    limit = _LINE_SHOWN if room == "line" else _SHOWN
    rows = [_cells(fact, limit) for fact in facts]
    if len(story.lines) == 1:
        return rows
    return [(_ranges(numbers[fact]), *row) for fact, row in zip(facts, rows, strict=True)]


def _ranges(numbers: Sequence[int]) -> str:
    """[1, 2, 3, 5] -> "1-3,5"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ",".join("-".join(map(str, part)) for part in parts)


def _fields(records: Iterable[RecordStory]) -> list[str]:
    rows: list[tuple[str, ...]] = [("fields", "as written", "in the event", "kind", "why")]
    heads: dict[int, list[str]] = {}
    for record in records:
        heads.setdefault(len(rows), []).append(visible(record.type))
        rows += [_field(field) for field in record.fields]
        if record.text is not None:
            rows.append(("", _shown(visible(record.text)), "", "", "words that are no fields: text"))
    widths = _widths(rows)
    # the rows stand four to the right of the head, so its first cell is four wider
    page = [_row(rows[0], (widths[0] + 4, *widths[1:]))]
    for at, row in enumerate((*rows[1:], None), 1):
        page += [f"  {name}" for name in heads.get(at, ())]
        if row is not None:
            page.append("    " + _row(row, widths).replace("\n", "\n    "))
    if any(row[3].endswith("*") for row in rows):
        page.append("  * a kind of this record type alone: OVERRIDES in tables.fields")
    return page


def _field(field: FieldStory) -> tuple[str, ...]:
    name = field.name.rpartition(".")[2]
    becomes = ""
    if name == "argv" and not field.written:
        becomes = argv_text(field.meaning)
    elif field.meaning is not None:
        becomes = field_text(name, field.value, field.meaning)
    elif field.value is not None and field.value != field.written:
        becomes = field_text(name, field.value, None)
    how = [field.decoded] if field.decoded != "as written" or not field.source else []
    why = "; ".join(part for part in (*how, field.source) if part)
    return field.name, _shown(visible(field.written)), _shown(becomes), field.kind, visible(why)


def _shown(text: str, limit: int = _SHOWN) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… +{len(text) - limit} characters"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = _widths(rows)
    return ["  " + _row(row, widths).replace("\n", "\n  ") for row in rows]


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    """Of each column the longest cell that is not over-long; the last column needs none."""
    columns = list(zip(*rows, strict=True))[:-1]
    return [max((len(cell) for cell in column if len(cell) <= _WIDEST), default=0) for column in columns]


def _row(row: tuple[str, ...], widths: Sequence[int]) -> str:
    """The cells with two spaces between; behind an over-long one the row goes on in the next line."""
    lines = [""]
    column = 0
    for cell, width in zip(row, (*widths, len(row[-1])), strict=True):
        if len(lines[-1]) > column:
            lines.append("")
        lines[-1] = f"{lines[-1]:{column}}{cell}"
        column += width + 2
    return "\n".join(line.rstrip() for line in lines).rstrip()
