"""Every exception that stitcher raises on purpose.

    StitcherError
    ├── ConfigError       asked wrongly: an option, an address, a path; the command line exits with 2
    ├── KernelError       STITCHER_KERNEL names a kernel that is not there
    ├── InputError        a file that cannot be read to its end (permission, a broken archive), or not as a database
    ├── ConnectorError    a place that cannot be listened on
    └── DestinationError  a destination that takes no more; it says how many events were not written

A line that cannot be read is not an exception: it is a Rejected value, counted.  Any other exception is a bug.
"""


class StitcherError(Exception):
    """The root of the tree; the message says place, what was found, what is right and a way out."""


class ConfigError(StitcherError):
    """What the user asked for does not exist or makes no sense."""


class KernelError(StitcherError):
    """The kernel that was asked for was not built."""


class InputError(StitcherError):
    """Input that ended for a reason of its own; what came before it was used."""


class ConnectorError(StitcherError):
    """A place that cannot be listened on."""


class DestinationError(StitcherError):
    """A destination that takes no more; `unwritten` events of the call did not leave, `way_out` is what helps."""

    def __init__(self, what: str, unwritten: int = 0, way_out: str = "") -> None:
        super().__init__(f"{what}; {way_out}" if way_out else what)
        self.what = what
        self.unwritten = unwritten
        self.way_out = way_out
