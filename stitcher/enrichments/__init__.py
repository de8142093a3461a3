"""Enrichments: what is added to an event from outside of it.  One kind, one file, whose docstring is its manual page.

    constant    a text that every event gets, or those for which a condition holds

A kind is a model with `type`, `target`, `when` and `fill`, which makes of the values that `reads` names the value of
the target.
"""

from stitcher.enrichments.constant import Constant

__all__ = ["AnyEnrichment", "Constant"]

#: every kind, told apart by `type`
AnyEnrichment = Constant
