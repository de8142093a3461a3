"""A summary in, one line for people out: `mara as root failed to open file /etc/shadow with /usr/bin/cat: EACCES(…)`.

What the event says goes through stitcher.quoting, so that it cannot look like a word of ours: an account whose name is
`system` stands in quotes.  Only a user stands where a user belongs: a process, which can call itself what it likes, is
told as `process 'root'`, and a program is what something was done with.
"""

import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from stitcher.quoting import quoted, sockaddr_text, value_text, visible, word
from stitcher.summary._summarizer import summarizer
from stitcher.tables import ERRNO

#: who acts where nobody logged in, and where the event does not say who
_SYSTEM: Final = "system"
_UNSET: Final = "unset"
_SOMEBODY: Final = "somebody"
#: words of our own tables that need no quotes, though they hold what a shell would read: O_RDWR|O_CREAT, unknown(1001)
_BARE: Final = re.compile(r"[A-Z0-9_|]+|unknown\([0-9]+\)", re.ASCII)
_OWN_WORDS: Final = frozenset((_SYSTEM, _SOMEBODY, "uid", "process"))
#: kinds of object that need no noun in front of what they are called
_PLAIN: Final = frozenset(("socket", "system", "time", "object", "network", "descriptor"))
#: classes of object as policies write them; what else is called a class stands in quotes
_CLASS: Final = re.compile(r"[a-z0-9_]{1,32}")
_KIND: Final = re.compile(r"[a-z]+(-[a-z]+)*")
#: ends of an action that want an object behind them
_OPEN: Final = (" to", " from", " of", " at", " on")
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
    who, process = _who(summary.get("subject")), _process(summary.get("process"))
    if not who:
        who, process = process or _SOMEBODY, ""
    words = [who, said, *_thing(said, summary.get("object"))]
    if origin := summary.get("from"):
        words.append(f"from {_word(origin)}")
    if means := [how for how in (_how(summary), process) if how]:
        words.append(f"with {' in '.join(means)}")
    text = " ".join(words)
    error = summary.get("error")
    return f"{text}: {_error(error)}" if failed and isinstance(error, str) else text


def _who(subject: object) -> str:
    """mara, mara as root, system as root, mara as joren as root (who is joren, with root's rights); "" for nobody."""
    if not isinstance(subject, dict):
        return ""
    login, acting, real = subject.get("login"), subject.get("acting"), subject.get("real")
    names = [_SYSTEM if login == _UNSET else _user(login)] if login else []
    if real:
        names.append(_user(real))
    if acting and (real or acting != login):
        names.append(_user(acting))
    return " as ".join(names)


def _user(name: object) -> str:
    text = _word(name)
    if text.isdecimal():
        return f"uid {text}"
    return f"'{text}'" if text in _OWN_WORDS else text


def _process(process: object) -> str:
    """process 'cat' (pid 7), process (pid 7, label a:b:c): its name always in quotes; "" for none."""
    if not isinstance(process, dict) or not process:
        return ""
    name = process.get("name")
    words = ["process"]
    if name:
        words.append(_quoted(name))
    rest = [f"{key} {_cut(process[key])}" for key in ("pid", "label") if process.get(key)]
    return " ".join([*words, f"({', '.join(rest)})"] if rest else words)


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
    noun, needed = _noun(said, thing)
    told = _WORDED
    name = thing.get("name") or thing.get("id")
    if noun and (needed or name or thing.get("parent")):
        words.append(noun)
    address = {key: part for key, part in thing.items() if key in _ADDRESS} if thing.get("kind") == "socket" else {}
    if any(isinstance(address.get(key), str) for key in ("addr", "path", "abstract")):
        told = _WORDED | _ADDRESS
        words.append(sockaddr_text(address))
    elif name:
        words.append(_word(name))
        told = _WORDED if thing.get("name") else _WORDED | {"id"}
    elif parent := thing.get("parent"):
        words.append(f"in {_word(parent)}")
    elif said.endswith(_OPEN) and not words and (kind := _kind(thing)) not in said.split():
        words.append(kind)
    words += [f"{key} {_word(thing[key])}" for key in ("from", "to") if thing.get(key)]
    rest = [
        f"{visible(str(key)).replace('_', ' ')} {_cut(part)}" for key, part in thing.items() if key not in told and part
    ]
    return [*words, f"({', '.join(rest)})"] if rest else words


def _noun(said: str, thing: Mapping[str, Any]) -> tuple[str, bool]:
    """What kind of thing it is, if that is not said yet, and whether that is said of a thing without a name as well."""
    named = thing.get("class")
    if named:
        text = named if isinstance(named, str) and _CLASS.fullmatch(named) else _quoted(named)
        return text, True
    kind = _kind(thing)
    spoken = said.split()
    last = kind.rpartition(" ")[2]
    if kind in _PLAIN or last in spoken or f"{last}s" in spoken:
        return "", False
    return kind, said.endswith(_OPEN)


def _kind(thing: Mapping[str, Any]) -> str:
    kind = thing.get("kind") or ""
    return kind.replace("-", " ") if isinstance(kind, str) and _KIND.fullmatch(kind) else _word(kind)


def _quoted(value: object) -> str:
    text = _word(value)
    return text if text.startswith(("'", "$'")) else quoted(text)


def _word(value: object) -> str:
    """One value as a word, several with commas between them; one with a comma in it stands in quotes then."""
    if isinstance(value, list):
        return ",".join(_quoted(one) if isinstance(one, str) and "," in one else _word(one) for one in value)
    if not isinstance(value, str):
        return value_text(value)
    return value if _BARE.fullmatch(value) else word(value)


def _cut(value: object) -> str:
    """A value as a word, of a long one its beginning: it is cut before it is put in quotes, so that they close."""
    text = _word(value)
    if len(text) <= _LONGEST:
        return text
    if isinstance(value, list):
        whole = accumulate(map(_cut, value), lambda one, other: f"{one},{other}")
        return next(reversed([part for part in whole if len(part) < _LONGEST]), _cut(value[0])) + ",…"
    end = _LONGEST
    while len(text) >= _LONGEST and end:
        end -= 1
        text = _word(str(value)[:end])
    return f"{text}…"


def _error(name: str) -> str:
    return f"{name}({_ERRORS[name]})" if name in _ERRORS else _word(name)
