"""The text HOST:PORT in, its two parts out: how connectors and destinations are told where."""

from typing import NamedTuple

from stitcher.errors import ConfigError


class Address(NamedTuple):
    """A host (a name, an IPv4 or IPv6 address, or empty for every one of this machine) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str, place: str) -> Address:
    """`10.0.0.1:514`, `web01:514`, `[::1]:514`, `:514`; `place` is what the error names, `--tcp` say.

    Raises ConfigError for any other text.
    """
    host, colon, port = text.rpartition(":")
    if not colon:
        raise ConfigError(f"{place} {text}: the port is missing; write HOST:PORT, for example 127.0.0.1:6514")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ConfigError(f"{place} {text}: '{port}' is no port; a port is a number from 0 to 65535")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ConfigError(f"{place} {text}: an IPv6 address needs brackets; write [{host}]:{port}")
    return Address(host, int(port))
