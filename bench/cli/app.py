"""The verbs, and what happens when one of them fails.

Exit codes: 0 done, 1 finished with failures, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import typer

from bench.cli import (
    compare_verb,
    explain_verb,
    list_verb,
    merge_verb,
    prepare_verb,
    profile_verb,
    reproduce_verb,
    run_verb,
    score_verb,
    separate_verb,
    stress_verb,
    submit_verb,
    table_verb,
    transcribe_verb,
    validate_verb,
    verify_verb,
)
from bench.errors import BenchError

__all__ = ["app", "main"]

app = typer.Typer(
    name="avss-bench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Benchmark and leaderboard harness for audio-visual speech separation.",
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
    merge_verb,
    submit_verb,
    validate_verb,
    verify_verb,
):
    verb.register(app)


def main() -> None:
    """Run the command line; an error that a user can cause is one sentence, never a traceback."""
    try:
        app()
    except BenchError as error:
        typer.echo(f"avss-bench: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
