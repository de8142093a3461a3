"""What every parse method keeps: its manual page is true, no text makes it raise or wait, reasons are few."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher import yamlfile
from stitcher.parsers.method import METHODS, Parser, module_of

NAMES = sorted(METHODS)
PIECES = [
    "<13>", "Nov 21 10:00:01 ", "1 2026-11-21T10:00:01Z ", "h ", "tag[1]: ", "- ", '[a b="', "CEF:0|",
    "CEF:0|V|P|1|id|n|5|", "type=CWD msg=audit(1.000:1): ", "key=", '{"a":', "null", "1",
    "<a>", "</a>", "<a b='", "/>", "<!DOCTYPE a>", "&x;",
    "|", "\\", "=", " ", '"', "'", "{", "}", "[", "]", ":", ",", "\ufeff", "\0", "\n", "\ud800", "ä", "\U0001f600",
]  # fmt: skip
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "csv": [{}, {"quote": "", "delimiter": "\t", "columns": ("a",)}],
    "json": [{"duplicates": way} for way in ("last", "first", "list", "refuse")],
    "kv": [{}, {"quotes": "\"'"}, {"pair_separator": ", ", "value_separator": ": ", "quotes": "'", "escape": False}],
    "regexp": [{"patterns": (r"(?P<a>[^ ]*) (?P<b>.*)", r"^(?P<word>\w+)=")}],
    "xml": [{}, {"named": {"a": "b"}}],
}


def manual(name: str, folder: Path) -> dict[str, Any]:
    """The YAML of a method's manual page."""
    found = re.search(r"^    parse:.*\n(?:    .*\n)*", module_of(name).__doc__ or "", re.MULTILINE)
    assert found, f"the docstring of {name} has no example"
    path = folder / "manual.yaml"
    path.write_text(re.sub("^    ", "", found[0], flags=re.MULTILINE), encoding="utf-8")
    page = yamlfile.load(path)
    assert isinstance(page, dict)
    return page


def made(name: str, given: Any) -> Parser:
    """The parser of `parse:` in YAML."""
    module = module_of(name)
    options = {} if isinstance(given, str) else {key: value for key, value in given.items() if key != "type"}
    lists = {key: tuple(value) for key, value in options.items() if isinstance(value, list)}
    return module.make(module.Options(**(options | lists)))  # type: ignore[no-any-return]


PARSERS = [
    pytest.param(name, options, id=f"{name}{at or ''}")
    for name in NAMES
    for at, options in enumerate(OPTIONS.get(name, [{}]))
]


@pytest.mark.parametrize("name", NAMES)
def test_a_manual_page_is_true(name: str, tmp_path: Path) -> None:
    page = manual(name, tmp_path)
    assert (page["parse"] if isinstance(page["parse"], str) else page["parse"]["type"]) == name
    assert made(name, page["parse"])(page["example"]["line"]) == page["example"]["fields"]


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_in_the_manual_page_and_has_a_description(name: str, tmp_path: Path) -> None:
    module = module_of(name)
    for option in module.Options.__dataclass_fields__.values():
        assert option.metadata["description"]
        assert re.search(rf"^{option.name} +\w", module.__doc__ or "", re.MULTILINE), option.name
        assert option.name in manual(name, tmp_path)["parse"]


@pytest.mark.parametrize(("name", "options"), PARSERS)
@given(text=st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_text_makes_a_parser_raise_and_its_reasons_quote_nothing(
    name: str, options: dict[str, Any], text: str
) -> None:
    got = made(name, options)(text)
    if isinstance(got, str):
        assert re.fullmatch(r"[A-Za-z _]{4,60}", got)
    else:
        assert all(isinstance(key, str) for key in got)


HOSTILE = {
    "quotes": 'a="' * 60_000,
    "escaped": 'a="' + '\\"' * 90_000,
    "backslashes": "CEF:0|" + "\\" * 180_000,
    "pipes": "CEF:0|a|b|c|d|e|f|" + "x=" * 90_000,
    "keys": "CEF:0|a|b|c|d|e|f|" + "x=y " * 45_000,
    "words": "w " * 90_000,
    "spaces": "Nov 21 10:00:01" + " " * 180_000,
    "digits": "1" * 180_000,
    "colons": "<13>" + "a:" * 90_000,
    "brackets": "[" * 180_000,
    "objects": '{"a":' * 36_000,
    "keys of one object": '{"a":1,' + '"a":1,' * 30_000 + '"a":1}',
    "elements": "<13>1 - - - - - " + '[a b="c"]' * 20_000,
    "open element": '<13>1 - - - - - [a b="' + 'c" b="' * 30_000,
    "xml": "<a>" * 60_000,
    "xml wide": "<a>" + "<b>c</b>" * 22_000 + "</a>",
    "xml long": "<a>" + ("<" + "b" * 1000 + ">") * 180,
    "xml attributes": "<a " + " ".join(f"a{at}=''" for at in range(15_000)) + "/>",
    "commas": "," * 180_000,
    "audit": "type=CWD msg=audit(1.000:1): " + "a=' " * 45_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(("name", "options"), PARSERS)
def test_time_grows_with_the_length_and_no_faster(name: str, options: dict[str, Any], text: str) -> None:
    """180 KB of the worst take a fraction of a second; what is quadratic takes minutes."""
    parse = made(name, options)
    start = time.perf_counter()
    parse(text)
    assert time.perf_counter() - start < 1.5
