"""A text that a stranger chose in, words that cannot forge a field or steer a terminal out.

A value with a space, a quote, a bracket or anything beyond ASCII stands in the quotes of a shell, so that it can be
pasted, and in `$'\\x1b[31m'` where something in it would not be seen as what it is:

    what cannot be printed, draws nothing, or draws a blank      U+3164 is a letter by its class
    marks that are drawn over the character in front of them     which may be our quote
    letters that are written from right to left                  they reorder what follows, and quotes do not stop it
    what looks like a quote

Such a text is read whole in the JSON.  The classes are those of Unicode (unicodedata); UAX 9 and UTS 39 say why.
"""

import re
from functools import lru_cache
from typing import Any, Final
from unicodedata import bidirectional, category

Tree = dict[str, Any]

_BARE_WORD: Final = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_BARE_VALUE: Final = re.compile(r"[^\s\"'\\$`{}\[\]\x00-\x1f\x7f-\U0010ffff]+")
#: printable, and drawn as nothing or a blank: Default_Ignorable_Code_Point that is a letter, and blanks that are signs
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
#: drawn like ' or "
_QUOTES: Final = frozenset(
    "\u00b4\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u02dd\u02ee\u02f4\u0374\u0384\u055a\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u2034\u2035\u2036\u2037\u301d\u301e\ua78b\ua78c\uff02\uff07\uff40"
)
_RIGHT_TO_LEFT: Final = frozenset(("R", "AL", "AN"))
_MARKS: Final = frozenset(("Mn", "Me"))
#: a backslash in front of what an escape goes on with, of an escape, or of another backslash
_AMBIGUOUS: Final = re.compile(r"\\(?=[\\xuU]|[^ -~])")


def visible(text: str) -> str:
    """Free text for a terminal: an escape for what cannot be printed; a backslash that looks like one is doubled."""
    if "\\" not in text and _is_plain(text):
        return text
    return "".join(map(_printable, _AMBIGUOUS.sub(r"\\\\", text)))


def spoken(text: str) -> str:
    r"""Free words in double quotes; in them a quote is \" and a backslash is \\."""
    doubled = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + (doubled if _is_plain(doubled) else "".join(map(_printable, doubled))) + '"'


def word(text: str) -> str:
    """A word as a shell takes it: bare, 'in quotes', or $'with \\x1b'."""
    return text if _BARE_WORD.fullmatch(text) else quoted(text)


def value_text(value: object, phrase: bool = False) -> str:
    """A value of an event in one line; `phrase`: it is from a table and needs no quotes."""
    if isinstance(value, str):
        return value if phrase or _BARE_VALUE.fullmatch(value) else quoted(value)
    if isinstance(value, dict):
        return "{" + pairs(value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_item(item) for item in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible(str(value))


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


def quoted(text: str) -> str:
    if _is_plain(text):
        return "'" + text.replace("'", "'\"'\"'") + "'"
    escapes = {"\\": "\\\\", "'": "\\'"}
    return "$'" + "".join(escapes.get(char) or _printable(char) for char in text) + "'"


def _is_plain(text: str) -> bool:
    """Is every character seen as what it is?"""
    return text.isprintable() and (text.isascii() or all(map(_is_seen, text)))


@lru_cache(maxsize=4096)
def _is_seen(char: str) -> bool:
    return (
        char.isprintable()
        and category(char) not in _MARKS
        and bidirectional(char) not in _RIGHT_TO_LEFT
        and char not in _BLANK
        and char not in _QUOTES
    )


def _printable(char: str) -> str:
    r"""The character, or an escape: \x1b below 0x80 and for a byte that is no UTF-8, \u0085 for any other character."""
    if _is_seen(char):
        return char
    code = ord(char)
    if 0xEF80 <= code <= 0xEFFF:
        code -= 0xEF00
    elif code >= 0x80:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return f"\\x{code:02x}"


def _item(value: object) -> str:
    text = value_text(value)
    return quoted(value) if isinstance(value, str) and "," in value and text == value else text


def pairs(tree: object) -> str:
    """key=value for each entry; what is no mapping is one value."""
    if not isinstance(tree, dict):
        return value_text(tree)
    return " ".join(f"{visible(str(key))}={value_text(value)}" for key, value in tree.items())
