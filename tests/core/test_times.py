"""Times of many logs, each as the same moment; the clock is an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.core import times

MOSCOW = ZoneInfo("Europe/Moscow")
#: 2026-11-21 10:00:01 UTC
AT = 1795255201000
NOW = AT / 1000 + 3600


@pytest.mark.parametrize(
    ("form", "text", "milliseconds"),
    [
        ("iso", "2026-11-21T10:00:01Z", AT),
        ("iso", "2026-11-21T13:00:01.123456+03:00", AT + 123),
        ("iso", "2026-11-21 13:00:01,5+0300", AT + 500),
        ("iso", "2026-11-21T10:00:01", AT),
        ("iso", "2026-11-21T10:00:01.123456789Z", AT + 123),
        ("rfc3164", "Nov 21 10:00:01", AT),
        ("rfc3164", "Nov 21 10:00:01.25", AT + 250),
        ("rfc3164", "Nov 21 2026 10:00:01", AT),
        ("rfc3164", "Nov 21 10:00:01 2026", AT),
        ("rfc3164", "Nov 21 13:00:01 +03:00", AT),
        ("rfc3164", "Nov 21 05:00:01 EST", AT),
        ("epoch", "1795255201", AT),
        ("epoch", "1795255201.1239", AT + 123),
        ("epoch", "0", 0),
        ("epoch_ms", "1795255201123", AT + 123),
        ("epoch_us", "1795255201123456", AT + 123),
        ("epoch_ns", "1795255201123456789", AT + 123),
        ("%d/%b/%Y:%H:%M:%S %z", "21/Nov/2026:13:00:01 +0300", AT),
        ("%Y%m%d%H%M%S", "20261121100001", AT),
        ("%d.%m %H:%M:%S", "21.11 10:00:01", AT),
        ("auto", "1795255201", AT),
        ("auto", "1795255201.5", AT + 500),
        ("auto", "1795255201123", AT + 123),
        ("auto", "1795255201123456", AT + 123),
        ("auto", "1795255201123456789", AT + 123),
        ("auto", "2026-11-21T10:00:01Z", AT),
        ("auto", "20261121T100001Z", AT),
        ("auto", "Nov 21 10:00:01", AT),
        ("auto", "Sat, 21 Nov 2026 10:00:01 GMT", AT),
        ("auto", "Sat Nov 21 10:00:01 2026", AT),
        ("auto", "21 Nov 2026 13:00:01 +0300", AT),
        ("auto", "21 Nov 10:00:01", AT),
        ("auto", "11/21/26 10:00:01 AM", AT),
    ],
)
def test_a_time_is_read(form: str, text: str, milliseconds: int) -> None:
    read = times.reader(form)
    assert read(text, NOW) == milliseconds
    assert read(text, NOW) == milliseconds, "also from memory"


@pytest.mark.parametrize("form", ["iso", "rfc3164", "auto", "epoch", "epoch_ms", "%Y-%m-%d %H:%M:%S"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "10:00:01",
        "Monday",
        "Feb 30 10:00:01",
        "2026-13-01T00:00:00Z",
        "Foo 21 10:00:01",
        "12 hours",
        "١٢",
        "9" * 500,
    ],
)
def test_what_is_no_time_is_none(form: str, text: str) -> None:
    assert times.reader(form)(text, NOW) is None


@pytest.mark.parametrize("form", ["iso", "rfc3164", "auto", "%Y-%m-%d %H:%M:%S"])
def test_a_text_without_a_zone_is_in_the_named_zone(form: str) -> None:
    text = {"rfc3164": "Nov 21 13:00:01"}.get(form, "2026-11-21 13:00:01")
    assert times.reader(form, MOSCOW)(text, NOW) == AT


def test_a_text_with_a_zone_is_not_in_the_named_zone() -> None:
    read = times.reader("auto", MOSCOW)
    assert read("2026-11-21T10:00:01Z", NOW) == AT
    assert read("Nov 21 13:00:01 MSK", NOW) == AT
    assert read("Sat, 21 Nov 2026 10:00:01 UTC", NOW) == AT
    assert times.reader("auto")("Nov 21 13:00:01 MSK", NOW) is None
    assert times.reader("auto")("Sat, 21 Nov 2026 10:00:01 XYZ", NOW) is None


@pytest.mark.parametrize(
    ("form", "text"),
    [("rfc3164", "{:%b %d %H:%M:%S}"), ("auto", "{:%d %b %H:%M}"), ("%d.%m. %H:%M", "{:%d.%m. %H:%M}")],
)
@given(now=st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1)), days=st.integers(-170, 170))
def test_a_text_without_a_year_is_in_the_nearest(form: str, text: str, now: datetime, days: int) -> None:
    seconds = now.replace(tzinfo=UTC, second=0, microsecond=0).timestamp()
    written = datetime.fromtimestamp(seconds + days * 86400, UTC)
    assert times.reader(form)(text.format(written), seconds) == (seconds + days * 86400) * 1000


def test_a_remembered_text_without_a_year_is_read_again_when_years_went_by() -> None:
    read = times.reader("rfc3164")
    assert read("Nov 21 10:00:01", NOW) == AT
    assert read("Nov 21 10:00:01", NOW + 366 * 86400) == AT + 365 * 86400 * 1000


def test_new_year_and_leap_days() -> None:
    read = times.reader("rfc3164")
    assert read("Dec 31 23:59:59", datetime(2027, 1, 1, tzinfo=UTC).timestamp()) == 1798761599000
    assert read("Feb 29 00:00:00", datetime(2027, 6, 1, tzinfo=UTC).timestamp()) == 1835395200000
    assert read("Feb 29 00:00:00", datetime(2026, 2, 1, tzinfo=UTC).timestamp()) is None


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("now", "no time format 'now'; known: auto, iso"),
        ("%H:%M:%S", "has no day and month"),
        ("%Y-%m-%d %Z", "%Z depends on the machine"),
        ("%Y-%m-%d %Q", "'Q' is a bad directive"),
    ],
)
def test_a_wrong_format_is_refused(form: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        times.reader(form)


@given(
    text=st.text(max_size=150) | st.from_regex(r"[0-9A-Za-z:/.,+\- ]{1,40}"), form=st.sampled_from(["auto", "%d %b %H"])
)
def test_no_text_raises(text: str, form: str) -> None:
    assert isinstance(times.reader(form, MOSCOW)(text, NOW), int | None)
