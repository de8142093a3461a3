"""What an install needs is where it should be; wheels themselves are built and tried by .ci/run."""

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import stitcher
from stitcher.resources import shipped

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["version"]
    said = subprocess.run(
        [sys.executable, "-m", "stitcher", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert stitcher.__version__ == version
    assert version in said.stdout
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_package_says_that_it_is_typed() -> None:
    assert (files("stitcher") / "py.typed").is_file()


@pytest.mark.parametrize("kind", ["normalizers", "rules"])
def test_shipped_resources_are_found_and_are_those_of_the_checkout(kind: str) -> None:
    found = {item.name for item in shipped(kind).iterdir() if item.name.endswith(".yaml")}
    assert found == {path.name for path in (ROOT / kind).glob("*.yaml")}
    assert found


def test_every_package_that_is_imported_is_asked_for() -> None:
    modules = {"pyyaml": "yaml", "python-dateutil": "dateutil", "google-re2": "re2"}
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["re2"]
    asked = {re.split(r"[^A-Za-z0-9_-]", name)[0].lower() for name in wanted}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "stitcher").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) ([a-z_0-9]+)", text, re.MULTILINE))
    assert imported - sys.stdlib_module_names - {"stitcher", "pydantic_core"} <= {
        modules.get(name, name) for name in asked
    }


def test_the_command_is_there() -> None:
    assert PROJECT["scripts"] == {"stitcher": "stitcher.cli:main"}
