r"""A syslog message in, the words of its header and its message out: RFC 5424, RFC 3164 and what devices make of it.

    parse: syslog
    example:
      line: "<22>Nov 21 10:00:01 mail postfix/smtpd[123]: 4F2A: client=web01[192.0.2.7]"
      fields:
        priority: 22
        facility: 2
        severity: 6
        facility_name: mail
        severity_name: info
        time: Nov 21 10:00:01
        host: mail
        program: postfix/smtpd
        pid: "123"
        message: "4F2A: client=web01[192.0.2.7]"

| field | what it holds |
|---|---|
| `priority`, `facility`, `severity` | numbers of `<PRI>`; facility and severity only if it is 191 or less |
| `facility_name`, `severity_name` | their names: `mail`, `info` |
| `time` | as written, see the conversion `time` |
| `host`, `program`, `pid` | text |
| `message` | what is behind the header, without a byte order mark |
| `version`, `message_id` | RFC 5424 only: its number, and MSGID |
| `data.ID.NAME` | RFC 5424 only: structured data, without its escapes; a parameter given twice is a list |

`-` of RFC 5424 is an absent field.  Of RFC 3164 these forms are read:

    <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: message    without <PRI>, HOST or TAG, with a year, with parts of seconds
    <PRI>2026-11-21T10:00:01.123+03:00 HOST TAG: message
    <PRI>4711: ROUTER: *Nov 21 10:00:01.123 MSK: %LINK-3-UPDOWN: message    routers; the number is not kept
    <PRI>Nov 21 10:00:01 Message forwarded from HOST: TAG: message          AIX
    <PRI>TAG: message    <PRI>message

A header inside the message stays there; a sub-normalizer with `pass: message` and `parse: syslog` reads it.
"""

import re
from dataclasses import dataclass
from typing import Final

from stitcher.parsers.method import Fields, Parser, put

#: RFC 5424, table 1; the names are those of syslog.conf(5), and of the RFC for 12 to 15
_FACILITIES: Final = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
#: RFC 5424, table 2
_SEVERITIES: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")

_PRI: Final = r"(?:<([0-9]{1,3})>)?+"
_CLOCK: Final = r"[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
_RFC3164_TIME: Final = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]?[0-9] (?:[12][0-9]{3} )?"
    + _CLOCK
    + r"(?:\.[0-9]{1,9})?(?: [12][0-9]{3}(?=[ :]|\Z))?(?: (?:[A-Z]{3,5}|[+-][0-2][0-9]:?[0-5][0-9])(?=:))?"
)
_ISO_TIME: Final = (
    r"[12][0-9]{3}-[01][0-9]-[0-3][0-9][T ]" + _CLOCK + r"(?:[.,][0-9]{1,9})?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?"
)
_TAG: Final = r"(?:(?![{<\"])([^ :\[\]]{1,255}+)(?:\[([^\] ]{0,255}+)\]:?|:)(?: |\Z))?+"
_RFC3164: Final = re.compile(
    _PRI
    + r" *+(?:[0-9]{1,10}: ++(?:([^ :]{1,255}+): ++)?+)?+[*.]?+"
    + r"(" + _RFC3164_TIME + r"|" + _ISO_TIME + r"):?+(?: ++|\Z)"
    + r"(?:Message forwarded from ([^ :]{1,255}+): ++)?+"
    # a host is a word that is neither a tag nor the beginning of what else may follow a time
    + r"(?:(?!CEF:|LEEF:|[{<%])([^ \[\]]{1,255}+)(?<!:)(?: ++|\Z))?+"
    + _TAG + r"(.*)",
    re.DOTALL,
)  # fmt: skip
_RFC5424: Final = re.compile(
    _PRI
    + r"([1-9][0-9]{0,2}) (-|" + _ISO_TIME + r")" + r" ([^ ]{1,255}+)" * 4 + r"(?: (.*)|\Z)",
    re.DOTALL,
)  # fmt: skip
_ONLY_PRI: Final = re.compile(r"<([0-9]{1,3})>" + _TAG + r"(.*)", re.DOTALL)
#: RFC 5424, 6.3: in a parameter's value `"`, `\` and `]` are escaped; a bare `]` is in many
_VALUE: Final = r'(?:[^"\\]++|\\.)*+'
_NAME: Final = r'[^ \]="]{1,255}+'
_ELEMENT: Final = re.compile(rf'\[({_NAME})((?: ++{_NAME}="{_VALUE}")*+) *+\]', re.DOTALL)
_PARAMETER: Final = re.compile(rf'({_NAME})="({_VALUE})"', re.DOTALL)
_ESCAPE: Final = re.compile(r'\\(["\\\]])')
_NAMES: Final = (
    "priority", "facility", "severity", "facility_name", "severity_name", "time", "host", "program", "pid", "message",
    "version", "message_id", "data",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """There are none."""


def names(_options: Options) -> tuple[str, ...]:
    """Every field there may be."""
    return _NAMES


def make(_options: Options) -> Parser:
    """The one parser of syslog."""
    return parse


def parse(text: str) -> Fields | str:
    """The fields, or "no syslog header"."""
    text = text.lstrip("\ufeff").rstrip("\r\n\0")
    found = _RFC3164.match(text)
    if found is None:
        return _other(text)
    pri, router, time, forwarded, host, program, pid, message = found.groups()
    fields = _PRIORITIES[pri].copy() if pri else {}
    fields["time"] = time
    host = forwarded or host or router
    if host:
        fields["host"] = host
    if program:
        fields["program"] = program
        if pid:
            fields["pid"] = pid
    if message:
        fields["message"] = message
    return fields


def _other(text: str) -> Fields | str:
    found = _RFC5424.match(text)
    if found is not None:
        return _rfc5424(found)
    found = _ONLY_PRI.match(text)
    if found is None:
        return "no syslog header"
    pri, program, pid, message = found.groups()
    fields = _PRIORITIES[pri].copy()
    fields.update((name, value) for name, value in (("program", program), ("pid", pid), ("message", message)) if value)
    return fields


def _rfc5424(found: re.Match[str]) -> Fields:
    pri, version, time, host, program, pid, message_id, rest = found.groups()
    fields = _PRIORITIES[pri].copy() if pri else {}
    fields["version"] = int(version)
    words = (("time", time), ("host", host), ("program", program), ("pid", pid), ("message_id", message_id))
    fields.update((name, value) for name, value in words if value != "-")
    data, message = _structured(rest or "")
    if data:
        fields["data"] = data
    message = message.removeprefix("\ufeff")
    if message:
        fields["message"] = message
    return fields


def _structured(rest: str) -> tuple[Fields, str]:
    """Structured data and the message; where the data is none, or not well made, all is message."""
    if rest == "-" or rest.startswith("- "):
        return {}, rest[2:]
    data: Fields = {}
    at = 0
    while found := _ELEMENT.match(rest, at):
        element = data.setdefault(found[1], {})
        for name, value in _PARAMETER.findall(found[2]):
            put(element, name, _ESCAPE.sub(r"\1", value))
        at = found.end()
    return data, rest[at:].removeprefix(" ")


def _priorities() -> dict[str, Fields]:
    """The fields of each PRI as it may be written."""
    table: dict[str, Fields] = {}
    for number in range(1000):
        fields: Fields = {"priority": number}
        if number < len(_FACILITIES) * len(_SEVERITIES):
            facility, severity = divmod(number, len(_SEVERITIES))
            fields |= {"facility": facility, "severity": severity}
            fields |= {"facility_name": _FACILITIES[facility], "severity_name": _SEVERITIES[severity]}
        table |= {str(number).zfill(width): fields for width in (1, 2, 3)}
    return table


_PRIORITIES: Final = _priorities()
