"""What bounds both kernels where no option does: numbers that no real log comes near, and that end hostile ones."""

from typing import Final

#: fields of one record beyond this many stay in `text`; a record of auditd's 8970 bytes has room for 2300
MAX_FIELDS: Final = 16_384
#: places of an argv that may be empty because their records are missing; what lies further out stays a field
MAX_HOLES: Final = 4096
#: at most this many notes of what is missing
MAX_MISSING: Final = 16
#: a whole path of more is not given: PATH_MAX is 4096, so CWD and a name have no more together
MAX_PATH_BYTES: Final = 8192
#: longest name behind node=
MAX_NODE_BYTES: Final = 256
#: hosts that may have the same time and serial on one source; one more, and the first of them leaves
MAX_HOSTS: Final = 64
#: hashes of records that are remembered for each closed event, on average
MARKS_EACH: Final = 16
