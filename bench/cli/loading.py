"""From the options of a verb to a separator with its weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import UsageError

if TYPE_CHECKING:
    from torch import nn

    from bench.separators.base import Separator

__all__ = ["SeparatorOptions", "load", "parse_settings"]


@dataclass(frozen=True)
class SeparatorOptions:
    """What the options of a verb say about the separators it runs.

    Attributes:
        checkpoint: The separator's weights.
        lip_checkpoint: The lip encoder's.
        face_checkpoint: The face encoder's.
        settings: `--set` pairs, as given.
        mouth_input: Name of the way the crops are fed.
        download: Whether missing published files are fetched.
        random_weights: Whether a network may run without weights.
        seed: Of random weights.
        device: Where it runs.
        card: Card of an exported program.
    """

    checkpoint: Path | None = None
    lip_checkpoint: Path | None = None
    face_checkpoint: Path | None = None
    settings: list[str] | None = None
    mouth_input: str = "default"
    download: bool = False
    random_weights: bool = False
    seed: int = 0
    device: str = "cpu"
    card: Path | None = None

    @property
    def files(self) -> dict[str, Path | None]:
        """Weight file by role, as given."""
        return {
            "checkpoint": self.checkpoint,
            "lip_checkpoint": self.lip_checkpoint,
            "face_checkpoint": self.face_checkpoint,
        }


def load(name: str, options: SeparatorOptions) -> nn.Module:
    """Load a separator as the options say.

    Args:
        name: Id of a system, `FILE.py:FUNCTION`, or `PROGRAM.pt2`.
        options: Of the verb.

    Raises:
        UsageError: A network without weights that was not asked for, or options that do not fit.
    """
    if name.endswith(".py"):
        raise UsageError(f"{name} names no function: {name}:build is expected, say.")
    if name.endswith(".pt2") or ".py:" in name:
        return _load_own(name, options)
    return _load_known(name, options)


def _load_own(name: str, options: SeparatorOptions) -> nn.Module:
    from bench.separators.own import build_from_file, load_exported
    from bench.separators.registry import check_device

    if any(options.files.values()) or options.settings:
        raise UsageError(f"{name} brings its own weights and settings; leave the other ones out.")
    check_device(options.device)
    if ".py:" in name:
        return build_from_file(name).to(options.device)
    if options.card is None:
        raise UsageError(f"{name} is an exported program: give its card with --card FILE.toml.")
    return load_exported(Path(name), options.card).to(options.device)


def _load_known(name: str, options: SeparatorOptions) -> Separator:
    import bench

    settings = parse_settings(options.settings or [])
    if options.random_weights and any(options.files.values()):
        raise UsageError("weight files and --random-weights were given; choose one of the two.")
    if options.mouth_input != "default":
        settings["mouth_input"] = options.mouth_input
    separator = bench.load_separator(
        name,
        **_files(name, options),
        settings=settings,
        device=options.device,
        seed=options.seed,
    )
    if separator.identity.weights == "random" and not options.random_weights:
        card = separator.card
        needs = ", ".join(f"--{f.role.replace('_', '-')} ({f.name})" for f in card.files)
        raise UsageError(
            f"{card.id} was given no weights: give {needs}, or --random-weights to try the path."
        )
    return separator


def _files(name: str, options: SeparatorOptions) -> dict[str, Path | None]:
    if not options.download:
        return options.files
    from bench.separators.download import fetch_files

    missing = [role for role, path in options.files.items() if path is None]
    return {**options.files, **fetch_files(name, missing)}


def parse_settings(pairs: list[str]) -> dict[str, bool | int | float | str]:
    """Read `--set name=value` pairs; numbers and true/false become what they look like.

    Raises:
        UsageError: A pair without "=".
    """
    settings: dict[str, bool | int | float | str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise UsageError(f"--set {pair} was given, but NAME=VALUE is expected.")
        settings[name] = _typed(value)
    return settings


def _typed(value: str) -> bool | int | float | str:
    if value in ("true", "false"):
        return value == "true"
    if re.fullmatch(r"[+-]?\d+", value):
        return int(value)
    try:
        return float(value)
    except ValueError:
        return value
