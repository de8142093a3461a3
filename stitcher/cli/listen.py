"""`stitcher listen`: peers in, events out."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from stitcher.cli.options import output_options, plan_of
from stitcher.cli.talk import say, summary


@click.command(short_help="Listen for audit lines on the network and write whole events.")
@click.option("--tcp", multiple=True, metavar="HOST:PORT", help="Listen for TCP peers; port 0 takes a free one.")
@click.option("--udp", multiple=True, metavar="HOST:PORT", help="Listen for datagrams; port 0 takes a free one.")
@click.option("--unix", multiple=True, metavar="PATH", help="Listen on a unix stream socket.")
@output_options
def listen(tcp: tuple[str, ...], udp: tuple[str, ...], unix: tuple[str, ...], **given: Any) -> int:
    """Listen for audit lines on the network and write whole events.

    --tcp, --udp and --unix may be given several times, and together.  An empty HOST is every address of this machine.
    Syslog headers, LF and octet-counted framing are told by themselves.  SIGTERM reads what has arrived, writes all
    that is held and ends.

    \b
    Example:
      stitcher listen --tcp 127.0.0.1:6514 --udp 127.0.0.1:5140 --to file:events.jsonl
    """
    from stitcher.address import parse_address
    from stitcher.connectors.tcp import listen_tcp
    from stitcher.connectors.udp import listen_udp
    from stitcher.connectors.unix import listen_unix
    from stitcher.runner.listen import MakeListener, run_listen

    if not tcp + udp + unix:
        raise click.UsageError("nothing to listen on; give --tcp HOST:PORT, --udp HOST:PORT or --unix PATH")
    makers: list[MakeListener] = [partial(listen_tcp, parse_address(text, "--tcp")) for text in tcp]
    makers += [partial(listen_udp, parse_address(text, "--udp")) for text in udp]
    makers += [partial(listen_unix, Path(text)) for text in unix]
    result = run_listen(makers, plan_of(given), say, given["rejected"])
    if given["summary"]:
        say(summary(result.counts, result.seconds))
    return result.code
