"""Logs in, what libauparse says of them out, by the reference of ../shared: a process of its own.

    python auparse_dump.py REFERENCE LOG…

Prints for each LOG a line `{"file": LOG}` and then one JSON line for each event, as REFERENCE describes them.  The
library is C and reads hostile lines: if it dies, this process dies and not the test session.
"""

import importlib.util
import json
import sys


def main(reference: str, *logs: str) -> None:
    spec = importlib.util.spec_from_file_location("auparse_reference", reference)
    assert spec is not None
    assert spec.loader is not None
    sys.dont_write_bytecode = True  # what lies in ../shared is not ours
    module = importlib.util.module_from_spec(spec)
    sys.argv = [reference]  # it is a script, and without files it does nothing
    spec.loader.exec_module(module)
    for log in logs:
        sys.stdout.write(json.dumps({"file": log}) + "\n")
        for event in module.events(log):
            sys.stdout.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
