"""`stitcher replay`: a log in, its lines out as a sender would have sent them."""

import re
import sys
from typing import Any

import click

from stitcher.cli.progress import progress_bar
from stitcher.cli.talk import say


def _speed(ctx: click.Context, option: click.Parameter, value: str) -> float | None:
    """`1x`, `0.5x`, `10x` as a number; `max` as None."""
    if value == "max":
        return None
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)x?", value)
    if not found or not float(found[1]):
        raise click.BadParameter(f"'{value}' is no speed; write 1x, 10x, 0.5x or max", ctx, option)
    return float(found[1])


@click.command(short_help="Send a log as its sender would have, at its own pace or faster.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--to", metavar="WHERE", default="stdout", show_default=True,
    help="Where lines go: stdout, file:PATH (appended), tcp://HOST:PORT, udp://HOST:PORT or discard.",
)  # fmt: skip
@click.option(
    "--speed",
    metavar="1x|10x|max",
    callback=_speed,
    default="1x",
    show_default=True,
    help="Times its own pace, or max for no pauses.",
)
@click.option(
    "--max-wait", type=click.FloatRange(0), metavar="SECONDS", default=5.0, show_default=True,
    help="No pause is longer than this.",
)  # fmt: skip
@click.option(
    "--syslog", type=click.Choice(["rfc3164", "rfc5424", "none"]), default="none", show_default=True,
    help="Put a syslog header in front of each line.",
)  # fmt: skip
@click.option("--host", default="localhost", show_default=True, help="Host name in the syslog header.")
@click.option(
    "--framing", type=click.Choice(["lf", "octet"]), default="lf", show_default=True,
    help="End each message with LF, or count its octets (RFC 6587); a datagram needs neither.",
)  # fmt: skip
def replay(files: tuple[str, ...], **given: Any) -> int:
    """Send a log as its sender would have, at its own pace or faster.

    The pace is that of the records' own times; a line without a time goes with the line before it.

    \b
    Example:
      stitcher replay audit.log --to tcp://127.0.0.1:6514 --syslog rfc5424 --speed 10x
    """
    from stitcher.destinations import stores
    from stitcher.runner.replay import Sending, run_replay

    if given["framing"] == "octet" and given["to"].startswith("udp:"):
        raise click.UsageError("--framing octet is for streams; a datagram is a frame already")
    if stores(given["to"]):
        raise click.UsageError(f"--to {given['to']} stores events; make them with stitcher filter")
    if "format=syslog" in given["to"]:
        raise click.UsageError("format=syslog is for events; for lines there are --syslog rfc5424 --framing octet")
    if not re.fullmatch(r"[!-~]{1,255}", given["host"]):
        raise click.UsageError(f"--host '{given['host']}': a host name has no spaces and at most 255 bytes of ASCII")
    sending = Sending(**given)
    seen = sending.to == "stdout" and sys.stdout is not None and sys.stdout.isatty()
    with progress_bar(files, wanted=not seen) as progress:
        sent = run_replay(files, sending, say, progress)
    rate = sent.lines / max(sent.seconds, 1e-6)
    lines = "1 line" if sent.lines == 1 else f"{sent.lines} lines"
    say(f"{lines}, {sent.bytes} bytes sent to {sending.to}; {rate:.0f} lines/s, {sent.seconds:.2f} s")
    return sent.code
