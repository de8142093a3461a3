"""What a collector does, checked and resolved: what a file of `rules/`, or the options of a command, come to.

A plan holds no file names but those of destinations, no YAML and no models; `stitcher.config` makes one of a
pipeline's file, and `filter` and `listen` make theirs of the shipped one (`resources.audit`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stitcher.event import Limits

if TYPE_CHECKING:  # what audit's own pipeline has no use for is not imported with it
    from stitcher.core.aggregator import Rule as AggregationRule
    from stitcher.core.conditions import Fields, Tree
    from stitcher.core.normalizer import Normalizer

#: the names of events of this house, and of what they were made of
AUDIT: Final = "audit"

#: counters behind the join: dropped by filters and rules, taken by no destination, cut or misfitting in a schema
COUNTERS: Final = ("dropped", "unmatched", "overlong", "unfit")


class Filter(NamedTuple):
    """Which events go on: those that the condition holds for, or with `keep` False all others."""

    name: str
    keep: bool
    condition: "Tree"


class Enrichment(NamedTuple):
    """What is added to an event for which `when` holds: `fill` gets the values that `reads` names.

    Its answer is the value of `target`; None adds nothing.
    """

    name: str
    target: str
    reads: tuple[str, ...]
    fill: Callable[..., Any]
    when: "Tree | None" = None


class Outlet(NamedTuple):
    """A destination, which events it takes, and in whose words."""

    name: str = "stdout"
    to: str = "stdout"
    when: "Tree | None" = None
    schema: str = AUDIT
    form: str = "json"
    #: it leads back to this collector: Type=2 events of lap 1 and nothing else, whatever the condition says
    loop: bool = False

    @property
    def translated(self) -> bool:
        """Its events are not in their own words."""
        return self.schema != AUDIT or self.form in ("cef", "csv")


class Plan(NamedTuple):
    """One collector."""

    name: str = AUDIT
    #: what reads lines; None is audit's own, which the kernel has
    normalizer: "Normalizer | None" = None
    #: the normalizer reads audit, so lap 2 is the kernel's
    decodes: bool = True
    #: of rules that the kernel does not do itself; the first that takes an event has it
    rules: "tuple[AggregationRule, ...]" = ()
    #: what their conditions read
    rule_fields: "Fields | None" = None
    #: what bounds the kernel's join
    limits: Limits = Limits()
    #: what the kernel's Type=2 events say as AggregationRuleName
    aggregation: str = AUDIT
    #: Type=2 events enter lap 2 here; else they go to the destinations as they are
    loop: bool = True
    originals: tuple[Filter, ...] = ()
    filters: tuple[Filter, ...] = ()
    enrichments: tuple[Enrichment, ...] = ()
    keep_raw: bool = False
    summarize: bool = False
    outlets: tuple[Outlet, ...] = (Outlet(),)


class Output(NamedTuple):
    """Bytes for one outlet: lines of events, or with `one` a single event, which may hold LF."""

    outlet: int
    data: bytes
    one: bool = False
