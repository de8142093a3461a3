"""An event in, who did what to what, how, and how it went out: from the rules of normalizers/summary*.yaml.

    summarizer().reads        the paths of an event that the rules look at (kernel._paths)
    summarizer().answer(…)    the summary from their values
    summarizer().of(event)    the same from an event as a tree
    sentence(summary)         a summary as one line for people

docs/summary.md has the keys of a summary, the categories, and how a rule is read.
"""

from stitcher.summary._sentence import sentence
from stitcher.summary._summarizer import Summarizer, summarizer

__all__ = ["Summarizer", "sentence", "summarizer"]
