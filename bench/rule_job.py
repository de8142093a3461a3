#!/usr/bin/env python3
"""A log on stdin, events with one field more on stdout: what a rule in Python costs that looks at every event.

The rule reads two subscribed fields, the user's name and the program, and splices one in.
"""

import os
import sys
from collections.abc import Mapping

from stitcher.pipeline import Rule, Stitcher

#: as much as stitcher filter reads at a time
CHUNK_BYTES = 1 << 17


def who(uid: str | None, program: str | None) -> Mapping[str, object] | None:
    """None where the event has no system call: then there is nothing to add."""
    if uid is None and program is None:
        return None
    return {"who": f"{uid} {program}"}


def main() -> None:
    rule = Rule(("records.SYSCALL.value.uid", "records.SYSCALL.fields.exe"), who)
    stitcher = Stitcher(rule=rule)
    out = sys.stdout.buffer
    while chunk := os.read(0, CHUNK_BYTES):
        out.write(stitcher.feed(chunk))
    out.write(stitcher.close())


if __name__ == "__main__":
    main()
