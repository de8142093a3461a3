"""`stitcher check`: files of resources in, every fault of them out."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import click

from stitcher.cli.talk import say
from stitcher.errors import ConfigError

_ENDINGS: Final = (".yaml", ".yml")
#: kinds that have another name in a sentence, and what does not end in s when there are many
_CALLED: Final = {
    "aggregation": "aggregation rule",
    "fields": "table of fields",
    "summary": "file of summary rules",
    "laurel": "table of laurel's fields",
    "wrapper": "table of wrappers",
    "format": "table of a format",
}
_MANY: Final = {
    "table of fields": "tables of fields",
    "file of summary rules": "files of summary rules",
    "table of laurel's fields": "tables of laurel's fields",
    "table of wrappers": "tables of wrappers",
    "table of a format": "tables of formats",
}


@click.command(short_help="Find every fault of pipelines, normalizers and rules, and run their examples.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
def check(paths: tuple[str, ...]) -> int:
    """Find every fault of pipelines, normalizers, rules and schemas, and run their examples.

    PATH is a YAML file, or a folder of such; without one, what came with stitcher is checked.  Each fault is one line,
    FILE:LINE: PLACE: what was found, what is right.  The exit code is 2 where there is one.

    \b
    Example:
      stitcher check pipeline.yaml
      stitcher check rules/ normalizers/
    """
    from stitcher.collector import check as checked

    files = [file for path in paths for file in _files(path)] if paths else _shipped()
    found = checked(files)
    for fault in found.faults:
        click.echo(fault)
    kinds = [entry.kind for entry in found.entries]
    counted = ", ".join(_number(kinds.count(kind), _CALLED.get(kind, kind)) for kind in sorted(set(kinds)))
    told = f"{_number(len(found.faults), 'fault') if found.faults else 'no fault'} in {_number(len(files), 'file')}"
    say("; ".join(filter(None, (told, counted, f"{_number(found.examples, 'example')} run"))))
    return 2 if found.faults else 0


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {_MANY.get(noun, noun + 's')}"


def _files(text: str) -> list[Path | Traversable]:
    path = Path(text)
    if path.is_dir():
        found: list[Path | Traversable] = [*sorted(one for one in path.rglob("*") if one.suffix in _ENDINGS)]
        if not found:
            raise ConfigError(f"{text}: no file of YAML in this folder; resources end in .yaml or .yml")
        return found
    if not path.is_file():
        raise ConfigError(f"{text}: no such file; name files or folders of YAML, or none for what was shipped")
    return [path]


def _shipped() -> list[Path | Traversable]:
    from stitcher.collector import FOLDERS
    from stitcher.resources import shipped

    return [
        one
        for folder in FOLDERS
        for one in sorted(shipped(folder).iterdir(), key=lambda one: one.name)
        if one.name.endswith(".yaml")
    ]
