"""The progress bar says what it was told to say, whoever chose the name."""

from __future__ import annotations

import pytest

from bench.cli.progress import progress_bar


@pytest.mark.parametrize("name", ["[/red]", "[bold]Net", "[link=https://evil.example]x"])
def test_a_name_is_no_markup(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar(f"verify {name}") as advance:
        advance(1, 1)
    assert f"verify {name}" in capfd.readouterr().err
