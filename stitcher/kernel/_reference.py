"""The kernel in plain Python: the specification, and what runs where nothing could be compiled.

Two calls, one for each lap: `Joiner` makes groups of lines (_join), `render` makes JSON of groups (_render), and
`aggregate` makes the Type=2 JSON of groups (_aggregate).  `_compiled.pyx` gives the same answer for every input.
"""

from stitcher.kernel._aggregate import aggregate
from stitcher.kernel._join import Joiner
from stitcher.kernel._render import Rendered, render, splice

NAME = "reference"

__all__ = ["NAME", "Joiner", "Rendered", "aggregate", "render", "splice"]
