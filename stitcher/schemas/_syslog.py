"""JSON documents behind a header of syslog, RFC 5424: one message in one line.

    <110>1 2023-11-14T22:13:20.004Z web01 stitcher - audit - {"id":…

The priority is facility 13 (log audit) and severity 6 (informational); the time is that of the event, the host its
node, and MSGID the schema.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from stitcher.schemas._fields import FieldTable
from stitcher.schemas._json import Objects
from stitcher.schemas._rules import Rule
from stitcher.schemas._sources import Columns
from stitcher.schemas._units import Noted

_PRIORITY: Final = 13 * 8 + 6
_NOT_IN_NAMES: Final = re.compile(r"[^!-~]")
#: bytes of HOSTNAME and of MSGID
_HOST: Final = 255
_ID: Final = 32


@lru_cache(1024)
def _host(node: str | None) -> str:
    """HOSTNAME: printable ASCII without spaces."""
    return _NOT_IN_NAMES.sub("?", node or "")[:_HOST] or "-"


def syslog_header(time: str, node: str | None, schema: str) -> str:
    """What stands in front of the JSON of an event, with the space behind it."""
    return f"<{_PRIORITY}>1 {time} {_host(node)} stitcher - {_NOT_IN_NAMES.sub('?', schema)[:_ID] or '-'} - "


class Syslog:
    """Writes JSON objects with their headers."""

    head = ""

    def __init__(self, name: str, rules: Sequence[Rule], table: FieldTable) -> None:
        self._name = name
        self._objects = Objects(rules, table)

    def lines(self, columns: Columns, noted: Noted) -> list[str]:
        """The lines, LF behind each."""
        objects = self._objects.lines(columns, noted)
        times, nodes = columns.column("time"), columns.column("node")
        return [
            syslog_header(time, node, self._name) + line for time, node, line in zip(times, nodes, objects, strict=True)
        ]
