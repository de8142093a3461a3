"""Numbers of the Linux kernel and of audit in, their names out.

    >>> from stitcher.tables import ERRNO, RECORD_TYPES, SYSCALLS
    >>> RECORD_TYPES[1300], SYSCALLS["x86_64"][59], ERRNO[13]
    ('SYSCALL', 'execve', ('EACCES', 'Permission denied'))

The modules with an underscore are plain data, generated from the kernel's UAPI headers by
tools/make_tables.py; the head of each names its Linux version.  A number that is not in a table is
newer than the table, or private to a machine: it comes out as it came in (`syscall=999`), never as
an error, so read with `.get`.
"""

from typing import Final

from stitcher.tables._arches import ARCHES
from stitcher.tables._capabilities import CAPABILITIES
from stitcher.tables._errno import ERRNO
from stitcher.tables._families import FAMILIES
from stitcher.tables._flags import FLAGS
from stitcher.tables._flags import NUMBERS as _NUMBERS
from stitcher.tables._io_uring import IO_URING_OPS
from stitcher.tables._record_types import RECORD_TYPES
from stitcher.tables._requests import REQUESTS
from stitcher.tables._signals import SIGNALS
from stitcher.tables._sockets import SOCKETS
from stitcher.tables._syscalls import SYSCALLS

#: every enumeration by name
NUMBERS: Final[dict[str, dict[int, str]]] = dict(sorted({**_NUMBERS, **REQUESTS, **SOCKETS}.items()))

__all__ = [
    "ARCHES",
    "CAPABILITIES",
    "ERRNO",
    "FAMILIES",
    "FLAGS",
    "IO_URING_OPS",
    "NUMBERS",
    "RECORD_TYPES",
    "SIGNALS",
    "SYSCALLS",
]
