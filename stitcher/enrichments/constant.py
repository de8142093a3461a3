"""Give events a field with a text that is always the same.

enrichments:
  - type: constant
    name: where it came from
    target: site
    value: plant 7
    when: {field: node, op: startsWith, value: web}

target   the field; of a decoded event of audit a key of the event, beside those that it has of its own; of a flat
         event any field, and `Extra.name` for a key of Extra.  A field that is a list gets the text as one more.
value    at most 255 characters; without a value, or with an empty one, the target is taken away
when     a condition; else every event gets it
"""

from typing import Any, Literal

from pydantic import Field

from stitcher.config import Model
from stitcher.config.condition import When


class Constant(Model):
    """A text that every event gets."""

    type: Literal["constant"] = Field(description="the kind of enrichment")
    name: str = Field(default="", max_length=128, description="what it is called in messages; else its target")
    target: str = Field(min_length=1, max_length=255, description="the field that gets the value")
    value: str = Field(default="", max_length=255, description="the text; an empty one takes the field away")
    when: When | None = Field(default=None, description="events that get it; else all")

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields whose values `fill` is given: none."""
        return ()

    def fill(self, *_: Any) -> str | None:
        """The value of the target; None for none."""
        return self.value or None
