"""An event in, the lines that people read of it out.

    2023-11-14T22:13:20.004Z  web01  1700000000.004:1001  execve /usr/bin/ls  success=yes  auid=alice uid=root  complete
      SYSCALL    arch=x86_64 syscall=execve success=yes exit=0 … key=exec
      EXECVE     argc=3 argv=ls -l '/tmp/a b'
      CWD        cwd=/root

The headline says when, where, which, what, how it went, who, and whether the event is whole; then comes a line for
each record.  A value that was interpreted is shown as that.  What a stranger chose cannot forge a field or steer a
terminal: a value with a space, a quote, a bracket or anything that is not printable stands in the quotes of a shell,
`$'\\x1b[31m'`, so an argv can be pasted.  Free words of a record stand in double quotes in front of its fields.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

Tree = dict[str, Any]

#: what every event may have; anything else was added by a rule
_NATIVE: Final = frozenset(
    ("id", "time", "serial", "node", "complete", "closed_by", "late", "count", "envelope", "records", "missing")
)
_SYSTEM_CALLS: Final = ("SYSCALL", "URINGOP")
#: meanings that come from tables only, so that their spaces need no quotes: ENOENT(No such file or directory)
_PHRASES: Final = frozenset(("exit", "errno"))
#: values of nobody and nothing, which a headline leaves out
_EMPTY: Final[tuple[Any, ...]] = (None, "", "?", "(null)", "(none)", [], {})
_BARE_WORD: Final = re.compile(r"[\w@%+=:,./-]+")
_BARE_VALUE: Final = re.compile(r"[^\s\"'\\$`{}\[\]]+")
#: a backslash in front of what an escape goes on with, of an escape, or of another backslash
_AMBIGUOUS: Final = re.compile(r"\\(?=[\\xuU]|[^ -~])")
_TYPE_WIDTH: Final = 20


def as_text(event: Tree) -> str:
    """A headline and one indented line for each record; LF behind each.  Survives any shape of event."""
    records = [record for record in _list(event.get("records")) if isinstance(record, dict)]
    rows = [(visible(str(record.get("type", "UNKNOWN"))), " ".join(_words(record))) for record in records]
    if envelope := event.get("envelope"):
        rows.append(("envelope", _pairs(envelope)))
    if added := {key: value for key, value in event.items() if key not in _NATIVE}:
        rows.append(("added", _pairs(added)))
    width = min(max((len(name) for name, _ in rows), default=0), _TYPE_WIDTH)
    lines = [_headline(event, records)]
    lines += [f"  {name:{width}}  {words}".rstrip() for name, words in rows]
    return "\n".join(lines) + "\n"


def visible(text: str) -> str:
    """Free text for a terminal: an escape for what cannot be printed; a backslash that looks like one is doubled."""
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(map(_printable, _AMBIGUOUS.sub(r"\\\\", text)))


def word(text: str) -> str:
    """A word as a shell takes it: bare, 'in quotes', or $'with \\x1b'."""
    return text if _BARE_WORD.fullmatch(text) and text.isprintable() else _quoted(text)


def value_text(value: object, phrase: bool = False) -> str:
    """A value of an event in one line; `phrase`: it is from a table and needs no quotes."""
    if isinstance(value, str):
        return value if phrase or (_BARE_VALUE.fullmatch(value) and value.isprintable()) else _quoted(value)
    if isinstance(value, dict):
        return "{" + _pairs(value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_item(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible(str(value))


def argv_text(argv: object) -> str:
    """A command line as it could be typed; an argument whose record is missing is <missing>, without quotes."""
    return " ".join("<missing>" if argument is None else word(str(argument)) for argument in _list(argv))


def sockaddr_text(parts: Tree) -> str:
    """10.0.0.1:22, [fe80::1%2]:22, /run/x.sock, @abstract; other families as netlink(pid=0,groups=0)."""
    addr, port = parts.get("addr"), parts.get("port")
    if isinstance(addr, str):
        scope = f"%{parts['scope']}" if "scope" in parts else ""
        host = f"[{addr}{scope}]" if ":" in addr else addr
        return visible(host if port is None else f"{host}:{port}")
    if isinstance(parts.get("path"), str):
        return value_text(parts["path"])
    if isinstance(parts.get("abstract"), str):
        return value_text("@" + parts["abstract"])
    rest = ",".join(f"{key}={value_text(value)}" for key, value in parts.items() if key not in ("family", "number"))
    if parts["family"] == "unknown" and "number" in parts:
        rest = f"number={value_text(parts['number'])}"
    return visible(parts["family"]) + (f"({rest})" if rest else "")


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _quoted(text: str) -> str:
    if text.isprintable():
        return "'" + text.replace("'", "'\"'\"'") + "'"
    escapes = {"\\": "\\\\", "'": "\\'"}
    return "$'" + "".join(escapes.get(char) or _printable(char) for char in text) + "'"


def _printable(char: str) -> str:
    r"""The character, or an escape: \x1b below 0x80 and for a byte that is no UTF-8, \u0085 for any other character."""
    if char.isprintable():
        return char
    code = ord(char)
    if 0xEF80 <= code <= 0xEFFF:
        code -= 0xEF00
    elif code >= 0x80:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return f"\\x{code:02x}"


def _item(value: object) -> str:
    text = value_text(value)
    return _quoted(value) if isinstance(value, str) and "," in value and text == value else text


def _pairs(tree: object) -> str:
    """key=value for each entry; what is no mapping is one value."""
    if not isinstance(tree, dict):
        return value_text(tree)
    return " ".join(f"{visible(str(key))}={value_text(value)}" for key, value in tree.items())


def _words(record: Tree) -> Iterator[str]:
    """What stands behind the type of a record: its free words, its fields, and last its command line."""
    if (text := record.get("text")) is not None:
        yield '"' + visible(str(text)).replace('"', '\\"') + '"'
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
    main = next((record for record in records if record.get("type") in _SYSTEM_CALLS), None)
    first = records[0] if records else {}
    what = _call(main, first) if main is not None else _deed(first)
    told = _tree(main if main is not None else first)
    parts = [
        value_text(event.get("time", "")) if event.get("time") else "",
        value_text(event.get("node", "")) if event.get("node") else "",
        value_text(event.get("id", "")) if event.get("id") else "",
        what,
        _outcome(told),
        " ".join(_named(told, "auid", "uid", "acct")),
        " ".join(_named(told, "key")),
        _state(event),
    ]
    return "  ".join(part for part in parts if part)


def _call(main: Tree, first: Tree) -> str:
    """The system call and the program; in front of it what the event is about, if its first record is no SYSCALL."""
    about = [visible(str(first.get("type")))] if first is not main else []
    about += _values(first, "seresult", "apparmor") if about else []
    call = _values(main, "syscall", "uring_op") or [visible(str(main.get("type")))]
    number = "syscall " if call[0].isdecimal() else ""
    return " ".join((*about, number + call[0], *_values(main, "exe", "comm")[:1]))


def _deed(record: Tree) -> str:
    """The type of a record and what else says what was done."""
    done = _values(record, "apparmor") + _values(record, "op", "operation", "seresult", "unit")[:1]
    thing = _values(record, "cmd", "exe", "comm", "name", "path")[:1]
    return " ".join((visible(str(record.get("type", "no records"))), *done, *thing))


def _outcome(record: Tree) -> str:
    words = list(_named(record, "success", "res", "result"))[:1]
    exit_code = _tree(record.get("interpreted")).get("exit")
    if isinstance(exit_code, str):
        words.append(f"exit={value_text(exit_code, phrase=True)}")
    return " ".join(words)


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
