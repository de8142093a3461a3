"""What must hold of `stitcher list`, `show` and `schema`."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from recipes import AUDIT, pipeline
from shell import PATIENCE, command, stitcher

from stitcher.collector.model import Connector, Destination, Filter, Pipeline

ROOT = Path(__file__).resolve().parent.parent.parent


def listed(*arguments: str | Path) -> list[dict[str, Any]]:
    run = stitcher("list", "--json", *arguments)
    assert (run.stderr, run.returncode) == (b"", 0)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_list_tells_what_came_with_stitcher() -> None:
    found = {(one["kind"], one["id"]): one for one in listed()}
    files = sorted(path.name for path in (ROOT / "rules").glob("pipeline-*.yaml"))
    assert sorted(one["file"] for (kind, _), one in found.items() if kind == "pipeline") == [
        f"shipped {name}" for name in files
    ]
    assert found["normalizer", "audit"]["hides"] == []
    assert all(one["description"] for one in found.values())


def test_list_of_one_kind_is_for_people_as_well() -> None:
    run = stitcher("list", "pipeline")
    assert b"pipeline     audit                shipped pipeline-audit.yaml\n" in run.stdout
    assert b"normalizer" not in run.stdout.replace(b"normalizers", b"")


def test_list_shows_what_a_folder_of_ones_own_hides(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    own = pipeline(tmp_path / "rules", head=AUDIT.replace("id: own", "id: audit"))
    (one,) = [one for one in listed("pipeline", "--resources", tmp_path) if one["id"] == "audit"]
    assert (one["file"], one["hides"]) == (str(own), ["shipped pipeline-audit.yaml"])
    run = subprocess.run(
        command("list", "pipeline"), capture_output=True, timeout=PATIENCE, check=False,
        env=os.environ | {"STITCHER_RESOURCES": str(tmp_path)},
    )  # fmt: skip
    assert f"{own}  (hides shipped pipeline-audit.yaml)" in run.stdout.decode()


def test_of_two_folders_the_first_counts(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        pipeline(tmp_path / name)
    (one,) = [
        one
        for one in listed("pipeline", "--resources", tmp_path / "first", "--resources", tmp_path / "second")
        if one["id"] == "own"
    ]
    assert one["file"] == str(tmp_path / "first" / "own.yaml")
    assert one["hides"] == [str(tmp_path / "second" / "own.yaml")]


def test_a_folder_that_is_not_there_is_said() -> None:
    run = subprocess.run(
        command("list"), capture_output=True, timeout=PATIENCE, check=False,
        env=os.environ | {"STITCHER_RESOURCES": "/no/such"},
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr == b"stitcher: $STITCHER_RESOURCES: no such folder '/no/such'; make it, or leave it out\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "pipelines"), "no kind of resource 'pipelines'; did you mean 'pipeline'? known: aggregation, "),
        (("show", "pipelin", "audit"), "no kind of resource 'pipelin'; did you mean 'pipeline'?"),
        (("show", "pipeline", "audti"), "no pipeline 'audti'; did you mean 'audit'? known: audit, audit-decode, "),
        (("schema", "pipline"), "no kind 'pipline'; did you mean 'pipeline'? known: aggregation, normalizer, pipeline"),
    ],
)
def test_a_word_that_is_none_gets_a_suggestion(arguments: tuple[str, ...], said: str) -> None:
    run = stitcher(*arguments)
    assert run.returncode == 2
    assert run.stderr.decode().startswith(f"stitcher: {said}")


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [
        ("pipeline", "audit", "rules/pipeline-audit.yaml"),
        ("aggregation", "audit", "rules/audit.yaml"),
        ("normalizer", "postfix", "normalizers/postfix.yaml"),
    ],
)
def test_show_prints_the_file_comments_and_all(kind: str, name: str, file: str) -> None:
    assert stitcher("show", kind, name).stdout == (ROOT / file).read_bytes()


def test_what_show_prints_runs(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(stitcher("show", "pipeline", "audit").stdout)
    assert stitcher("check", path).returncode == 0
    line = b"type=USER_LOGIN msg=audit(1700000000.004:7): pid=1\n"
    assert stitcher("run", path, stdin=line).stdout == stitcher("filter", stdin=line).stdout


def schema(*kind: str) -> dict[str, Any]:
    run = stitcher("schema", *kind)
    assert (run.stderr, run.returncode) == (b"", 0)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def references(tree: Any) -> set[str]:
    """Every "$ref" in it."""
    if isinstance(tree, dict):
        own = {tree["$ref"]} if isinstance(tree.get("$ref"), str) else set()
        return own.union(*map(references, tree.values()))
    return set().union(*map(references, tree)) if isinstance(tree, list) else set()


@pytest.mark.parametrize("kind", [(), ("pipeline",), ("normalizer",), ("aggregation",)])
def test_schema_is_json_schema_whose_references_lead_somewhere(kind: tuple[str, ...]) -> None:
    found = schema(*kind)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    named = {f"#/$defs/{name}" for name in found["$defs"]}
    assert references(found) <= named
    for part in (found, *found["$defs"].values()):
        if part.get("type") == "object" and "properties" in part:
            assert part["additionalProperties"] is False
            assert set(part.get("required", ())) <= part["properties"].keys()


@pytest.mark.parametrize(
    ("name", "model"),
    [("", Pipeline), ("Connector", Connector), ("Filter", Filter), ("Destination", Destination)],
)
def test_schema_names_and_describes_every_key_of_a_pipeline(name: str, model: Any) -> None:
    found = schema("pipeline")
    part = found["$defs"][name] if name else found
    assert list(part["properties"]) == [one.alias or key for key, one in model.model_fields.items()]
    assert all(one.get("description") for one in part["properties"].values())


def test_schema_of_all_tells_kinds_apart_by_kind() -> None:
    found = schema()
    assert sorted(found["discriminator"]["mapping"]) == ["aggregation", "normalizer", "pipeline"]
    assert references(found["oneOf"]) == set(found["discriminator"]["mapping"].values())
