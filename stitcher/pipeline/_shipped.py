"""The shipped pipeline of audit, read without the models of `stitcher.config`, which take longer than most logs.

tests/config/test_shipped.py holds that this and the models come to the same plan.
"""

from functools import cache
from typing import Any

from stitcher import resources
from stitcher.errors import ConfigError
from stitcher.pipeline._plan import AUDIT, Outlet, Plan

#: what this reader knows to be right; anything else is for the models
_KEYS = ("kind", "id", "description", "connectors", "normalizer", "aggregation", "loop", "destinations")


@cache
def audit_plan() -> Plan:
    """The plan of rules/pipeline-audit.yaml; raises ConfigError where that holds more than is known here."""
    found: Any = resources.shipped_document("rules", "pipeline-audit.yaml")
    if tuple(found) != _KEYS or (found["normalizer"], found["aggregation"]) != (AUDIT, [AUDIT]):
        raise ConfigError("rules/pipeline-audit.yaml: it was changed; run your own with `stitcher run FILE`")
    rule = resources.aggregation()
    return Plan(
        name=found["id"],
        limits=rule.limits,
        aggregation=rule.name,
        loop=found["loop"] == "memory",
        outlets=tuple(Outlet(**one) for one in found["destinations"]),
    )
