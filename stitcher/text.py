"""An event in, the lines that people read of it out.

    2023-11-14T22:13:20.004Z  web01  1700000000.004:1001  alice as root ran program /usr/bin/ls  key=exec  complete
      SYSCALL    arch=x86_64 syscall=execve success=yes exit=0 … key=exec
      EXECVE     argc=3 argv=ls -l '/tmp/a b'
      CWD        cwd=/root

The headline says when, where, which, the summary as a sentence, the keys of the rule, and whether the event is whole;
then comes a line for each record.  A value that was interpreted is shown as that.  What a stranger chose cannot forge a
field or steer a terminal (stitcher.quoting).  Free words of a record stand in double quotes in front of its fields.
"""

from collections.abc import Iterator
from typing import Any, Final

from stitcher.quoting import pairs, sockaddr_text, spoken, value_text, visible, word
from stitcher.summary import sentence, summarizer

__all__ = ["argv_text", "as_block", "as_text", "field_text", "sockaddr_text", "told", "value_text", "visible", "word"]

Tree = dict[str, Any]

#: what every event may have; anything else was added by a rule
_NATIVE: Final = frozenset(
    (
        "id",
        "time",
        "serial",
        "node",
        "complete",
        "closed_by",
        "late",
        "count",
        "envelope",
        "records",
        "missing",
        "raw",
        "summary",
    )
)
_SYSTEM_CALLS: Final = ("SYSCALL", "URINGOP")
#: meanings that come from tables only, so that their spaces need no quotes: ENOENT(No such file or directory)
_PHRASES: Final = frozenset(("exit", "errno"))
#: values of nobody and nothing, which a headline leaves out
_EMPTY: Final[tuple[Any, ...]] = (None, "", "?", "(null)", "(none)", [], {})
_TYPE_WIDTH: Final = 20


def as_text(event: Tree) -> str:
    """A headline and one indented line for each record; LF behind each.  Survives any shape of event."""
    records = [record for record in _list(event.get("records")) if isinstance(record, dict)]
    rows = [(visible(str(record.get("type", "UNKNOWN"))), " ".join(_words(record))) for record in records]
    if envelope := event.get("envelope"):
        rows.append(("envelope", pairs(envelope)))
    if added := {key: value for key, value in event.items() if key not in _NATIVE}:
        rows.append(("added", pairs(added)))
    width = min(max((len(name) for name, _ in rows), default=0), _TYPE_WIDTH)
    lines = [_headline(event, records)]
    lines += [f"  {name:{width}}  {words}".rstrip() for name, words in rows]
    return "\n".join(lines) + "\n"


def as_block(event: Tree) -> str:
    """The same, and where the event has its records as they came (`raw`), each of them with four spaces in front."""
    raw = [f"    {visible(str(record))}\n" for record in _list(event.get("raw"))]
    return "".join([as_text({key: value for key, value in event.items() if key != "raw"}), *raw])


def told(event: Tree) -> str:
    """What happened, as a sentence; the type of a record where no rule knows."""
    records = [record for record in _list(event.get("records")) if isinstance(record, dict)]
    summary = event.get("summary")
    return sentence(summary if isinstance(summary, dict) else summarizer().of(event)) or _deed(_main(records))


def argv_text(argv: object) -> str:
    """A command line as it could be typed; an argument whose record is missing is <missing>, without quotes."""
    return " ".join("<missing>" if argument is None else word(str(argument)) for argument in _list(argv))


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _words(record: Tree) -> Iterator[str]:
    """What stands behind the type of a record: its free words, its fields, and last its command line."""
    if (text := record.get("text")) is not None:
        yield spoken(str(text))
    fields, meanings = _tree(record.get("fields")), _tree(record.get("interpreted"))
    argv = fields.get("argv", meanings.get("argv"))
    for key, value in fields.items():
        if key != "argv" and not (key == "proctitle" and isinstance(argv, list)):
            yield _field(key, value, meanings.get(key))
    if argv is not None:
        name = "argv" if "argv" in fields else "proctitle"
        yield f"{name}={argv_text(argv)}"


def _tree(value: object) -> Tree:
    return value if isinstance(value, dict) else {}


def _field(key: str, value: object, meaning: object) -> str:
    return f"{visible(str(key))}={field_text(key, value, meaning)}"


def field_text(key: str, value: object, meaning: object) -> str:
    """A field as what it means, or where it means nothing more, as it is."""
    if isinstance(value, dict):
        inner = _tree(meaning)
        return "{" + " ".join(_field(name, part, inner.get(name)) for name, part in value.items()) + "}"
    if isinstance(value, list):
        meanings = meaning if isinstance(meaning, list) and len(meaning) == len(value) else [None] * len(value)
        texts = [field_text(key, part, meant) for part, meant in zip(value, meanings, strict=True)]
        return "[" + ",".join(texts) + "]"
    if meaning is None:
        return value_text(value)
    if isinstance(meaning, dict) and isinstance(meaning.get("family"), str):
        return sockaddr_text(meaning)
    return value_text(meaning, phrase=key in _PHRASES and meaning != value)


def _headline(event: Tree, records: list[Tree]) -> str:
    parts = [
        value_text(event.get("time", "")) if event.get("time") else "",
        value_text(event.get("node", "")) if event.get("node") else "",
        value_text(event.get("id", "")) if event.get("id") else "",
        told(event),
        " ".join(_named(_main(records), "key")),
        _state(event),
    ]
    return "  ".join(part for part in parts if part)


def _main(records: list[Tree]) -> Tree:
    """The record that speaks for the event."""
    return next((record for record in records if record.get("type") in _SYSTEM_CALLS), records[0] if records else {})


def _deed(record: Tree) -> str:
    """Where there is no summary: the type of a record and what else says what was done."""
    done = _values(record, "op", "operation")[:1]
    thing = _values(record, "exe", "comm", "name", "path")[:1]
    return " ".join((visible(str(record.get("type", "no records"))), *done, *thing))


def _values(record: Tree, *keys: str) -> list[str]:
    return [text.partition("=")[2] for text in _named(record, *keys)]


def _named(record: Tree, *keys: str) -> Iterator[str]:
    """key=value of the keys that the record has, or its inner msg='…'; the record's own come first."""
    for key in keys:
        for fields, meanings in _levels(record):
            if fields.get(key) not in _EMPTY:
                yield _field(key, fields[key], meanings.get(key))
                break


def _levels(record: Tree) -> Iterator[tuple[Tree, Tree]]:
    fields, meanings = _tree(record.get("fields")), _tree(record.get("interpreted"))
    yield fields, meanings
    yield _tree(fields.get("msg")), _tree(meanings.get("msg"))


def _state(event: Tree) -> str:
    """Whether the event is whole, and if it is not, why."""
    words = ["complete"] if event.get("complete") is True else [f"incomplete: {_closed(event)}"]
    if missing := event.get("missing"):
        words.append("missing " + visible(" and ".join(str(part) for part in _list(missing))))
    if event.get("late"):
        words.append("late")
    return ", ".join(words)


def _closed(event: Tree) -> str:
    reason = event.get("closed_by")
    return f"closed by {visible(str(reason))}" if reason else "not said why"
