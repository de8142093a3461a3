"""The arrows of the house: who may import whom, which library is used where, and how long a file may be.

cli ─▶ collector ─▶ enrichments ─▶ config ─▶ parsers, core, yamlfile
 │          └──────────┐
 └─▶ runner ─▶ pipeline ─▶ parsers ─▶ resources ─▶ yamlfile
        │           └─▶ schemas, core ┐
        └─▶ connectors, destinations ─▶ address, storage
                    kernel ─▶ tables
                      event, errors        (standard library only; everybody may import them)
"""

import ast
import re
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "stitcher"
#: lines of a file; a reason is needed beyond
LONGEST: Final = 400
#: what is written by hand; the C that Cython makes of it is not
WRITTEN: Final = {".py", ".pyx", ".pxi", ".h"}

#: what a part may import of the others; everybody may import event and errors
ARROWS: Final[dict[str, set[str]]] = {
    "event": set(),
    "errors": set(),
    "tables": set(),
    "kernel": {"tables"},
    "core": {"kernel"},
    "quoting": set(),
    "summary": {"kernel", "tables", "resources", "yamlfile", "quoting"},
    "schemas": {"kernel", "tables", "summary", "resources", "quoting"},
    "text": {"quoting", "summary"},
    "address": set(),
    "yamlfile": set(),
    "resources": {"yamlfile"},
    "config": {"core", "parsers", "yamlfile", "resources", "quoting"},
    "parsers": {"kernel", "resources", "core"},
    "pipeline": {"kernel", "core", "parsers", "summary", "schemas", "resources", "quoting", "text"},
    "enrichments": {"config"},
    "collector": {
        "config", "core", "enrichments", "connectors", "destinations", "pipeline", "resources", "schemas", "summary",
        "address", "yamlfile",
    },
    "connectors": {"address"},
    "storage": set(),
    "destinations": {"address", "storage"},
    "explain": {"kernel", "core", "tables", "text", "quoting", "pipeline"},
    "runner": {"pipeline", "connectors", "destinations", "core", "quoting", "text", "address"},
    "cli": {
        "runner", "connectors", "destinations", "core", "explain", "parsers", "kernel", "text", "address", "resources",
        "pipeline", "storage", "collector", "config", "__init__",
    },
    "__init__": {"pipeline", "connectors"},
    "__main__": {"cli"},
}  # fmt: skip

#: libraries that belong to some parts alone: a stage folder is a part, a file is named with its path
FENCES: Final[dict[str, set[str]]] = {
    "click": {"cli"},
    "rich": {"cli"},
    "yaml": {"yamlfile"},
    "pydantic": {"config", "collector", "enrichments"},
    "pydantic_core": {"config"},
    "re2": {"core/regexps"},
    "dateutil": {"core/times"},
    "asyncio": {"connectors", "runner"},
    "ssl": {"connectors", "destinations"},
    "socket": {"connectors", "destinations", "runner/loopback", "kernel/_sockaddr"},
    "select": {"connectors", "destinations", "runner"},
    "zstandard": {"connectors"},
    "orjson": {
        "kernel",
        "parsers",
        "schemas",
        "pipeline",
        "runner",
        "cli",
        "destinations",
        "storage/rows",
        "explain/_difference",
        "__init__",
    },
    "sqlite3": {"storage/reader", "storage/writer"},
    "time": {"connectors", "destinations", "runner", "cli"},
    "logging": set(),
    "threading": set(),
    "multiprocessing": set(),
    "subprocess": set(),
    "random": set(),
    "pickle": set(),
}
#: what the parts without input and output may not touch, though it is in the standard library
OUTSIDE_WORLD: Final = {"os", "io", "time", "socket", "logging", "asyncio", "select", "threading", "subprocess", "sys"}
SANS_IO: Final = (
    "core", "kernel", "parsers", "quoting", "schemas", "summary", "text", "pipeline", "event", "errors", "tables",
    "explain",
)  # fmt: skip
#: kernel/__init__ reads STITCHER_KERNEL; kernel/_sockaddr prints addresses
ALLOWED: Final = {("kernel/__init__", "os"), ("kernel/_sockaddr", "socket")}


class Import(NamedTuple):
    """One import: the file without .py, the module, the names taken from it, and the line."""

    file: str
    module: str
    names: tuple[str, ...]
    line: int


@cache
def files() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def imports() -> tuple[Import, ...]:
    found: list[Import] = []
    for path in files():
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [Import(name, alias.name, (), node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}:{node.lineno}: imports are absolute"
                found.append(Import(name, node.module or "", tuple(alias.name for alias in node.names), node.lineno))
    return tuple(found)


def part(file: str) -> str:
    return file.split("/")[0]


def targets(one: Import) -> set[str]:
    """The parts of the house that an import names."""
    if one.module == "stitcher":
        inside = {name for name in one.names if (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()}
        return inside or {"__init__"}
    return {one.module.split(".")[1]} if one.module.startswith("stitcher.") else set()


def test_every_part_of_the_house_has_its_arrows() -> None:
    parts = {part(path.relative_to(PACKAGE).with_suffix("").as_posix()) for path in files()}
    assert parts == ARROWS.keys(), "a new part needs a line in ARROWS"


def test_imports_go_down_only() -> None:
    wrong = [
        f"{one.file}:{one.line} imports {target}"
        for one in imports()
        for target in targets(one)
        if target not in ARROWS[part(one.file)] | {part(one.file), "event", "errors"}
    ]
    assert wrong == []


def test_the_arrows_make_no_circle() -> None:
    assert list(TopologicalSorter(ARROWS).static_order())


def test_modules_make_no_circle() -> None:
    """Also inside a part; what is imported inside a function is fetched late on purpose and may point back."""
    graph: dict[str, set[str]] = {}
    known = {module_of(path): path for path in files()}
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {target for node in tree.body for target in top_level(node, known)}
        graph[name] = used - {name}
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) >= known.keys()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def top_level(node: ast.stmt, known: dict[str, Path]) -> set[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        names = {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
        return names or {node.module} & known.keys()
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} & known.keys()
    return set()


@pytest.mark.parametrize("library", sorted(FENCES))
def test_a_library_stays_in_its_rooms(library: str) -> None:
    wrong = [
        f"{one.file}:{one.line}"
        for one in imports()
        if one.module.split(".")[0] == library and not {part(one.file), one.file} & FENCES[library]
    ]
    assert wrong == []


def test_the_core_takes_nothing_but_the_standard_library() -> None:
    foreign = {
        f"{one.file}:{one.line} {one.module}"
        for one in imports()
        if part(one.file) in ("core", "event", "errors", "tables", "quoting", "text", "address")
        and one.module.split(".")[0] not in sys.stdlib_module_names | {"stitcher"}
        and one.file not in FENCES.get(one.module.split(".")[0], ())  # re2, which need not be there; dateutil
    }
    assert foreign == set()


def test_the_kernel_takes_nothing_but_orjson_besides() -> None:
    foreign = {one.module.split(".")[0] for one in imports() if part(one.file) == "kernel"}
    assert foreign - sys.stdlib_module_names == {"stitcher", "orjson"}


@pytest.mark.parametrize("room", SANS_IO)
def test_what_is_pure_touches_no_clock_file_or_socket(room: str) -> None:
    wrong = [
        f"{one.file}:{one.line} imports {one.module}"
        for one in imports()
        if part(one.file) == room
        and one.module.split(".")[0] in OUTSIDE_WORLD
        and (one.file, one.module) not in ALLOWED
    ]
    assert wrong == []


@pytest.mark.parametrize("room", SANS_IO)
def test_what_is_pure_prints_and_opens_nothing(room: str) -> None:
    for path in files():
        if part(path.relative_to(PACKAGE).with_suffix("").as_posix()) != room:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("print", "open", "input", "exec", "eval", "exit"), f"{path}:{node.lineno}"
            assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), f"{path}: {room} awaits nothing"


def test_no_file_is_too_long() -> None:
    """Generated tables are as long as they are."""
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for folder in ("stitcher", "tests", "tools", "bench")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in WRITTEN and "tables/_" not in path.as_posix()
        if (count := path.read_bytes().count(b"\n")) > LONGEST
    ]
    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_is_left_to_be_done() -> None:
    """A mark of unfinished work names its issue, as in `TODO(#12)`."""
    mark = re.compile(r"\b(?:TODO|FIXME|HACK|XXX)\b(?!\(#\d+\))")
    left = [
        f"{path.relative_to(ROOT)}:{at}"
        for folder, pattern in (
            ("stitcher", "*.p[yx]*"),
            ("tests", "*.py"),
            ("tools", "*.py"),
            ("bench", "*.py"),
            ("docs", "*.md"),
        )
        for path in (ROOT / folder).rglob(pattern)
        if path.name != "test_house.py" and path.suffix != ".pyc"
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert left == []
