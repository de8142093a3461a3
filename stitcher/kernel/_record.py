"""One record's body in, its fields as the record wrote them out.

    body   = { field | word | msg='inner' } [ suffix ]
    field  = [ "(" ] key "=" value          key is letters, digits and _ . - [ ]
    value  = "text" | 'text' | {text} | up to the next space, less a colon, comma or closing bracket at its end
    suffix = 0x1d { KEY "=" value }         what auditd resolved by itself (log_format = ENRICHED)

A quoted value ends at the next quote if a space, a colon, a comma, a closing bracket or the end follows; else it goes
up to the next space, quote and all.  `op=` runs on over words until the next key (`op=adding user id=1001`).
`msg='…'` of user-space records ends at the last quote behind which nothing stands but names that auditd resolved (there
are relays that lose the 0x1d); where there is none, a relay cut the record, and all of it is the text of the program.
rsyslog writes 0x1d as `#035`; audisp-syslog makes it a space, so a trailing KEY of tables.fields' names counts too.

Nothing here trusts a value: a body that holds `type=… msg=audit(…)` text is a body, and a 0x1d that user space wrote
inside `msg='…'` begins no suffix, because such a record ends in the quote that the kernel put there.
"""

import re
from binascii import unhexlify
from typing import Final, NamedTuple

from stitcher.kernel._bounds import MAX_FIELDS
from stitcher.tables.fields import FIELDS

#: how a value was written; LIST is a list of words, INNER the fields of a msg='…'
PLAIN: Final = 0
LIST: Final = 1
INNER: Final = 2
DOUBLE: Final = 34
SINGLE: Final = 39
BRACES: Final = 123


_KEY: Final = rb"[A-Za-z0-9_.\-\[\]]++"
#: AppArmor writes the mode of a label behind it: subj=/usr/sbin/cupsd (enforce)  (security/apparmor/label.c)
_MODE: Final = rb"[ ]\((?:enforce|complain|kill|mixed|unconfined|user)\)(?=[ ]|\Z)"
_VALUE: Final = (
    rb"(?:\"([^\"]*)\"(?=[ ,:)]|\Z)[,:)]?"
    rb"|'([^']*)'(?=[ ,:)]|\Z)[,:)]?"
    rb"|(\{[^{}]*\})(?=[ ,:)]|\Z)[,:)]?"
    rb"|([^ ]+" + _MODE + rb"|[^ ]*))"
)
_OPERATION: Final = rb"\(?op=((?![\"'{])[^ ]+(?:[ ]+(?!\(?" + _KEY + rb"=)[^ ]+)*)"
_TOKENS: Final = rb"|\(?(" + _KEY + rb")=" + _VALUE + rb"|([^ ]+)"
_INSIDE: Final = re.compile(rb"(?!)()()|" + _OPERATION + _TOKENS, re.DOTALL)
_AVC: Final = re.compile(rb" *avc: +(denied|granted) +\{([^{}]*)\} +for(?=[ ]|\Z)")
_SUFFIX_KEY: Final = rb"[A-Z][A-Z0-9_-]*+"
_SUFFIX: Final = re.compile(rb" *(" + _SUFFIX_KEY + rb")=" + _VALUE)
#: a name in braces at the head of a suffix ends at the last of them: the path of a socket may hold some
_ADDRESS: Final = re.compile(rb" *SADDR=(\{.*\})(?=[ ]|\Z)", re.DOTALL)
_NAMES: Final = (
    rb"(?: *" + _SUFFIX_KEY + rb"=(?:\"[^\"]*\"(?=[ ]|\Z)|\{[^{}]*\}(?=[ ]|\Z)|[^ \"'{][^ \"']*(?=[ ]|\Z)))+ *\Z"
)
_STRICT_SUFFIX: Final = re.compile(_NAMES)
_MESSAGE: Final = rb"msg='(?:(.*)'(?= *\Z|" + _NAMES + rb")|(.*))"
_OUTER: Final = re.compile(_MESSAGE + rb"|" + _OPERATION + _TOKENS, re.DOTALL)
_OPENS: Final = re.compile(rb"(?:\A|(?<= ))msg='")

#: what a suffix names: auditd resolves users, groups, syscalls, arches, socket addresses and io_uring operations
SUFFIX_KEYS: Final = frozenset(
    key.upper().encode()
    for key, kind in {**FIELDS, "saddr": "sockaddr"}.items()
    if kind in ("uid", "gid", "arch", "syscall", "sockaddr") or key == "uring_op"
)

Token = tuple[bytes, bytes, int]


class Record(NamedTuple):
    """The fields of one record in order of writing, what was no field, and the sender's own names."""

    #: (key, value as written without its quotes, how it was quoted); INNER has a list of such in place of a value
    fields: list["Field"]
    #: words that are not `key=value`
    words: list[bytes]
    #: (KEY, value, how it was quoted) of the suffix
    suffix: list[Token]


Field = tuple[bytes, "bytes | list[Field]", int]


def parse_record(number: int, body: bytes) -> Record:
    """Cut the body of a record of type `number` into its fields; never fails, whatever the bytes are."""
    record = Record([], [], [])
    body, tail = _split_suffix(body)
    if tail:
        read_suffix(tail, record)
    _read(_OUTER, body, number == 1400, record, record.fields, number, not tail)
    return record


def _split_suffix(body: bytes) -> tuple[bytes, bytes]:
    """(body, suffix) at the last 0x1d or #035 that begins a suffix; the suffix is empty where there is none."""
    at = body.rfind(b"\x1d")
    if at >= 0 and not body.endswith(b"'"):
        return (body[:at], body[at + 1 :]) if may_end(body, at) else (body, b"")
    at = body.rfind(b"#035")
    if at >= 0 and _STRICT_SUFFIX.match(body, at + 4) and may_end(body, at):
        return body[:at], body[at + 4 :]
    return body, b""


def may_end(body: bytes, at: int) -> bool:
    """May the sender's fields end there?  If they hold msg='…', it has to be closed."""
    return body.endswith(b"'", 0, at) or not _OPENS.search(body, 0, at)


def read_suffix(tail: bytes, record: Record) -> None:
    """The names in a suffix into the record's; from where it is no more KEY=value on, its words are text."""
    at = 0
    if found := _ADDRESS.match(tail):
        record.suffix.append((b"SADDR", found[1], BRACES))
        at = found.end()
    while len(record.suffix) < MAX_FIELDS and (found := _SUFFIX.match(tail, at)):
        value, quote = _value(found[2], found[3], found[4], found[5] or b"")
        record.suffix.append((found[1], value, quote))
        at = found.end()
    record.words.extend(_words(tail[at:]))


def _words(text: bytes) -> list[bytes]:
    return [word for word in text.split(b" ") if word]


def _value(double: bytes | None, single: bytes | None, braces: bytes | None, plain: bytes) -> tuple[bytes, int]:
    if double is not None:
        return double, DOUBLE
    if single is not None:
        return single, SINGLE
    if braces is not None:
        return braces, BRACES
    return trim(plain), PLAIN


def trim(value: bytes) -> bytes:
    """A value without quotes, less what belongs to the prose around it: a colon, then a comma or a closing bracket.

    Two colons are the end of an address (`fe80::`), and a bracket that was opened is the value's own.
    """
    if value.endswith(b":") and not value.endswith(b"::"):
        value = value[:-1]
    if value.endswith(b",") or (value.endswith(b")") and b"(" not in value):
        return value[:-1]
    return value


def _read(
    pattern: re.Pattern[bytes],
    text: bytes,
    decision: bool,
    record: Record,
    fields: list[Field],
    number: int,
    spaced: bool,
) -> None:
    """Tokens of `text` into `fields` and the record's words; `decision`: an access vector may stand at its head."""
    at = 0
    if decision and (found := _AVC.match(text)):
        fields.append((b"seresult", found[1], PLAIN))
        fields.append((b"seperms", found[2], LIST))
        at = found.end()
    room = MAX_FIELDS - len(record.fields)
    for found in pattern.finditer(text, at):
        inner, open_inner, operation, key, double, single, braces, plain, word = found.groups()
        if word is not None:
            record.words.append(word)
            continue
        if room <= 0:
            record.words.extend(_words(text[found.start() :]))
            return
        room -= 1
        if key is not None:
            value, quote = _value(double, single, braces, plain or b"")
            if spaced and pattern is _OUTER and key in SUFFIX_KEYS:
                record.suffix.append((key, value, quote))
            else:
                fields.append((key, value, quote))
        elif operation is not None:
            fields.append((b"op", trim(operation), PLAIN))
        else:
            nested: list[Field] = []
            fields.append((b"msg", nested, INNER))
            text_inside = inner if inner is not None else open_inner or b""
            _read(_INSIDE, text_inside, number == 1107, record, nested, number, False)


def unhex(value: bytes) -> bytes:
    """Undo the kernel's hex encoding: b"2F62" -> b"/b"; what is not an even run of hex digits comes back as it is."""
    try:
        return unhexlify(value)
    except ValueError:
        return value


#: the reversible escape of bytes that are not UTF-8: byte 0x80..0xff becomes U+EF80..U+EFFF
_ESCAPED: Final = re.compile("[\udc80-\udcff\uef80-\uefff]")


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char >= "\uef80":
        return "".join(chr(0xEF00 + byte) for byte in char.encode())
    return chr(ord(char) + 0xEF00 - 0xDC00)


def text_of(value: bytes) -> str:
    """Bytes as text that can be turned back: a byte that is no UTF-8 becomes U+EF00 + byte (a private character).

    A real character of U+EF80..U+EFFF counts as bytes too, so that `bytes_of` always gives the same bytes again.
    """
    if value.isascii():
        return value.decode("ascii")
    return _ESCAPED.sub(_escape, value.decode("utf-8", "surrogateescape"))


def bytes_of(text: str) -> bytes:
    """The bytes that `text_of` made `text` of."""
    if text.isascii():
        return text.encode("ascii")
    return re.sub("[\uef80-\uefff]", lambda found: chr(ord(found[0]) - 0xEF00 + 0xDC00), text).encode(
        "utf-8", "surrogateescape"
    )
