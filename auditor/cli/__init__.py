"""The command line: the only place that reads the clock, the environment and prints. Commands are imported when they are called."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence

import click

from auditor import __version__
from auditor.errors import AuditorError

COMMANDS = {
    "audit": ("auditor.cli.audit:audit", "Audit one period and leave findings, scores and the report in a folder."),
    "check": ("auditor.cli.check:check", "Try configuration, sources and mappings without auditing."),
    "demo": ("auditor.cli.demo:demo", "Build a demonstration site with known breaches, and audit it."),
    "duties": ("auditor.cli.duties:duties", "List the duties that fall due in a period, with their state."),
    "explain": ("auditor.cli.explain:explain", "Show why one case got its verdict, step by step."),
    "init": ("auditor.cli.init:init", "Make a commented site folder: configuration, mapping, site key."),
    "rules": ("auditor.cli.rules:rules", "List and show rules, and the clause-by-clause coverage of a regulation."),
}


NEW_OBJECTS = 50_000
"""Objects made before Python looks for those that are in nobody's reach. Rules, wordings and findings are hundreds of thousands that stay:
looking at them as often as it does of itself (every 700) took an eighth of a start."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Help must not import what the commands do: it has to be there at once.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="auditor")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
def group(debug: bool) -> None:
    """Hold the logs of customer service against the regulations that the organisation has given itself."""
    if debug:
        os.environ["AUDITOR_DEBUG"] = "1"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process with the contract's exit code."""
    gc.set_threshold(NEW_OBJECTS)
    try:
        code = run(arguments)
        # All is said and done: an interrupt of the interpreter's own end would only print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = _interrupted()
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command; its error, one paragraph, goes to standard error."""
    try:
        result = group.main(arguments, prog_name="auditor", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _interrupted()
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" See `{context.command_path} --help`." if context is not None else ""
        return _fail(f"{error.format_message().rstrip('.')}.{hint}", 2)
    except AuditorError as error:
        return _fail(str(error), error.exit_code, error)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        # Whoever read our output has gone (`auditor rules list | head`): no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError as error:
        return _fail("the machine ran out of memory; audit a shorter period, or a machine with more", 4, error)
    except Exception as error:  # noqa: BLE001
        return _fail(
            f"the run failed for a reason that the program did not expect ({type(error).__name__}); nothing half-written was left. "
            f"Run it again with `auditor --debug ...` and report what it says",
            4,
            error,
        )
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    return _fail("interrupted; nothing half-written was left", 130)


def _fail(message: str, code: int, error: BaseException | None = None) -> int:
    if error is not None and os.environ.get("AUDITOR_DEBUG"):
        traceback.print_exception(error)
    print(f"auditor: {message}", file=sys.stderr)
    return code
