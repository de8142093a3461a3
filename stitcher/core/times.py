"""A time as some log writes it in, milliseconds since 1970 out, without a clock: `now` is an argument.

    auto              whatever of the following it is, and else what python-dateutil makes of it
    iso               2026-11-21T10:00:01.123+03:00, with a space for T, without parts of a second or offset
    rfc3164           Nov 21 10:00:01, also with a year or a zone behind it
    epoch             seconds since 1970, 1795255201 or 1795255201.123; epoch_ms, epoch_us, epoch_ns are whole numbers
    any with a %      a format of strptime, such as %d/%b/%Y:%H:%M:%S %z

A text without a zone is in the zone that the normalizer names, UTC if it names none.  A text without a year is in the
year that brings it nearest to `now`: on January 1st a line of `Dec 31` is of last year.  A text without a day is no
time.  Of the zones by name those of RFC 5322 and those of the named zone itself are known: `MSK` is, if the zone is
Europe/Moscow.

Logs repeat their times, so a text that was read is remembered.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from dateutil.parser import parserinfo

#: texts that are remembered of one source
MAX_KNOWN: Final = 4096
#: no time is written longer; python-dateutil's time grows with the text
MAX_TEXT: Final = 128
#: nearer to now than this, a time without a year is in the right one, ms
_NEAR_MS: Final = 180 * 86_400_000
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
#: RFC 5322, 4.3
_ZONES: Final = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_MONTHS: Final = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}  # fmt: skip
_RFC3164: Final = re.compile(
    r"([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) (?:([12][0-9]{3}) )?([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?"
    r"(?: ([12][0-9]{3}))?(?: ([A-Z]{1,5}|[+-][0-9]{2}:?[0-9]{2}))?"
)
_EPOCH: Final = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,9}))?")
_WHOLE: Final = re.compile(r"[0-9]{1,21}")
#: digits of a whole number -> times what and by what it is milliseconds; other numbers are dates without separators
_BY_DIGITS: Final = {9: (1000, 1), 10: (1000, 1), 13: (1, 1), 16: (1, 1000), 19: (1, 1_000_000)}
_EPOCHS: Final = {"epoch_ms": 1, "epoch_us": 1000, "epoch_ns": 1_000_000}
NAMES: Final = ("auto", "iso", "rfc3164", "epoch", *_EPOCHS)

Instant = Callable[[str, float], int | None]


class _Found(NamedTuple):
    """A time, and whether its text had the year."""

    when: datetime
    with_year: bool


_Reader = Callable[[str, datetime], "_Found | None"]


def reader(form: str, zone: tzinfo | None = None) -> Instant:
    """What reads texts of this form; raises ValueError if there is no such form.

    It answers milliseconds since 1970, or None for a text that is no time.
    """
    if form == "epoch":
        return _epoch
    if form in _EPOCHS:
        return _whole(_EPOCHS[form])
    home = zone or UTC
    if form == "auto":
        return _automatic(_remembered(_any(home), home))
    if form in ("iso", "rfc3164"):
        return _remembered({"iso": _iso, "rfc3164": _rfc3164(home)}[form], home)
    if "%" in form:
        return _remembered(_strptime(form), home)
    raise ValueError(f"no time format '{form}'; known: {', '.join(NAMES)}, and formats with % as of strptime")


def _remembered(read: _Reader, home: tzinfo) -> Instant:
    whole: dict[str, int] = {}
    yearless: dict[str, int] = {}

    def instant(text: str, now: float) -> int | None:
        known = whole.get(text)
        if known is not None:
            return known
        known = yearless.get(text)
        if known is not None and abs(known - now * 1000) < _NEAR_MS:
            return known
        if len(text) > MAX_TEXT:
            return None
        try:
            found = read(text.strip(), datetime.fromtimestamp(now, home))
            if found is None:
                return None
            when = found.when if found.when.tzinfo else found.when.replace(tzinfo=home)
            milliseconds: int = (when - _START) // _MILLISECOND
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError):
            # what datetime and dateutil raise for texts that only look like a time
            return None
        memory = whole if found.with_year else yearless
        if len(memory) >= MAX_KNOWN:
            memory.clear()
        memory[text] = milliseconds
        return milliseconds

    return instant


def _epoch(text: str, _now: float) -> int | None:
    found = _EPOCH.fullmatch(text.strip())
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0")[:3]) if found else None


def _whole(divisor: int) -> Instant:
    def instant(text: str, _now: float) -> int | None:
        text = text.strip()
        return int(text) // divisor if _WHOLE.fullmatch(text) else None

    return instant


def _automatic(read: Instant) -> Instant:
    """Numbers of seconds, milliseconds and so on, by their length; all else is asked from `read`."""

    def instant(text: str, now: float) -> int | None:
        unit = _BY_DIGITS.get(len(text)) if text.isdecimal() and text.isascii() else None
        if unit is not None:
            return int(text) * unit[0] // unit[1]
        found = _EPOCH.fullmatch(text) if "." in text else None
        if found and len(found[1]) in (9, 10):
            return _epoch(text, now)
        return read(text, now)

    return instant


def _any(home: tzinfo) -> _Reader:
    rfc3164 = _rfc3164(home)

    def read(text: str, now: datetime) -> _Found | None:
        found = rfc3164(text, now)
        if found is None:
            try:
                found = _iso(text, now)
            except ValueError:
                found = _dateutil(text, now, home)
        return found

    return read


def _iso(text: str, _now: datetime) -> _Found | None:
    return _Found(datetime.fromisoformat(text), with_year=True)


def _rfc3164(home: tzinfo) -> _Reader:
    def read(text: str, now: datetime) -> _Found | None:
        found = _RFC3164.fullmatch(text)
        if found is None or found[1] not in _MONTHS:
            return None
        month, day, early, hour, minute, second, parts, late, zone = found.groups()
        micros = int((parts or "").ljust(6, "0")[:6])
        rest = (_MONTHS[month], int(day), int(hour), int(minute), int(second), micros, _zone(zone, home))
        year = early or late
        if year:
            return _Found(datetime(int(year), *rest), with_year=True)
        return _Found(_nearest(lambda guess: datetime(guess, *rest), now), with_year=False)

    return read


def _nearest(in_year: Callable[[int], datetime], now: datetime) -> datetime:
    """The one of three years that is nearest to now; February 29th is in one of them at most."""
    guesses: list[datetime] = []
    for year in (now.year - 1, now.year, now.year + 1):
        try:
            guess = in_year(year)
        except ValueError:
            continue
        guesses.append(guess if guess.tzinfo else guess.replace(tzinfo=now.tzinfo))
    return min(guesses, key=lambda guess: abs(guess - now))


def _zone(name: str | None, home: tzinfo) -> tzinfo:
    """The zone that a text names; raises LookupError for names that mean several."""
    if not name:
        return home
    if name[0] in "+-":
        offset = timedelta(hours=int(name[1:3]), minutes=int(name[-2:]))
        return timezone(-offset if name[0] == "-" else offset)
    if name in _names_of(home):
        return home
    return timezone(timedelta(hours=_ZONES[name]))


@cache
def _names_of(zone: tzinfo) -> frozenset[str | None]:
    """What a zone calls itself, in winter and in summer."""
    return frozenset(zone.tzname(datetime(2026, month, 1)) for month in (1, 7))


def _strptime(form: str) -> _Reader:
    """A reader of this format; raises ValueError if it is wrong, or has no day."""
    if "%Z" in form:
        raise ValueError("%Z depends on the machine; use %z for offsets, or `auto`")
    probe = datetime(2026, 11, 21, 10, 59, 58, tzinfo=UTC)
    back = datetime.strptime(probe.strftime(form), form)
    if (back.month, back.day) != (probe.month, probe.day):
        raise ValueError(f"the time format '{form}' has no day and month")
    if back.year == probe.year:
        return lambda text, _now: _Found(datetime.strptime(text, form), with_year=True)
    dated = "%Y " + form  # without its year, February 29th is no day

    def read(text: str, now: datetime) -> _Found | None:
        return _Found(_nearest(lambda year: datetime.strptime(f"{year} {text}", dated), now), with_year=False)

    return read


def _dateutil(text: str, now: datetime, home: tzinfo) -> _Found | None:
    """What no other form fits; of numbers such as 01/02/2026 the month is first.

    What the text leaves out comes from `default`, so two of them tell what that is.
    """
    from dateutil.parser import parser  # 15 ms that few ask for

    if not any(char.isdigit() for char in text):
        return None
    read = parser(_info(now.year)).parse
    first, second = (
        read(text, default=default, tzinfos=lambda name, offset: _named(name, offset, home))
        for default in (datetime(2024, 1, 1, tzinfo=home), datetime(2028, 5, 20, tzinfo=home))
    )
    if (first.month, first.day) != (second.month, second.day):
        return None
    if first.year == second.year:
        return _Found(first, with_year=True)
    return _Found(_nearest(lambda year: first.replace(year=year), now), with_year=False)


def _named(name: str | None, offset: int | None, home: tzinfo) -> tzinfo:
    return timezone(timedelta(seconds=offset)) if offset is not None else _zone(name, home)


@cache
def _info(year: int) -> "parserinfo":
    """dateutil's words, with two digits of a year read near `year` and not near the clock's."""
    from dateutil.parser import parserinfo

    class Info(parserinfo):
        def convertyear(self, number: int, century_specified: bool = False) -> int:
            if number >= 100 or century_specified:
                return number
            century = year // 100 * 100
            return min((century + by + number for by in (-100, 0, 100)), key=lambda guess: abs(guess - year))

    return Info()
