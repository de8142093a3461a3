"""An event in, the lines that people read of it out.

    2023-11-14T22:13:20.004Z  web01  1700000000.004:1001  alice as root ran program /usr/bin/ls  key=exec  complete
      SYSCALL    arch=x86_64 syscall=execve success=yes exit=0 … key=exec
      EXECVE     argc=3 argv=ls -l '/tmp/a b'
      CWD        cwd=/root

The headline says when, where, which, the summary as a sentence, the keys of the rule, and whether the event is whole;
then comes a line for each record.  A value that was interpreted is shown as that.  What a stranger chose cannot forge a
field or steer a terminal (stitcher.quoting).  Free words of a record stand in double quotes in front of its fields.

A flat event has the same headline, its fields and those of Extra in a line each, and the lines of its Message below:

    2025-07-07T12:53:20.301Z  kestrel  1f0c…  Mail sent  SourceUserName=joren@example.net … EventOutcome=sent
      event  Type=1 DeviceVendor=Postfix …
      Extra  closed_by=complete
        smtpd: client=mail.example.net[198.51.100.25]
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from stitcher.event import OWN_KEYS, is_flat, time_of, time_text
from stitcher.quoting import pairs, quoted, sockaddr_text, spoken, value_text, visible, word
from stitcher.summary import sentence, summarizer

__all__ = [
    "argv_text",
    "as_block",
    "as_text",
    "field_text",
    "sockaddr_text",
    "told",
    "value_text",
    "visible",
    "whence",
    "word",
]

Tree = dict[str, Any]

_SYSTEM_CALLS: Final = ("SYSCALL", "URINGOP")
#: meanings that come from tables only, so that their spaces need no quotes: ENOENT(No such file or directory)
_PHRASES: Final = frozenset(("exit", "errno"))
#: values of nobody and nothing, which a headline leaves out
_EMPTY: Final[tuple[Any, ...]] = (None, "", "?", "(null)", "(none)", [], {})
_TYPE_WIDTH: Final = 20
#: what a headline says of a flat event, besides what happened
_TELLING: Final = (
    "SourceUserName", "SourceAddress", "DestinationUserName", "DestinationAddress", "EventOutcome", "Reason",
)  # fmt: skip
#: what a headline has of it, so that the lines below need not
_HEADED: Final = frozenset((*_TELLING, "StartTime", "DeviceHostName", "ID", "Name", "Message", "Extra"))
_NAME: Final = re.compile(r"[\w.:@-]+", re.ASCII)
#: a name that reads as nothing but a name: no equals sign, no two spaces
_TITLE: Final = re.compile(r"[\w.,:/()#+-]+(?: [\w.,:/()#+-]+)*")


def as_text(event: Tree) -> str:
    """A headline and one indented line for each record; LF behind each.  Survives any shape of event."""
    records = [record for record in _list(event.get("records")) if isinstance(record, dict)]
    rows = [(visible(str(record.get("type", "UNKNOWN"))), " ".join(_words(record))) for record in records]
    if envelope := event.get("envelope"):
        rows.append(("envelope", pairs(envelope)))
    if added := {key: value for key, value in event.items() if key not in OWN_KEYS}:
        rows.append(("added", pairs(added)))
    width = min(max((len(name) for name, _ in rows), default=0), _TYPE_WIDTH)
    lines = [_headline(event, records)]
    lines += [f"  {name:{width}}  {words}".rstrip() for name, words in rows]
    return "\n".join(lines) + "\n"


def as_block(event: Tree) -> str:
    """The same, and where the event has its records as they came (`raw`), each of them with four spaces in front.

    Also of a flat event.
    """
    if is_flat(event):
        return _flat_block(event)
    raw = [f"    {visible(str(record))}\n" for record in _list(event.get("raw"))]
    return "".join([as_text({key: value for key, value in event.items() if key != "raw"}), *raw])


def told(event: Tree) -> str:
    """What happened, as a sentence; the type of a record where no rule knows.  Of a flat event its name and who."""
    if is_flat(event):
        who = {key: event[key] for key in _TELLING if event.get(key) not in _EMPTY}
        return "  ".join(part for part in (_title(event), _pairs(who)) if part)
    records = [record for record in _list(event.get("records")) if isinstance(record, dict)]
    summary = event.get("summary")
    return sentence(summary if isinstance(summary, dict) else summarizer().of(event)) or _deed(_main(records))


def whence(event: Tree) -> tuple[str, str, str]:
    """Time, node and id, "" for what is not known; of a flat event StartTime, DeviceHostName and ID."""
    parts: tuple[Any, Any, Any]
    if is_flat(event):
        when = time_of(event)
        parts = "" if when is None else time_text(when), event.get("DeviceHostName"), event.get("ID")
    else:
        parts = event.get("time"), event.get("node"), event.get("id")
    time, node, name = ("" if part in _EMPTY else value_text(part) for part in parts)
    return time, node, name


def _title(event: Tree) -> str:
    """What a flat event is called; its first line where it has no name."""
    for key in ("Name", "DeviceEventClassID"):
        if event.get(key) not in _EMPTY:
            name = str(event[key])
            return name if _TITLE.fullmatch(name) and visible(name) == name else spoken(name)
    program = event.get("DeviceProcessName")
    parts = [] if program in _EMPTY else [f"{value_text(program)}:"]
    if event.get("Message") not in _EMPTY:
        parts.append(spoken(str(event["Message"]).partition("\n")[0]))
    return " ".join(parts)


def _flat_block(event: Tree) -> str:
    fields = {key: value for key, value in event.items() if key not in _HEADED}
    rows = [("event", _pairs(fields))]
    if extra := event.get("Extra"):
        rows.append(("Extra", _pairs(extra)))
    lines = ["  ".join(part for part in (*whence(event), told(event)) if part)]
    lines += [f"  {name}  {words}".rstrip() for name, words in rows]
    message = str(event.get("Message") or "").split("\n")
    if len(message) > 1 or (message[0] and spoken(message[0]) not in lines[0]):
        lines += [f"    {visible(line)}" for line in message]
    return "\n".join(lines) + "\n"


def _pairs(tree: object) -> str:
    """Names that a stranger chose stand in quotes where they could be read as more than names."""
    if not isinstance(tree, dict):
        return value_text(tree)
    named = ((str(key), value_text(value)) for key, value in tree.items())
    return " ".join(f"{key if _NAME.fullmatch(key) else quoted(key)}={value}" for key, value in named)


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
        *whence(event),
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
