"""A text that a stranger chose in, words that cannot forge a field or steer a terminal out.

A value with a space, a quote, a bracket or anything that is not printable stands in the quotes of a shell,
`$'\\x1b[31m'`, so that it can be pasted.
"""

import re
from typing import Any, Final

Tree = dict[str, Any]

_BARE_WORD: Final = re.compile(r"[\w@%+=:,./-]+")
_BARE_VALUE: Final = re.compile(r"[^\s\"'\\$`{}\[\]]+")
#: a backslash in front of what an escape goes on with, of an escape, or of another backslash
_AMBIGUOUS: Final = re.compile(r"\\(?=[\\xuU]|[^ -~])")


def visible(text: str) -> str:
    """Free text for a terminal: an escape for what cannot be printed; a backslash that looks like one is doubled."""
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(map(_printable, _AMBIGUOUS.sub(r"\\\\", text)))


def word(text: str) -> str:
    """A word as a shell takes it: bare, 'in quotes', or $'with \\x1b'."""
    return text if _BARE_WORD.fullmatch(text) and text.isprintable() else quoted(text)


def value_text(value: object, phrase: bool = False) -> str:
    """A value of an event in one line; `phrase`: it is from a table and needs no quotes."""
    if isinstance(value, str):
        return value if phrase or (_BARE_VALUE.fullmatch(value) and value.isprintable()) else quoted(value)
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
    return quoted(value) if isinstance(value, str) and "," in value and text == value else text


def pairs(tree: object) -> str:
    """key=value for each entry; what is no mapping is one value."""
    if not isinstance(tree, dict):
        return value_text(tree)
    return " ".join(f"{visible(str(key))}={value_text(value)}" for key, value in tree.items())
