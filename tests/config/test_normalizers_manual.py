"""docs/normalizers.md is true, and whole."""

import doctest
import re
from pathlib import Path

import pytest
from normalizing import write

from stitcher.config import normalizer
from stitcher.config._conversions import NAMES, Time
from stitcher.config._mapping import Mapped
from stitcher.config._parsing import METHOD_MODELS
from stitcher.config.examples import run_examples
from stitcher.config.normalizer import Example, Extra, Normalizer, Rule
from stitcher.config.trees import load
from stitcher.core import times
from stitcher.parsers.method import METHODS, module_of

MANUAL = Path(__file__).resolve().parents[2] / "docs/normalizers.md"


@pytest.fixture(scope="module")
def manual() -> str:
    return MANUAL.read_text(encoding="utf-8")


def test_every_example_of_the_manual_runs(manual: str, tmp_path: Path) -> None:
    found = [text for text in re.findall(r"^```yaml\n(.*?)^```$", manual, re.DOTALL | re.MULTILINE) if "kind:" in text]
    assert found
    for text in found:
        read, tree = load(write(tmp_path, text))
        assert isinstance(read.model, Normalizer)
        assert read.model.examples
        assert run_examples(read, tree) == []


def test_the_session_of_the_manual_runs(manual: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, example = (
        re.findall(rf"^```{kind}\n(.*?)^```$", manual, re.DOTALL | re.MULTILINE)[0] for kind in ("pycon", "yaml")
    )
    write(tmp_path, example)
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(session, {}, "normalizers.md", None, None)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_the_example_of_the_model_runs(tmp_path: Path) -> None:
    example = re.search(r"^    kind:.*?\n\n", normalizer.__doc__ or "", re.DOTALL | re.MULTILINE)
    assert example
    assert run_examples(*load(write(tmp_path, re.sub("^    ", "", example[0], flags=re.MULTILINE)))) == []


@pytest.mark.parametrize("model", [Normalizer, Rule, Extra, Example, Mapped, Time, *METHOD_MODELS.values()])
def test_every_key_is_in_the_manual(model: type[Rule], manual: str) -> None:
    for name, field in model.model_fields.items():
        assert field.description
        assert f"`{field.alias or name}`" in manual or f"`{field.alias or name}:" in manual, name


@pytest.mark.parametrize("name", [*METHODS, *NAMES, *times.NAMES])
def test_every_method_conversion_and_form_of_time_is_in_the_manual(name: str, manual: str) -> None:
    assert re.search(rf"^\| .*`{name}(?:`|:)", manual, re.MULTILINE)


@pytest.mark.parametrize("name", METHODS)
def test_every_field_of_a_method_is_in_the_manual(name: str, manual: str) -> None:
    module = module_of(name)
    for source in (
        module.names(module.Options()) if name in ("audit", "cef", "syslog") and hasattr(module, "names") else ()
    ):
        assert f"`{source}`" in manual or f"`{source}." in manual, source
