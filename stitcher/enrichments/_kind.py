"""What every kind of enrichment has: a name, a target, a condition, and how the target's value is made."""

from typing import Any

from pydantic import Field

from stitcher.config import Model
from stitcher.config.condition import When


class Kind(Model):
    """A kind is a subclass with `type`, a literal, in a file of its own."""

    name: str = Field(default="", max_length=128, description="what it is called in messages; else its target")
    target: str = Field(min_length=1, max_length=255, description="the field that gets the value")
    when: When | None = Field(default=None, description="events that get it; else all")

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields whose values `fill` is given; none unless a kind says so."""
        return ()

    def fill(self, *values: Any) -> Any:
        """The value of the target, None to take the field away."""
        raise NotImplementedError
