"""What CEF, pairs, columns, JSON, XML and patterns are read as, case by case."""

import re
from typing import Any

import pytest

from stitcher.parsers import cef, csv, json_object, kv, regexp, xml

HEAD = {
    "CEFVersion": "0", "DeviceVendor": "V", "DeviceProduct": "P", "DeviceVersion": "1",
    "DeviceEventClassID": "id", "Name": "n", "Severity": "5",
}  # fmt: skip

CEF: dict[str, Any] = {
    "CEF:0|V|P|1|id|n|5|": HEAD,
    "CEF:0|V|P|1|id|n|5": HEAD,
    "CEF:1|V|P|1|id|n|5|a=b": {**HEAD, "CEFVersion": "1", "a": "b"},
    r"CEF:0|V\|x\\|P|1|id|n=1|5|a=b": {**HEAD, "DeviceVendor": "V|x\\", "Name": "n=1", "a": "b"},
    "CEF:0|V|P|1|id|n|5|msg=two words  act=drop ": {**HEAD, "msg": "two words", "act": "drop"},
    r"CEF:0|V|P|1|id|n|5|msg=a\=b c\\d\ne|f act=x": {**HEAD, "msg": "a=b c\\d\ne|f", "act": "x"},
    "CEF:0|V|P|1|id|n|5|request=http://x/?q=1&r=2 act=x": {**HEAD, "request": "http://x/?q=1&r=2", "act": "x"},
    "CEF:0|V|P|1|id|n|5|a=1 a=2": {**HEAD, "a": ["1", "2"]},
    "CEF:0|V|P|1|id|n|5|Severity=0 ad.field[0]=x": {**HEAD, "extension": {"Severity": "0"}, "ad.field[0]": "x"},
    "CEF:0|V|P|1|id|n|5|a= b=2": {**HEAD, "a": "", "b": "2"},
    "CEF:0|V|P|1|id|n|5|what is this a=b": {**HEAD, "words": "what is this", "a": "b"},
    "CEF:0||P|1|id|n|5|": {key: value for key, value in HEAD.items() if key != "DeviceVendor"},
    "<13>Nov 21 10:00:01 h CEF:0|V|P|1|id|n|5|a=b": {
        "syslog": {
            "priority": 13, "facility": 1, "severity": 5, "facility_name": "user", "severity_name": "notice",
            "time": "Nov 21 10:00:01", "host": "h",
        },
        **HEAD, "a": "b",
    },
    "Nov 21 10:00:01 CEF:0|V|P|1|id|n|5|": {"syslog": {"time": "Nov 21 10:00:01"}, **HEAD},
    "Nov 21 10:00:01 h app: CEF: 0|V|P|1|id|n|5|": {
        "syslog": {"time": "Nov 21 10:00:01", "host": "h", "program": "app"}, **HEAD,
    },
    "CEF:2|V|P|1|id|n|5|": "no CEF header",
    "CEF:0|V|P|1|id|n": "no CEF header",
    "Nov 21 10:00:01 h app: I said CEF:0|V|P|1|id|n|5|": "no CEF header",
    "": "no CEF header",
}  # fmt: skip


@pytest.mark.parametrize("line", CEF, ids=range(len(CEF)))
def test_cef_is_read(line: str) -> None:
    assert cef.parse(line) == CEF[line]


KV: list[tuple[dict[str, Any], str, Any]] = [
    ({}, "a=1 b=two", {"a": "1", "b": "two"}),
    ({}, '  a="two words"   b=""  c= ', {"a": "two words", "b": "", "c": ""}),
    ({}, r'a="say \"hi\" \\" b=1', {"a": 'say "hi" \\', "b": "1"}),
    ({}, 'a="open b=1', {"a": '"open', "b": "1"}),
    ({}, 'a="x"y b=1', {"a": '"x"y', "b": "1"}),
    ({}, "a=b=c", {"a": "b=c"}),
    ({}, "a=1 a=2 a=3", {"a": ["1", "2", "3"]}),
    ({}, "DROP a=1 now =x", {"a": "1", "words": "DROP now =x"}),
    ({}, "words=1 more", {"words": ["1", "more"]}),
    ({}, "k" * 300 + "=1 a=2", {"words": "k" * 300 + "=1", "a": "2"}),
    ({}, "nothing here", "no pairs"),
    ({}, "", "no pairs"),
    ({"quotes": "\"'"}, """a='it "is"' b="it's" """, {"a": 'it "is"', "b": "it's"}),
    ({"quotes": ""}, 'a="x y"', {"a": '"x', "words": 'y"'}),
    ({"escape": False}, r'a="c:\dir\" b=1', {"a": "c:\\dir\\", "b": "1"}),
    (
        {"pair_separator": ";", "value_separator": ":"},
        "a: 1 ; b:two words;;c : 'x'",
        {"a": "1", "b": "two words", "c": "'x'"},
    ),
    ({"pair_separator": ";"}, 'a = "x;y" ;b=1', {"a": "x;y", "b": "1"}),
    ({"pair_separator": ", ", "value_separator": ": "}, "a: 1, b: x:y,z", {"a": "1", "b": "x:y,z"}),
    ({"pair_separator": "\t"}, "a=x y\tb=1", {"a": "x y", "b": "1"}),
]


@pytest.mark.parametrize(("options", "line", "fields"), KV, ids=range(len(KV)))
def test_pairs_are_read(options: dict[str, Any], line: str, fields: Any) -> None:
    assert kv.make(kv.Options(**options))(line) == fields


CSV: list[tuple[dict[str, Any], str, Any]] = [
    ({"columns": ("a", "b")}, "1,2", {"a": "1", "b": "2"}),
    ({"columns": ("a", "b")}, "1", {"a": "1"}),
    ({"columns": ("a",)}, "1,2,3", {"a": "1", "column2": "2", "column3": "3"}),
    ({}, '"x,""y""",', {"column1": 'x,"y"', "column2": ""}),
    ({"delimiter": "\t"}, "x y\tz\r\n", {"column1": "x y", "column2": "z"}),
    ({"quote": ""}, '"x,y', {"column1": '"x', "column2": "y"}),
    ({}, '"open', "bad CSV"),
    ({}, '"x"y', "bad CSV"),
    ({}, "", "no columns"),
    ({}, "," * 5000, "too many columns"),
]


@pytest.mark.parametrize(("options", "line", "fields"), CSV, ids=range(len(CSV)))
def test_columns_are_read(options: dict[str, Any], line: str, fields: Any) -> None:
    assert csv.make(csv.Options(**options))(line) == fields


JSON: list[tuple[str, str, Any]] = [
    ("last", '{"a": {"b": [1, {"c": null}]}}', {"a": {"b": [1, {"c": None}]}}),
    ("last", '{"a": 1, "a": 2}', {"a": 2}),
    ("first", '{"a": 1, "a": 2}', {"a": 1}),
    ("list", '{"a": 1, "b": 0, "a": 2}', {"a": [1, 2], "b": 0}),
    ("refuse", '{"a": 1, "a": 2}', "JSON has a key twice"),
    ("refuse", '{"x": {"a": 1, "a": 2}}', "JSON has a key twice"),
    ("refuse", '{"a": 1, "b": 2}', {"a": 1, "b": 2}),
    ("first", '{"a": 123456789012345678901234567890}', {"a": "123456789012345678901234567890"}),
    ("first", '{"a": NaN}', "bad JSON"),
    ("last", '{"a": NaN}', "bad JSON"),
    # half of a pair of surrogates is no text, and a whole one is
    *((way, '{"a": "\\ud83d"}', "bad JSON") for way in ("last", "first", "list", "refuse")),
    *((way, '{"a": "\\ud83d\\ude00"}', {"a": "😀"}) for way in ("last", "first", "list", "refuse")),
    ("last", '@cee: {"a": 1}', {"a": 1}),
    ("last", "[1]", "no JSON object"),
    ("last", '{"a": 1} x', "bad JSON"),
    ("last", '{"a": 1}\r\n', {"a": 1}),
    ("last", '{"a":' * 129 + "1" + "}" * 129, "JSON is nested too deep"),
    ("first", '{"a":' * 129 + "1" + "}" * 129, "JSON is nested too deep"),
    ("last", '{"a": "' + "[{" * 500 + '"}', {"a": "[{" * 500}),
]


@pytest.mark.parametrize(("duplicates", "line", "fields"), JSON, ids=range(len(JSON)))
def test_json_is_read(duplicates: Any, line: str, fields: Any) -> None:
    assert json_object.make(json_object.Options(duplicates))(line) == fields


XML: list[tuple[dict[str, str], str, Any]] = [
    ({}, "<a><b>1</b><b>2</b><c d='3'/></a>", {"a.b": ["1", "2"], "a.c.@d": "3"}),
    ({}, "<a>x<b/>y</a>", {"a": "xy"}),
    ({}, "<a>&lt;&#65;<![CDATA[<b>]]></a>", {"a": "<A<b>"}),
    ({}, "<n:a xmlns:n='u' n:b='1'><n:c>2</n:c></n:a>", {"a.@b": "1", "a.c": "2"}),
    ({}, "<?xml version='1.0' encoding='utf-16'?><a>ä</a>", {"a": "ä"}),
    ({"D": "Name"}, "<a><D Name='x'>1</D><D Name='y'>2</D><D>3</D></a>", {"a.D.x": "1", "a.D.y": "2", "a.D": "3"}),
    ({}, "<a", "bad XML"),
    ({}, "<a></b>", "bad XML"),
    ({}, "<a>&nothing;</a>", "bad XML"),
    ({}, "<a>\ud800</a>", "bad XML"),
    ({}, "text", "no XML"),
    ({}, "<a/>", "no XML"),
    ({}, "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "XML has a document type"),
    ({}, "<!DOCTYPE a SYSTEM 'http://192.0.2.1/'><a>x</a>", "XML has a document type"),
    ({}, "<a>" * 65 + "x" + "</a>" * 65, "XML is nested too deep"),
]


@pytest.mark.parametrize(("named", "line", "fields"), XML, ids=range(len(XML)))
def test_xml_is_read(named: dict[str, str], line: str, fields: Any) -> None:
    assert xml.make(xml.Options(named))(line) == fields


def test_patterns_are_tried_in_their_order_and_absent_groups_are_absent_fields() -> None:
    parse = regexp.make(regexp.Options((r"^(?P<id>[0-9A-F]+): (?:to=(?P<to>\S+)|(?P<rest>.*))", r"(?P<word>w\w*)")))
    assert parse("4F2A: to=anna") == {"id": "4F2A", "to": "anna"}
    assert parse("4F2A: removed") == {"id": "4F2A", "rest": "removed"}
    assert parse("say what") == {"word": "what"}
    assert parse("") == "no pattern fits"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: csv.Options(("a", "a")), "column 'a' is named twice"),
        (lambda: csv.Options(delimiter=", "), "the delimiter is one character"),
        (lambda: csv.Options(quote=","), "the quote is one character, and not the delimiter"),
        (lambda: kv.Options(pair_separator=""), "pair_separator has 1 to 8 characters"),
        (lambda: kv.Options(pair_separator="="), "pairs and values need different separators"),
        (lambda: kv.Options(quotes="="), "a quote is neither part of a separator nor a backslash"),
        (lambda: regexp.Options(()), "1 to 256 patterns are needed"),
        (lambda: regexp.Options(("a(b)",)), "pattern 0 has no named group; write (?P<name>…)"),
    ],
)
def test_options_that_make_no_sense_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
