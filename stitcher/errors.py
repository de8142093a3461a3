"""Every exception that stitcher raises on purpose.

    StitcherError
    ├── ConfigError       asked wrongly: an option, an address, a path; the command line exits with 2
    ├── KernelMissing     STITCHER_KERNEL names a kernel that is not there
    └── InputError        a file that cannot be read to its end (permission, a broken archive)

A line that cannot be read is not an exception: it is a Rejected value, counted.  Any other exception is a bug.
"""


class StitcherError(Exception):
    """The root of the tree; the message says place, what was found, what is right and a way out."""


class ConfigError(StitcherError):
    """What the user asked for does not exist or makes no sense."""


class KernelMissing(StitcherError):
    """The kernel that was asked for was not built."""


class InputError(StitcherError):
    """Input that ended for a reason of its own; what came before it was used."""
