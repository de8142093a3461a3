"""Every value of every field against auparse, in both directions; what differs on purpose stands in one table.

The reference is libauparse 3.0.9 (Debian 12: libauparse0) through ../shared/oracle/auparse_reference.py.  How values
are brought to one form is in auparse_values, the table in differences.yaml, and for people in docs/auparse.md.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from auparse_inputs import CORPORA, corpora, own
from auparse_run import Outcome, missing, outcomes
from auparse_table import PAGE, Case, never, rendered

needs_auparse = pytest.mark.skipif(bool(missing()), reason=missing())
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason="no ../shared/corpora beside the checkout")

#: per cent of auparse's values of the corpora that are ours as well; rows that are counted apart are left out
WANTED: Final = 99.95
#: faults that are printed of one input
SHOWN: Final = 40
_BEGIN: Final = "<!-- rendered from tests/auparse/differences.yaml: pytest tests/auparse --update-golden -->\n"
_END: Final = "<!-- end -->"


@pytest.fixture(scope="module")
def own_outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(outcomes(own(), tmp_path_factory.mktemp("own")))


@pytest.fixture(scope="module")
def corpora_outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    return list(outcomes(corpora(), tmp_path_factory.mktemp("corpora")))


def told(found: list[Outcome]) -> str:
    """What nothing explains, by input."""
    lines = []
    for one in found:
        if one.faults:
            lines.append(f"{one.name}: {len(one.faults)} differences that no row of differences.yaml explains")
            lines += [f"    {fault}" for fault in one.faults[:SHOWN]]
    return "\n".join(lines)


def share(found: list[Outcome], without: int = 0) -> float:
    """Per cent of auparse's values that are ours; of those that are not counted apart if `without` is 1."""
    values = sum(one.values - without * one.apart for one in found)
    return 100 * sum(one.same for one in found) / max(values, 1)


@needs_auparse
def test_our_lines_and_samples_say_what_auparse_says(own_outcomes: list[Outcome]) -> None:
    if said := told(own_outcomes):
        pytest.fail(said, pytrace=False)


@needs_auparse
@needs_corpora
def test_real_logs_say_what_auparse_says(corpora_outcomes: list[Outcome]) -> None:
    if said := told(corpora_outcomes):
        pytest.fail(said, pytrace=False)


@needs_auparse
@needs_corpora
def test_nearly_every_value_of_real_logs_is_that_of_auparse(
    corpora_outcomes: list[Outcome], record_property: Callable[[str, object], None]
) -> None:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in corpora_outcomes:
        groups["/".join(one.name.split("/")[:2])].append(one)
    for name, found in (*groups.items(), ("all", corpora_outcomes)):
        values, apart, more = (sum(counts) for counts in zip(*map(counted, found), strict=True))
        said = f"{share(found):.3f} % of {values} values, {share(found, 1):.3f} % without {apart} apart"
        record_property(name, said)
        sys.stdout.write(f"{name}: {said}; {more} more of ours\n")
    assert share(corpora_outcomes, 1) >= WANTED


def counted(one: Outcome) -> tuple[int, int, int]:
    return one.values, one.apart, one.more


@needs_auparse
@needs_corpora
def test_every_row_of_the_table_is_needed(own_outcomes: list[Outcome], corpora_outcomes: list[Outcome]) -> None:
    hits: Counter[Case] = Counter()
    for one in (*own_outcomes, *corpora_outcomes):
        hits += one.hits
    assert never(hits) == []


def test_the_table_for_people_is_the_table(update_golden: bool) -> None:
    assert updated(PAGE, update_golden) == PAGE.read_text(encoding="utf-8")


def updated(page: Path, write: bool) -> str:
    """The page as it should be; with `write` it is so from now on."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin, f"{page}: the line {_BEGIN.strip()} is missing"
    assert end, f"{page}: the line {_END} is missing"
    text = before + begin + "\n" + rendered() + "\n" + end + after
    if write:
        page.write_text(text, encoding="utf-8")
    return text
