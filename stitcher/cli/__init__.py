"""The command line: one module a command, imported when it is asked for.

stdout is data, stderr is talk.  Exit 0: fine; 1: could not do it; 2: asked wrongly; 130: interrupted.
"""

import importlib
import os
import signal
import sys
from typing import Final, NoReturn

import click

from stitcher.errors import ConfigError, StitcherError

#: command -> module that holds a click command of the same name
_COMMANDS: Final = {
    "filter": "stitcher.cli.filter",
    "replay": "stitcher.cli.replay",
    "listen": "stitcher.cli.listen",
    "run": "stitcher.cli.run",
    "check": "stitcher.cli.check",
    "diff": "stitcher.cli.diff",
    "list": "stitcher.cli.resources",
    "show": "stitcher.cli.resources",
    "schema": "stitcher.cli.resources",
    "search": "stitcher.cli.search",
    "explain": "stitcher.cli.explain",
}


class _Commands(click.Group):
    """A group that imports a command only when it is used or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; click would make an exit code of a reader that went away."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _die_of(signal.SIGPIPE)


def _version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    del option
    if wanted:
        from stitcher import __version__
        from stitcher.kernel import NAME

        click.echo(f"stitcher {__version__} (kernel: {NAME}, Python {sys.version.split()[0]})")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show the version, the kernel in use and the Python, and exit.",
)  # fmt: skip
def cli() -> None:
    """Join Linux audit's many-line records into whole events.

    \b
    Example:
      stitcher filter /var/log/audit/audit.log
      tail -f /var/log/audit/audit.log | stitcher filter --format text
    """


def main() -> NoReturn:
    """The console script: runs a command and turns every ending into an exit code and at most one line."""
    _keep_places()
    try:
        code = _run()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _die_of(signal.SIGPIPE)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _keep_places() -> None:
    """A standard stream that is closed must fail when it is used, not be the next file that is opened."""
    for fd, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, mode)


def _run() -> int:
    try:
        result = cli.main(prog_name="stitcher", standalone_mode=False)
    except click.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ConfigError as error:
        return _failed(error, 2)
    except StitcherError as error:
        return _failed(error, 1)
    return result if isinstance(result, int) else 0


def _failed(error: StitcherError, code: int) -> int:
    click.echo(f"stitcher: {error}", err=True)
    return code


def _die_of(number: signal.Signals) -> NoReturn:
    """End as a program does that never heard of the signal: quietly, and the shell sees why."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    raise SystemExit(1)
