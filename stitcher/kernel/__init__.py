"""The kernel: the two laps of the corridor, once in Python and once compiled, with the same answer for every input.

`Joiner`, `render`, `splice` and `aggregate` come from the compiled kernel where it could be built, else from the
reference.
STITCHER_KERNEL=reference or compiled forces one; a compiled kernel that is wanted and missing is an error.
"""

import os
from typing import TYPE_CHECKING

from stitcher.errors import KernelError

if TYPE_CHECKING:
    from stitcher.kernel._reference import NAME, Joiner, Rendered, aggregate, render, splice
else:
    _wanted = os.environ.get("STITCHER_KERNEL", "")
    if _wanted not in ("", "reference", "compiled"):
        raise KernelError(f"STITCHER_KERNEL={_wanted}: no such kernel; known: compiled, reference")
    try:
        if _wanted == "reference":
            raise ImportError
        from stitcher.kernel._compiled import NAME, Joiner, Rendered, aggregate, render, splice
    except ImportError as cause:
        if _wanted == "compiled":
            raise KernelError(
                "STITCHER_KERNEL=compiled: the compiled kernel was not built; install a C compiler and "
                "reinstall, or leave STITCHER_KERNEL unset"
            ) from cause
        from stitcher.kernel._reference import NAME, Joiner, Rendered, aggregate, render, splice

__all__ = ["NAME", "Joiner", "Rendered", "aggregate", "render", "splice"]
