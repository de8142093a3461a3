"""The environment in, the path of the database out that is meant where nobody names one.

$STITCHER_DB                                 if it is set
/var/lib/stitcher/events.db                  for root, whose services keep their state there (FHS 5.8)
$XDG_STATE_HOME/stitcher/events.db           for others (XDG Base Directory); a relative one does not count
~/.local/state/stitcher/events.db            where that is not set
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_NAME: Final = Path("stitcher", "events.db")


def default_path(environment: Mapping[str, str], uid: int) -> Path:
    """`uid` is the effective one."""
    if named := environment.get("STITCHER_DB"):
        return Path(named)
    if uid == 0:
        return Path("/var/lib") / _NAME
    state = Path(environment.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path(environment.get("HOME", "/"), ".local", "state")) / _NAME
