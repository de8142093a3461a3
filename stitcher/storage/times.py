"""What a person writes for a time in, milliseconds since 1970 out.

90s  15m  1h  2d  1w  1h30m       that long ago
now  today  yesterday             days begin at midnight in UTC
2025-07-01   2025-07-01 12:00     ISO 8601, UTC unless it says another offset: 2025-07-01T12:00:00.5+03:00
12:00  12:00:30                   today, UTC
1751360412.007                    seconds since 1970, as in the id of an event
"""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

_AGO: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?[smhdw])+")
_STEP: Final = re.compile(r"([0-9.]+)([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_EPOCH: Final = re.compile(r"@?([0-9]{9,11}(?:\.[0-9]{1,9})?)")
_CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")
_DAYS_AGO: Final = {"today": 0, "yesterday": 1}


def parse_time(text: str, now: datetime) -> int:
    """`now` has an offset.  Raises ValueError that says what would be right."""
    words = text.strip().lower()
    if _AGO.fullmatch(words):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _STEP.findall(words))
        return _milliseconds(now) - round(seconds * 1000)
    if epoch := _EPOCH.fullmatch(words):
        return round(float(epoch[1]) * 1000)
    try:
        return _milliseconds(_moment(words, now.astimezone(UTC)))
    except ValueError as cause:
        right = "write 1h or 2d for that long ago, 2025-07-01, '2025-07-01 12:00', 12:00, today or yesterday (UTC)"
        raise ValueError(f"'{text}' is no time; {right}") from cause


def _moment(words: str, now: datetime) -> datetime:
    midnight = datetime.combine(now.date(), time(), UTC)
    if words == "now":
        return now
    if words in _DAYS_AGO:
        return midnight - timedelta(days=_DAYS_AGO[words])
    if _CLOCK.fullmatch(words):
        return datetime.combine(now.date(), time.fromisoformat(words.rjust(words.count(":") * 3 + 2, "0")), UTC)
    found = datetime.fromisoformat(words.upper())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
