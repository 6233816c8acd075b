"""The examples under `--help` name what verbs take, and every file that their system needs."""

from __future__ import annotations

import shlex

import pytest
import typer

from bench.cli.app import app
from bench.separators import find_card, list_separators

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# A submission stands for the system that it is of.
OF_CTCNET = "submissions/mine"


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_the_example_of_a_verb_is_understood(verb: str) -> None:
    name, called, *words = shlex.split(COMMANDS[verb].epilog.removeprefix("Example: "))
    assert (name, called) == ("avss-bench", verb)
    given = COMMANDS[verb].make_context(verb, list(words)).params
    assert any(given.values())
    roles = {role for role, path in given.items() if path and role.endswith("checkpoint")}
    known = ["ctcnet" if word == OF_CTCNET else word for word in words]
    for system in (word for word in known if roles and word in list_separators()):
        assert roles == {file.role for file in find_card(system).files}


def test_a_video_needs_an_interpreter_of_mediapipe() -> None:
    assert "--mediapipe" in COMMANDS["separate"].epilog


def test_every_verb_has_the_short_way_to_its_help() -> None:
    assert COMMANDS["run"].make_context("run", [], resilient_parsing=True)
    assert app.info.context_settings == {"help_option_names": ["-h", "--help"]}
