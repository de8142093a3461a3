"""A YAML file in, plain values out, read strictly: the values of a log must not change on the way.

YAML 1.1 makes False of `no`, 493 of `0755` and 45045 of `12:30:45`, and of a key given twice it keeps the last.  Here
true, false, null, decimal numbers are what they look like, all else is text, and a repeated key is refused.
"""

import re
from collections.abc import Hashable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from stitcher.errors import ConfigError

if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    # the same in C, where PyYAML was built with it: 8 times quicker, and the rules of summaries are 1300 lines
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):
    """SafeLoader without its surprises."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the name and shape are PyYAML's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Any, int] = {}
        for key, _ in node.value:
            name, line = self.construct_object(key, deep=True), key.start_mark.line + 1
            if not isinstance(name, str):
                raise _FaultError(line, "a key must be text; put it in quotes")
            if name in lines:
                raise _FaultError(line, f"key '{name}' was given before, in line {lines[name]}; remove one")
            lines[name] = line
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("bool", "true|false", "tf"),
    ("null", "null|~|", ["n", "~", ""]),
    ("int", "-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), list(_first))


class _FaultError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def load(path: Path | Traversable) -> object:
    """The one document of the file; raises ConfigError with `file:line:` for the first fault."""
    try:
        document: object = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader, only stricter
        return document
    except _FaultError as cause:
        raise ConfigError(f"{path}:{cause.line}: {cause}") from cause
    except yaml.MarkedYAMLError as cause:
        line = cause.problem_mark.line + 1 if cause.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {cause.problem or cause.context}") from cause
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as cause:
        raise ConfigError(f"{path}: cannot read it: {cause}") from cause
