"""A summary in, one line for people out: `mara as root failed to open file /etc/shadow with /usr/bin/cat: EACCES(…)`.

What the event says goes through stitcher.quoting, so that it cannot look like a word of ours: an account whose name is
`system` stands in quotes.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from stitcher.quoting import sockaddr_text, value_text, visible, word
from stitcher.summary._summarizer import summarizer
from stitcher.tables import ERRNO

#: who acts where nobody logged in, and where the event does not say who
_SYSTEM: Final = "system"
_UNSET: Final = "unset"
_SOMEBODY: Final = "somebody"
#: words of our own tables that need no quotes, though they hold what a shell would read: O_RDWR|O_CREAT, unknown(1001)
_BARE: Final = re.compile(r"[A-Z0-9_|]+|unknown\([0-9]+\)", re.ASCII)
_OWN_WORDS: Final = frozenset((_SYSTEM, _SOMEBODY, "uid"))
#: kinds of object that need no noun in front of what they are called
_PLAIN: Final = frozenset(("socket", "system", "time", "object", "network", "descriptor"))
#: ends of an action that want an object behind them
_OPEN: Final = (" to", " from")
_ERRORS: Final = dict(ERRNO.values())
#: parts of an object that a sentence has in words, and those of a socket's address
_WORDED: Final = frozenset(("kind", "direction", "class", "name", "parent", "from", "to"))
_ADDRESS: Final = frozenset(("family", "addr", "port", "scope", "flow", "path", "abstract"))
#: longest text of one of the other parts
_LONGEST: Final = 60


def sentence(summary: Mapping[str, Any]) -> str:
    """The summary in words; "" where it says nothing.  Survives any shape."""
    failed = summary.get("outcome") == "failure"
    action = summary.get("action")
    said = summarizer().phrase(action, failed) if isinstance(action, str) else ""
    if not said:
        return ""
    who, how = _who(summary.get("subject")), _how(summary)
    if not who and how:
        who, how = how, ""
    words = [who or _SOMEBODY, said, *_thing(said, summary.get("object"))]
    if origin := summary.get("from"):
        words.append(f"from {_word(origin)}")
    if how:
        words.append(f"with {how}")
    text = " ".join(words)
    error = summary.get("error")
    return f"{text}: {_error(error)}" if failed and isinstance(error, str) else text


def _who(subject: object) -> str:
    """mara, mara as root, system as root, mara as root for joren; "" where nothing is known."""
    if not isinstance(subject, dict):
        return ""
    login, acting, real = subject.get("login"), subject.get("acting"), subject.get("real")
    names = [_SYSTEM if login == _UNSET else _user(login)] if login else []
    if acting and acting != login:
        names.append(_user(acting))
    text = " as ".join(names)
    return f"{text} for {_user(real)}" if real else text


def _user(name: object) -> str:
    text = _word(name)
    if text.isdecimal():
        return f"uid {text}"
    return f"'{text}'" if text in _OWN_WORDS else text


def _how(summary: Mapping[str, Any]) -> str:
    how, script = summary.get("how"), summary.get("script")
    if not how:
        return ""
    return f"{_word(how)} ({_word(script)})" if script else _word(how)


def _thing(said: str, thing: object) -> list[str]:
    """The object as words: its noun, its name, where from and where to, and the rest in brackets."""
    if not isinstance(thing, dict):
        return []
    words: list[str] = []
    kind = value_text(thing.get("class") or thing.get("kind") or "").replace("-", " ")
    if kind not in _PLAIN and kind.rpartition(" ")[2] not in said.split():
        words.append(kind)
    told = _WORDED
    name = thing.get("name") or thing.get("id")
    address = {key: part for key, part in thing.items() if key in _ADDRESS} if thing.get("kind") == "socket" else {}
    if any(isinstance(address.get(key), str) for key in ("addr", "path", "abstract")):
        told = _WORDED | _ADDRESS
        words.append(sockaddr_text(address))
    elif name:
        words.append(_word(name))
        told = _WORDED if thing.get("name") else _WORDED | {"id"}
    elif parent := thing.get("parent"):
        words.append(f"in {_word(parent)}")
    elif said.endswith(_OPEN) and not words and kind not in said.split():
        words.append(kind)
    words += [f"{key} {_word(thing[key])}" for key in ("from", "to") if thing.get(key)]
    rest = [
        f"{visible(str(key)).replace('_', ' ')} {_cut(_word(part))}"
        for key, part in thing.items()
        if key not in told and part
    ]
    return [*words, f"({', '.join(rest)})"] if rest else words


def _word(value: object) -> str:
    """One value as a word, several with commas between them."""
    if isinstance(value, list):
        return ",".join(_word(one) for one in value)
    if not isinstance(value, str):
        return value_text(value)
    return value if _BARE.fullmatch(value) else word(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _error(name: str) -> str:
    return f"{name}({_ERRORS[name]})" if name in _ERRORS else _word(name)
