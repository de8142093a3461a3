"""Flat events in their own words, in KUMA's, and in every format: nothing is lost, and nobody ends a field."""

import json
from typing import Any

import pytest

from stitcher.schemas import FlatSchema, flat_fault
from stitcher.schemas._fields import shipped_table

Event = dict[str, Any]

MAIL: Event = {
    "Type": 1,
    "ID": "b2b06236-7d24-8664-8ee3-ba31b511a613",
    "DeviceVendor": "Postfix",
    "DeviceProduct": "Postfix",
    "DeviceEventClassID": "mail",
    "DeviceHostName": "kestrel",
    "StartTime": 1751892800301,
    "Name": "Mail sent",
    "SourceUserName": "joren@example.net",
    "BytesIn": 2417,
    "SA.Recipients": ["mara@example.com", "tern@example.com"],
    "Message": "smtpd: client=mail.example.net\nqmgr: removed",
    "Extra": {"closed_by": "complete"},
}
HOSTILE = 'a=b|c\\d\ne\rf\x1b[31m,"x" \u2028\u202eg'


def lines(schema: str, form: str, *events: Event) -> list[str]:
    made = FlatSchema(schema, form).lines(events).decode()
    assert made.endswith("\n")
    return made[:-1].split("\n")


def kuma(event: Event) -> tuple[Event, dict[str, int]]:
    schema = FlatSchema("kuma", "json")
    before = json.dumps(event)
    found = json.loads(schema.lines([event]))
    assert json.dumps(event) == before, "the event itself stays"
    return found, schema.counts()


def test_in_their_own_words_they_are_as_they_are() -> None:
    assert [json.loads(line) for line in lines("audit", "json", MAIL, {"Type": 2, "any name": [1, {"x": None}]})] == [
        MAIL,
        {"Type": 2, "any name": [1, {"x": None}]},
    ]


def test_what_fits_kuma_stays_where_it_is_in_its_order() -> None:
    found, counts = kuma(MAIL)
    assert (found, list(found)) == (MAIL, list(MAIL))
    assert counts == {"overlong": 0, "unfit": 0}


def test_names_that_kuma_has_not_go_to_extra() -> None:
    found, counts = kuma({"Type": 1, "Hops": 1, "S.With Blank": "x", "geo": {"city": "Oslo"}, "Extra": {"Hops": "9"}})
    assert found == {"Type": 1, "Extra": {"Hops": "9", "Hops_": "1", "S.With Blank": "x", "geo": "{city=Oslo}"}}
    assert counts == {"overlong": 0, "unfit": 0}


def test_fields_of_the_extended_schema_have_types() -> None:
    fits = {"S.A": "x", "N.A": 7, "F.A": 0.5, "SA.A": ["x"], "NA.A": [1, 2], "FA.A": [0.5]}
    assert kuma(fits) == (fits, {"overlong": 0, "unfit": 0})
    assert kuma({"SA.A": "x", "N.A": "7"})[0] == {"SA.A": ["x"], "N.A": 7}
    found, counts = kuma({"N.A": "seven", "NA.A": [1, "two"]})
    assert found == {"Extra": {"N.A": "seven", "NA.A": "[1,two]"}}
    assert counts == {"overlong": 0, "unfit": 2}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("SourcePort", "22", 22),
        ("SourcePort", 1 << 63, None),
        ("SourcePort", True, None),
        ("SourcePort", "ssh", None),
        ("SourceAddress", "192.0.2.1", "192.0.2.1"),
        ("SourceAddress", "kestrel", None),
        ("SourceLatitude", "59.9", 59.9),
        ("Name", 7, "7"),
        ("Name", ["a", "b c"], "[a,'b c']"),
    ],
)
def test_a_value_is_of_its_type_or_goes_to_extra(name: str, value: Any, kept: Any) -> None:
    found, counts = kuma({name: value})
    assert found.get(name) == kept
    assert counts["unfit"] == (kept is None)
    assert (name in found.get("Extra", {})) == (kept is None)


def test_nothing_is_no_value() -> None:
    assert kuma({"Type": 1, "SourcePort": None, "Unknown": None, "Extra": None}) == (
        {"Type": 1},
        {"overlong": 0, "unfit": 0},
    )


def test_a_text_that_is_too_long_is_cut_and_stands_whole_in_extra() -> None:
    found, counts = kuma({**MAIL, "Message": "x" * 1100, "Name": "y" * 513})
    assert (len(found["Message"]), len(found["Name"])) == (1023, 512)
    extra = {"Message": "x" * 1100, "Name": "y" * 513, "closed_by": "complete", "overlong": "Name Message"}
    assert found["Extra"] == extra
    assert counts == {"overlong": 2, "unfit": 0}


def test_what_a_rule_cut_before_stands_whole_in_extra_once() -> None:
    """An aggregation rule that spills has put the whole text there already."""
    found, _ = kuma({"Message": "x" * 2000, "Extra": {"Message": "x" * 5000, "overlong": "Name"}})
    assert found["Extra"] == {"Message": "x" * 5000, "overlong": "Name Message"}


def test_an_extra_that_is_none_is_kept() -> None:
    assert kuma({"Extra": "text"})[0] == {"Extra": {"Extra": "text"}}
    assert kuma({"Extra": {"a": 1, "b": {"c": "d"}}})[0] == {"Extra": {"a": "1", "b.c": "d"}}


def test_the_header_of_syslog() -> None:
    (line,) = lines("audit", "syslog", MAIL)
    header, _, body = line.partition(" - flat - ")
    assert (header, json.loads(body)) == ("<110>1 2025-07-07T12:53:20.301Z kestrel stitcher", MAIL)
    assert lines("kuma", "syslog", MAIL)[0].startswith("<110>1 2025-07-07T12:53:20.301Z kestrel stitcher - kuma - {")


@pytest.mark.parametrize(
    ("event", "header"),
    [
        ({}, "- -"),
        ({"Timestamp": 1751892800301.9}, "2025-07-07T12:53:20.301Z -"),
        ({"StartTime": "1751892800301"}, "2025-07-07T12:53:20.301Z -"),
        ({"StartTime": "soon", "Timestamp": 5}, "1970-01-01T00:00:00.005Z -"),
        ({"StartTime": 10**17, "DeviceHostName": ["a"]}, "- -"),
        ({"StartTime": -1, "DeviceHostName": "a b\n<110>1"}, "- a?b?<110>1"),
        ({"StartTime": True}, "- -"),
    ],
)
def test_a_header_says_no_more_than_the_event(event: Event, header: str) -> None:
    (line,) = lines("audit", "syslog", event)
    assert line.startswith(f"<110>1 {header} stitcher - flat - {{")


def test_cef_has_the_keys_of_its_table_and_everything_else_as_ad() -> None:
    (line,) = lines("audit", "cef", MAIL)
    assert line == (
        "CEF:0|Postfix|Postfix||mail|Mail sent||ad.Type=1 ad.ID=b2b06236-7d24-8664-8ee3-ba31b511a613 dvchost=kestrel"
        " rt=1751892800301 suser=joren@example.net ad.BytesIn=2417 ad.SA.Recipients=mara@example.com tern@example.com"
        r" msg=smtpd: client\=mail.example.net\nqmgr: removed ad.closed_by=complete"
    )
    assert lines("kuma", "cef", MAIL) == [line]


@pytest.mark.parametrize("form", ["json", "syslog", "cef"])
@pytest.mark.parametrize("schema", ["audit", "kuma"])
def test_what_a_stranger_chose_ends_no_line_and_no_field(schema: str, form: str) -> None:
    names = [*shipped_table("fields-kuma.yaml").types, "S.X", "a b=c\n", "Extra"]
    event: Event = dict.fromkeys(names, HOSTILE) | {"Extra": {HOSTILE: HOSTILE, "Name": "x"}}
    (line,) = lines(schema, form, event)
    assert "\x1b" not in line
    assert "\r" not in line
    if form == "cef":
        header = line.replace("\\\\", "").replace("\\|", "").split("|", 7)
        assert len(header) == 8
        keys = [part.rpartition(" ")[2] for part in header[7].replace("\\=", "").split("=")[:-1]]
        assert len(set(keys)) >= len(names) - 8
        assert all(key.isascii() and key.replace("_", "").replace(".", "").isalnum() for key in keys)


@pytest.mark.parametrize(
    ("schema", "form", "key", "what"),
    [
        ("ecs", "json", "schema", "schema 'ecs' is made of decoded events of audit"),
        ("ocsf", "csv", "schema", "schema 'ocsf' is made of decoded events of audit"),
        ("own.yaml", "json", "schema", "schema 'own.yaml' is made of decoded events of audit"),
        ("kumma", "json", "schema", "no schema 'kumma'"),
        ("audit", "csv", "format", "format 'csv' has the columns of a mapping, and flat events have any"),
        ("kuma", "text", "format", "format 'text' is for events in their own words"),
    ],
)
def test_what_cannot_be_written_is_said(schema: str, form: str, key: str, what: str) -> None:
    found = flat_fault(schema, form)
    assert found is not None
    assert (found.key, found.what) == (key, what)
    assert found.way_out


@pytest.mark.parametrize("form", ["json", "text", "syslog", "cef"])
def test_their_own_words_have_every_format_but_csv(form: str) -> None:
    assert flat_fault("audit", form) is None
