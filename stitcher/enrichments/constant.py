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

from stitcher.enrichments._kind import Kind


class Constant(Kind):
    """A text that every event gets."""

    type: Literal["constant"] = Field(description="the kind of enrichment")
    value: str = Field(default="", max_length=255, description="the text; an empty one takes the field away")

    def fill(self, *values: Any) -> str | None:
        """The text."""
        del values
        return self.value or None
