"""The text behind `--to` in, its parts and its options out: `file:events.jsonl?max_bytes=100M&keep=7`.

    KIND:REST?NAME=VALUE&NAME=VALUE

The options begin behind the last question mark.  So a path that has one of its own is written with one more at its
end: `file:what?.jsonl?`.
"""

import difflib
import re
from typing import Final

from stitcher.address import Address, parse_address
from stitcher.errors import ConfigError

_OCTETS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_NUMBER: Final = re.compile(r"([0-9]{1,15})([A-Za-z]?)")


class Target:
    """One text behind `--to`, cut.  Every method raises ConfigError for what was written wrongly."""

    def __init__(self, text: str, form: str) -> None:
        """`form` is how this kind is written."""
        self.text = text
        self.form = form
        self.kind, _, behind = text.partition(":")
        self.rest, _, options = behind.rpartition("?") if "?" in behind else (behind, "", "")
        self._options = dict(self._pair(pair) for pair in options.split("&") if pair)

    def fault(self, what: str) -> ConfigError:
        """An error about this text."""
        return ConfigError(f"--to {self.text}: {what}")

    def takes(self, *names: str) -> None:
        """Refuse options of any other name."""
        for name in self._options:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                guess = f"did you mean '{near[0]}'? " if near else ""
                known = f"it takes {', '.join(names)}" if names else "it takes none"
                raise self.fault(f"{self.kind} has no option '{name}'; {guess}{known}")

    def has(self, name: str) -> bool:
        """True where the option was given."""
        return name in self._options

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        """One of the known words; the first where the option was not given."""
        value = self._options.get(name, known[0])
        if value not in known:
            raise self.fault(f"{name}={value}: known are {', '.join(known)}")
        return value

    def octets(self, name: str) -> int | None:
        """A number of bytes, 100M say; None where the option was not given."""
        return self._number(name, _OCTETS, "a number of bytes is written 5000, 500K, 100M or 2G")

    def seconds(self, name: str) -> int | None:
        """A number of seconds, 1d say; None where the option was not given."""
        return self._number(name, _SECONDS, "a time is written 3600, 90s, 15m, 12h or 1d")

    def number(self, name: str) -> int | None:
        """A number from 1 on; None where the option was not given."""
        return self._number(name, {"": 1}, "a number from 1 on is wanted")

    def path(self) -> str:
        """The rest, as the path of a file."""
        if not self.rest:
            raise self.fault(f"the path is missing; write {self.form}, for example {self.kind}:events.jsonl")
        return self.rest

    def address(self) -> Address:
        """The rest, as //HOST:PORT."""
        if not self.rest.startswith("//"):
            raise self.fault(f"write {self.form}")
        address = parse_address(self.rest[2:], "--to")
        if not address.host or not address.port:
            raise self.fault(f"say where to: {self.form}")
        return address

    def _pair(self, pair: str) -> tuple[str, str]:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            way_out = "" if self.kind in ("tcp", "udp") else "; a path with a ? of its own needs one more at its end"
            raise self.fault(f"'{pair}' is no option; options are written ?NAME=VALUE&NAME=VALUE{way_out}")
        return name, value

    def _number(self, name: str, units: dict[str, int], right: str) -> int | None:
        value = self._options.get(name)
        if value is None:
            return None
        found = _NUMBER.fullmatch(value)
        unit = found[2] if found else ""
        unit = unit if unit in units else unit.upper() if unit.upper() in units else unit.lower()
        if found is None or unit not in units or not int(found[1]):
            raise self.fault(f"{name}={value}: {right}")
        return int(found[1]) * units[unit]
