"""The documentation says what is: commands, options, limits, counters, links, and every example is run."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from stitcher import errors
from stitcher.cli import cli
from stitcher.destinations import KINDS
from stitcher.event import CLOSED_BY, COUNTERS, NATIVE_KEYS, Envelope, Limits
from stitcher.kernel import _bounds
from stitcher.kernel._paths import SECTIONS
from stitcher.pipeline import Stitcher
from stitcher.storage.schema import COLUMNS, Column
from stitcher.storage.writer import Writer

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
#: in the output of an example this stands for anything, whole lines too
ELISION = "…"
#: options that click gives to every command
COMMON = {"--help"}


class Block(NamedTuple):
    """One fenced block of a page: where it begins, its language and its text."""

    name: str
    language: str
    text: str


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(*languages: str) -> list[Any]:
    """The blocks of all pages in these languages, as parameters of a test."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[1] in languages:
                name = f"{path.name}:{text.count(chr(10), 0, match.start()) + 1}"
                found.append(pytest.param(Block(name, match[1], match[2]), id=name))
    return found


def commands() -> list[Any]:
    """Every command, as parameters of a test."""
    context = click.Context(cli)
    found = [(name, cli.get_command(context, name)) for name in cli.list_commands(context)]
    return [pytest.param(f"stitcher {name}", command, id=name) for name, command in found]


COMMANDS = commands()


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    _, found, rest = text.partition(f"\n## {title}\n")
    assert found, f"no heading '## {title}'"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    told = section(page("docs/command-line.md"), name)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            for option in {*parameter.opts, *parameter.secondary_opts} - COMMON:
                assert f"`{option}" in told, f"{name} {option} is not in docs/command-line.md"
            assert parameter.help, f"{name} {parameter.opts} has no help"


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_no_option_is_documented_that_does_not_exist(name: str, command: click.Command) -> None:
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | COMMON
    told = re.findall(r"^\| `(--[a-z-]+)", section(page("docs/command-line.md"), name), re.MULTILINE)
    assert set(told) <= known


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_destination_is_documented_with_its_options(kind: str) -> None:
    told = section(page("docs/command-line.md"), "Where events go")
    assert f"\n| `{KINDS[kind]}` |" in told
    manual = (ROOT / f"stitcher/destinations/{kind}.py").read_text(encoding="utf-8")
    for option in re.findall(r"^    ([a-z_]+)=", manual.partition('"""\n\n')[0], re.MULTILINE):
        assert f"\n| | `{option}=" in told, f"{kind} {option}"


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_of_the_storage_is_documented(column: Column) -> None:
    assert f"\n| `{column.name}` | {column.holds} |" in section(page("docs/storage.md"), "The tables")


def test_every_example_of_sql_runs(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "events.db", "examples")
    writer.open()
    writer.add(events_of((ROOT / "samples/debian12-6.1-exec.log").read_text(encoding="utf-8")).encode())
    writer.close()
    with closing(sqlite3.connect(tmp_path / "events.db", isolation_level=None)) as database:
        for text in fenced("docs/storage.md", "sql"):
            # what is on the machine may be older than 3.38
            database.executescript(text.replace("unixepoch(", "strftime('%s', "))


@pytest.mark.parametrize("field", Limits._fields)
def test_every_limit_is_documented_with_its_default(field: str) -> None:
    assert f"\n| `{field}` | {Limits._field_defaults[field]} |" in page("docs/joining.md")


@pytest.mark.parametrize("bound", [name for name in dir(_bounds) if name.isupper()])
def test_every_fixed_bound_is_documented_with_its_value(bound: str) -> None:
    told = f"\n| `{bound}` | {getattr(_bounds, bound)} |"
    assert told in page("docs/joining.md") + page("docs/decoding.md")


@pytest.mark.parametrize("name", [name for name in dir(errors) if name.endswith("Error")])
def test_every_exception_is_documented(name: str) -> None:
    assert f"`{name}`" in section(page("docs/library.md"), "Exceptions")


@pytest.mark.parametrize("counter", [*COUNTERS, "dropped", "overlong", "unfit"])
def test_every_counter_is_documented(counter: str) -> None:
    assert re.search(rf"^\| .*`{counter}`.* \|", section(page("docs/joining.md"), "Counters"), re.MULTILINE)


@pytest.mark.parametrize("reason", [reason for reason in CLOSED_BY if reason])
def test_every_reason_of_closing_is_documented(reason: str) -> None:
    assert f"\n| `{reason}` |" in section(page("docs/joining.md"), "How an event closes")


@pytest.mark.parametrize("key", sorted({*NATIVE_KEYS, *SECTIONS - {"value"}, *Envelope._fields}))
def test_every_key_of_an_event_is_documented(key: str) -> None:
    assert f"`{key}`" in page("docs/event.md")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are commonly made."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if not link.startswith(("http://", "https://")):
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    for path in PAGES[2:]:
        assert f"(docs/{path.name})" in page("README.md")


def parts_of_the_package() -> set[str]:
    """What lies in stitcher/: files with their ending, folders with a slash."""
    found = [path for path in (ROOT / "stitcher").iterdir() if path.name != "__pycache__"]
    return {f"{path.name}/" for path in found if path.is_dir()} | {path.name for path in found if path.suffix == ".py"}


def test_the_tree_of_the_readme_is_that_of_the_checkout() -> None:
    (tree,) = fenced("README.md", "tree")
    told = [(line.startswith(("├", "└")), line.split()) for line in tree.splitlines()]
    assert {words[1] for inside, words in told if inside} == parts_of_the_package()
    for inside, words in told:
        assert inside or (ROOT / words[0]).is_dir(), words[0]


def test_the_map_of_the_house_names_every_part_of_the_package() -> None:
    told = re.findall(r"`(?:stitcher/)?([a-z_]+(?:\.py|/))`", section(page("docs/house.md"), "Rooms"))
    assert parts_of_the_package() <= set(told)
    for name in re.findall(r"`(stitcher/[a-z_/]+(?:\.py)?)`", page("docs/house.md") + page("docs/kernel.md")):
        assert (ROOT / name).exists(), name


def test_the_commands_of_the_readme_are_those_that_ci_runs() -> None:
    told = [line for block in FENCE.findall(section(page("README.md"), "Install")) for line in block[1].splitlines()]
    ran = page(".ci/run")
    one_liners = [line for line in told if line.startswith("python3 -m venv")]
    assert len(one_liners) == 2
    for line in one_liners:
        assert line in ran


def pattern(expected: str) -> str:
    """A regular expression of an example's output: `…` is anything."""
    return ".*?".join(re.escape(part) for part in expected.strip().split(ELISION))


def examples(text: str) -> list[tuple[str, str]]:
    """(command, output) of a console block; a line that ends in a backslash goes on."""
    found = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    cut = [re.match(r"((?:.*\\\n)*.*)\n?((?:.|\n)*)", part) for part in found]
    return [(match[1], match[2]) for match in cut if match]


@pytest.mark.parametrize("block", blocks("console"))
def test_what_a_terminal_session_shows_is_what_comes_out(block: Block) -> None:
    shell = 'stitcher() { "$PYTHON" -m stitcher "$@"; }\n'
    own = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "LC_ALL": "C.UTF-8"}
    for command, expected in examples(block.text):
        done = subprocess.run(
            ["bash", "-c", shell + command], cwd=ROOT, env=own, capture_output=True, text=True, timeout=60
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert re.fullmatch(pattern(expected), said.strip(), re.DOTALL), f"$ {command}\n{said}"


@pytest.mark.parametrize("block", blocks("python"))
def test_every_python_example_runs(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block.text, block.name, "exec"), {"__name__": "example"})


@pytest.mark.parametrize("block", blocks("json"))
def test_every_json_example_is_json(block: Block) -> None:
    json.loads(block.text)


def fenced(name: str, language: str) -> list[str]:
    """The texts of the blocks of one page in one language."""
    return [match[2] for match in FENCE.finditer(page(name)) if match[1] == language]


def events_of(lines: str) -> str:
    stitcher = Stitcher()
    return (stitcher.feed(lines.encode()) + stitcher.close()).decode()


def test_every_form_of_a_line_that_is_shown_is_understood() -> None:
    for line in "".join(fenced("docs/lines.md", "log")).splitlines():
        event = json.loads(events_of(line))
        assert event["id"] in ("1700000000.004:1001", "1700000000.005:1002"), line
        assert event["records"][0]["type"] in ("CWD", "BPF", "DAEMON_CONFIG"), line


def test_the_event_of_the_readme_is_what_comes_of_its_records() -> None:
    """The event is broken over lines, and shortened at each elision; nothing else is changed."""
    (before,), (after,) = fenced("README.md", "log"), fenced("README.md", "event")
    joined = "".join(line.strip() for line in after.splitlines())
    assert re.fullmatch(pattern(joined), events_of(before).strip())
    samples = {
        line for path in (ROOT / "samples").glob("*.log*") for line in path.read_text("utf-8", "replace").splitlines()
    }
    assert set(before.splitlines()) <= samples
