"""The verbs, and what happens when one of them fails.

Exit codes: 0 done, 1 finished with failures, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

import bench
from bench.cli import (
    compare_verb,
    doctor_verb,
    explain_verb,
    list_verb,
    merge_verb,
    prepare_verb,
    profile_verb,
    reproduce_verb,
    run_verb,
    score_verb,
    separate_verb,
    site_verb,
    stress_verb,
    submit_verb,
    table_verb,
    transcribe_verb,
    validate_verb,
    verify_verb,
)
from bench.cli.terminal import complain
from bench.errors import BenchError

__all__ = ["app", "run_verbs"]

_NAME = "avss-bench"
_INTERRUPTED = 130
# The root of typer's errors of use, wherever the installed version keeps it.
_WrongUse: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name=_NAME,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Benchmark and leaderboard harness for audio-visual speech separation.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (
    list_verb,
    prepare_verb,
    run_verb,
    reproduce_verb,
    score_verb,
    separate_verb,
    table_verb,
    compare_verb,
    profile_verb,
    stress_verb,
    explain_verb,
    transcribe_verb,
    doctor_verb,
    merge_verb,
    submit_verb,
    validate_verb,
    verify_verb,
    site_verb,
):
    verb.register(app)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"{_NAME} {bench.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", callback=_tell_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Take the options that belong to no verb."""


def run_verbs() -> int:
    """Run the verb that was asked for and return the exit code.

    What a user can do wrong gets one sentence, never a traceback.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    try:
        # None where a verb came to its end, a number where typer ended it.
        code = app(prog_name=_NAME, standalone_mode=False) or 0
    except typer.Abort:
        code = _INTERRUPTED
    except BenchError as error:
        complain(str(error))
        return error.exit_code
    except _WrongUse as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # that one has printed the help
            complain(_sentence(error))
        return BenchError.exit_code
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if code == _INTERRUPTED:  # what typer makes of Ctrl-C
        raise KeyboardInterrupt
    return int(code)


def _sentence(error: Any) -> str:
    """Turn what typer says of a wrong call, which may be several lines, into one sentence."""
    said = " ".join(error.format_message().split()).rstrip(".")
    where = getattr(getattr(error, "ctx", None), "command_path", _NAME)
    stop = "" if said.endswith("?") else ";"
    return f"{said[:1].lower()}{said[1:]}{stop} `{where} --help` shows what is expected."
