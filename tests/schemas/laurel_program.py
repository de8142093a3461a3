"""A log in, what laurel itself makes of it out; and two documents in, how they differ and what explains it.

Documents are lists of pairs here, because laurel may write a key twice.
"""

import getpass
import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from stitcher.kernel._header import record_type

PROGRAM: Final = shutil.which("laurel", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
DIFFERENCES: Final[list[dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parent / "laurel_differences.yaml").read_text(encoding="utf-8")
)
#: what the schema is compared with; docs/schemas.md has the same
CONFIGURATION: Final = """\
[transform]
execve-argv = ["array"]
[translate]
universal = true
user-db = false
[enrich]
execve-env = []
container = false
pid = false
script = false
"""
_MAIN: Final = """\
directory = "{directory}"
user = "{user}"
[auditlog]
file = "audit.log"
size = 1000000000
"""
_UNREAD: Final = re.compile(r"cannot parse .* processing msg: .*?type=(\S+) (?:msg=)?audit\(([^)]*)\)")


class Pairs(list[tuple[str, Any]]):
    """An object of JSON with its keys as they came."""


class Output(NamedTuple):
    """What laurel wrote, and the records that it could not read: (type as written, id)."""

    documents: list[Pairs]
    unread: set[tuple[str, str]]


#: the records of an event by type
Records = dict[str, list[Pairs]]


def loads(line: str) -> Pairs:
    document = json.loads(line, object_pairs_hook=Pairs)
    assert isinstance(document, Pairs)
    return document


def run(log: bytes, folder: Path) -> Output:
    """What laurel makes of a log."""
    assert PROGRAM
    config, written = folder / "config.toml", folder / "audit.log"
    config.write_text(_MAIN.format(directory=folder, user=getpass.getuser()) + CONFIGURATION, encoding="utf-8")
    done = subprocess.run([PROGRAM, "-c", str(config)], input=log, capture_output=True, check=False, timeout=120)
    complaints = done.stderr.decode("utf-8", "replace")
    assert "fatal error" not in complaints, complaints[-500:]
    lines = written.read_text(encoding="utf-8").split("\n")[:-1] if written.exists() else []
    found = (_UNREAD.search(line) for line in complaints.split("\n"))
    return Output([loads(line) for line in lines], {(one[1], one[2]) for one in found if one})


def differences(laurel: Output, ours: list[Pairs]) -> tuple[set[str], list[str]]:
    """Ids of the differences that were found, and what none of them explains."""
    found: set[str] = set()
    unexplained: list[str] = []
    theirs_of, ours_of = _by_event(laurel.documents), _by_event(ours)
    for event, documents in ours_of.items():
        node, identity = event
        theirs = theirs_of.pop(event, [])
        if node and (None, identity) not in ours_of and (apart := theirs_of.pop((None, identity), [])):
            found.add("node")
            theirs = [*theirs, *apart]
        if theirs == documents:
            continue
        unread = {_name_of(written) for written, one in laurel.unread if one == identity}
        reason = _of_documents(theirs, documents, bool(unread))
        found.add(reason)
        if not reason:
            unexplained.append(f"{event}: {len(theirs)} documents, {len(documents)} here")
        for where, reason in _of_records(_records_of(theirs), _records_of(documents), unread):
            found.add(reason)
            if not reason:
                unexplained.append(f"{event} {where}")
    unexplained += [f"{event}: not here" for event in theirs_of]
    return found - {"", "same"}, unexplained


def _by_event(documents: Iterable[Pairs]) -> dict[tuple[str | None, str], list[Pairs]]:
    found: dict[tuple[str | None, str], list[Pairs]] = {}
    for document in documents:
        head = dict(document)
        found.setdefault((head.get("NODE"), head["ID"]), []).append(document)
    return found


def _of_documents(theirs: list[Pairs], ours: list[Pairs], unread: bool) -> str:
    if not theirs:
        return "unread" if unread else ""
    if len(theirs) > len(ours):
        if {dict(one).get("NODE") for one in theirs} != {dict(one).get("NODE") for one in ours}:
            return "node"
        return "alone" if any(len(_records_of([one])) == 1 for one in theirs) else ""
    return "late" if len(ours) > len(theirs) else "same"


def _records_of(documents: Iterable[Pairs]) -> Records:
    found: Records = {}
    for document in documents:
        for name, value in document:
            if name not in ("ID", "NODE"):
                found.setdefault(name, []).extend([value] if isinstance(value, Pairs) else value)
    return found


def _name_of(written: str) -> str:
    return record_type(written.encode())[1]


def _of_records(theirs: Records, ours: Records, unread: set[str]) -> Iterable[tuple[str, str]]:
    """Where they differ, and the id of the difference; "" where there is none."""
    for name in [name for name in theirs if name not in ours and _name_of(name) != name]:
        yield name, "newer-types"
        theirs.setdefault(_name_of(name), []).extend(theirs.pop(name))
    for name in {**theirs, **ours}:
        mine, others = ours.get(name, []), theirs.get(name, [])
        if mine == others:
            continue
        for key in dict.fromkeys(key for record in (*mine, *others) for key, _ in record):
            yield f"{name}.{key}", _of_values(name, key, _values(others, key), _values(mine, key), name in unread)


def _values(records: list[Pairs], key: str) -> list[Any]:
    return [value for record in records for name, value in record if name == key]


def _of_values(name: str, key: str, theirs: list[Any], ours: list[Any], unread: bool) -> str:
    if theirs == ours:
        return "same"
    if name == "EXECVE" and key == "ARGV" and not unread:
        whole = "".join(map(str, _flat(ours)))
        return "arguments" if all(str(one) in whole for one in _flat(theirs)) else ""
    if unread and not [value for value in theirs if value not in ours]:
        return "unread"
    if _flat(ours) == _flat(theirs):
        return "several" if len(ours) > 1 else "repeated-keys"
    if name == "SYSCALL" and (reason := _of_call(key, theirs, ours)):
        return reason
    if len(theirs) > len(ours) and all(value in ours for value in theirs):
        return "repeats"
    told = [dict(value) for value in theirs if name == "SOCKADDR" and isinstance(value, Pairs)]
    old = any(one["saddr_fam"] in ("ax25", "ipx", "atmpvc", "x25") for one in told)
    return "families" if old or (key == "saddr" and ours == ["%09%00" + "1" * 20]) else ""


def _of_call(key: str, theirs: list[Any], ours: list[Any]) -> str:
    if key == "ARGV":
        return "repeats" if _flat(theirs) == _flat(ours) * 2 else ""
    if key not in ("ARCH", "SYSCALL"):
        return ""
    if len(ours) > 1:  # laurel names the first one
        return "several" if theirs == ours[:1] else ""
    return "newer-calls" if not theirs else ""


def _flat(values: list[Any]) -> list[Any]:
    return [one for value in values for one in (value if type(value) is list else [value])]
