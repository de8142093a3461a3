"""An event in, who did what to what, how, and how it went out: from the rules of normalizers/summary*.yaml.

    summarizer().reads        the paths of an event that the rules look at (kernel._paths)
    summarizer().answer(…)    the summary from their values
    summarizer().of(event)    the same from an event as a tree
    sentence(summary)         a summary as one line for people
    read_rules(folder, …)     the rules of a folder, for those who look for faults
    Faults, Place, read_file  for other rules in YAML: what is wrong, and in which line

docs/summary.md has the keys of a summary, the categories, and how a rule is read.
"""

from stitcher.summary._computed import CALL, RING
from stitcher.summary._files import Faults, Folder, Place, read_file
from stitcher.summary._rules import read_rules
from stitcher.summary._sentence import sentence
from stitcher.summary._sources import NOTHING
from stitcher.summary._summarizer import Summarizer, summarizer

__all__ = [
    "CALL", "NOTHING", "RING", "Faults", "Folder", "Place", "Summarizer", "read_file", "read_rules", "sentence",
    "summarizer",
]  # fmt: skip
