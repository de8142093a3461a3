"""Normalizers of a few lines, for tests."""

from pathlib import Path
from typing import Any

import pytest

from stitcher.config.trees import load
from stitcher.errors import ConfigError

#: 2026-11-21 10:00:01 UTC
AT = 1795255201000
NOW = AT / 1000


def write(folder: Path, text: str, name: str = "mail.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def small(rest: str, name: str = "small", parse: str = "parse: kv") -> str:
    return f"kind: normalizer\nid: {name}\ndescription: A small one\n{parse}\n{rest}"


def read(folder: Path, text: str, line: str, now: float = NOW) -> Any:
    return load(write(folder, text))[1].read(line, now)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(write(folder, text))
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]
