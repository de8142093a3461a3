"""What must hold of the library of resources: by kind and id, and the first folder counts."""

from pathlib import Path

import pytest

from stitcher.collector import Library, entries_of, library_of
from stitcher.collector._library import folders_of
from stitcher.config import Faults
from stitcher.errors import ConfigError

RULE = "kind: aggregation\nid: {}\ndescription: '{}'\nname: test\n"


def rule(path: Path, name: str = "own", told: str = "A rule") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(RULE.format(name, told), encoding="utf-8")
    return path


def test_an_entry_is_read_off_the_first_lines_of_a_document(tmp_path: Path) -> None:
    path = rule(tmp_path / "a.yaml", told="It has: a colon")
    (entry,) = entries_of(path)
    assert (entry.kind, entry.id, entry.description, entry.at) == ("aggregation", "own", "It has: a colon", 0)


def test_a_file_may_hold_several_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"# a comment\n---\n{RULE.format('one', 'x')}---\n{RULE.format('two', 'y')}", encoding="utf-8")
    library = Library([tmp_path])
    faults = Faults()
    found = [library.find("aggregation", name, faults) for name in ("one", "two")]
    assert [read.model.id for read in found if read] == ["one", "two"]
    assert faults.found == []


def test_files_count_before_folders_and_those_before_what_was_shipped(tmp_path: Path) -> None:
    first = rule(tmp_path / "file.yaml", "audit")
    second = rule(tmp_path / "folder" / "rules" / "a.yaml", "audit")
    entry = Library([tmp_path / "folder"], [first]).entries["aggregation", "audit"]
    assert entry.path == first
    assert [other.origin for other in entry.shadows] == [str(second), "shipped audit.yaml"]


def test_a_folder_is_looked_through_with_its_normalizers_and_rules(tmp_path: Path) -> None:
    for at, place in enumerate(("", "rules", "normalizers", "elsewhere")):
        rule(tmp_path / place / "a.yaml", f"own{at}")
    assert {one for one in Library([tmp_path]).ids("aggregation") if one.startswith("own")} == {"own0", "own1", "own2"}


def test_what_cannot_be_read_is_no_entry_and_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"kind: aggregation\nid: audit\ndescription: \xff\n")
    assert Library([tmp_path]).entries["aggregation", "audit"].origin == "shipped audit.yaml"


def test_what_has_faults_is_found_once_with_all_of_them(tmp_path: Path) -> None:
    path = rule(tmp_path / "a.yaml")
    path.write_text(path.read_text("utf-8") + "threshold: x\nlifetime: 5\n", encoding="utf-8")
    library, faults = Library([tmp_path]), Faults()
    assert library.find("aggregation", "own", faults) is None
    assert library.find("aggregation", "own", faults) is None
    assert [(one.line, one.where) for one in faults.found] == [(5, "threshold"), (6, "lifetime")]


def test_what_is_nowhere_is_none_without_a_fault() -> None:
    faults = Faults()
    assert Library([]).find("aggregation", "nowhere", faults) is None
    assert faults.found == []


def test_the_environment_names_more_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert folders_of([two], {"STITCHER_RESOURCES": f"{one}::"}) == [two, one]
    with pytest.raises(ConfigError, match=r"^\$STITCHER_RESOURCES: no such folder '/no/such'"):
        folders_of([], {"STITCHER_RESOURCES": f"{one}:/no/such"})


def test_a_pipeline_is_a_file_or_an_id(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("kind: pipeline\nid: own\ndescription: x\nnormalizer: audit\n", encoding="utf-8")
    assert library_of(str(path))[1] == "own"
    assert library_of("audit")[1] == "audit"
    for name, said in ((str(tmp_path / "no.yaml"), "no such file"), (str(tmp_path), "is a folder")):
        with pytest.raises(ConfigError, match=said):
            library_of(name)
