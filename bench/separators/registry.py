"""Finding and making separators by id: `list_separators` and `load_separator`."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from bench.core.hashing import hash_file
from bench.core.plugins import load_plugin, plugins
from bench.errors import CheckpointError, UsageError, unknown_name
from bench.separators.card import PLUGINS, Card, Setting, WeightFile, known_cards

if TYPE_CHECKING:
    from torch import Tensor

    from bench.separators.base import Separator

__all__ = ["build_separator", "find_card", "list_separators", "load_separator"]

_BASELINES = ("oracle", "baseline")


class _Module(Protocol):
    """What every module of `bench.separators` that a card names must offer."""

    def build(self, settings: Mapping[str, Setting]) -> Separator: ...


def list_separators() -> list[str]:
    """Return the ids of all systems in natural order, baselines last."""
    cards = known_cards().values()
    return [card.id for card in sorted(cards, key=_order)]


def _order(card: Card) -> tuple[bool, list[tuple[int, str]]]:
    pieces = re.findall(r"\d+|\D+", card.id)
    return card.kind in _BASELINES, [(int(p), "") if p.isdigit() else (-1, p) for p in pieces]


def find_card(separator: str) -> Card:
    """Return the card of a system.

    Raises:
        UsageError: The id is unknown; the nearest one is suggested.
    """
    try:
        return known_cards()[separator]
    except KeyError:
        raise unknown_name("separator", separator, list_separators()) from None


def build_separator(
    card: Card, settings: Mapping[str, Setting] | None = None, *, seed: int = 0
) -> Separator:
    """Make a system with fresh weights, in eval mode, on the CPU.

    Args:
        card: Which system.
        settings: Hyper-parameters that differ from the published ones; `mouth_input` names one of
            the card's ways to feed the crops.
        seed: Of the fresh weights.

    Raises:
        UsageError: A setting the system does not have, or a value of another type.
    """
    import torch

    from bench.separators.base import Identity

    given = dict(settings or {})
    mouth_input = str(given.pop("mouth_input", "default"))
    chosen = _merged(card, given)
    module = _module(card)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        separator = module.build(chosen)
    separator.card, separator.notes = card, card.notes
    separator.face_input = card.face_input
    if card.mouth_inputs:
        if mouth_input not in card.mouth_inputs:
            raise unknown_name("mouth input", mouth_input, card.mouth_inputs)
        separator.mouth_input = card.mouth_inputs[mouth_input]
        separator.mouth_sizes = tuple(way.shape for way in card.mouth_inputs.values())
    separator.identity = Identity(
        separator=card.id,
        weights="random" if card.is_network else "none",
        settings={n: v for n, v in chosen.items() if v != card.settings[n]},
        mouth_input=mouth_input,
        seed=seed if card.is_network else None,
    )
    return separator.eval().requires_grad_(False)


def _module(card: Card) -> _Module:
    point = plugins(PLUGINS).get(card.id)
    module = (
        load_plugin(point) if point else importlib.import_module(f"bench.separators.{card.module}")
    )
    return cast(_Module, module)


def _merged(card: Card, given: Mapping[str, Setting]) -> dict[str, Setting]:
    for name, value in given.items():
        if name not in card.settings:
            raise unknown_name(f"setting of {card.id}", name, card.settings or ["(none)"])
        published = card.settings[name]
        if type(value) is not type(published):
            raise UsageError(
                f"the setting {name}={value} of {card.id} must be of the type of the published "
                f"value, {published!r}."
            )
        if isinstance(value, int | float) and value < 0:
            raise UsageError(f"the setting {name}={value} of {card.id} must not be negative.")
    return {**card.settings, **given}


def load_separator(
    separator: str,
    *,
    checkpoint: str | Path | None = None,
    lip_checkpoint: str | Path | None = None,
    face_checkpoint: str | Path | None = None,
    settings: Mapping[str, Setting] | None = None,
    device: str = "cpu",
    seed: int = 0,
) -> Separator:
    """Load a published system.

    Args:
        separator: One of `list_separators()`.
        checkpoint: The separator's weights, in a layout its authors publish.
        lip_checkpoint: The lip encoder's weights, where they are a file of their own.
        face_checkpoint: The face encoder's weights, where the system has one.
        settings: Hyper-parameters that differ from the published ones (`{"num_blocks": 10}`).
        device: "cpu" or "cuda".
        seed: Of fresh weights; without any file the network has those.

    Returns:
        A `torch.nn.Module` in eval mode; see `bench.separators.base.Separator`.

    Raises:
        UsageError: An unknown id, setting or device, or one needed file missing.
        CheckpointError: A file that does not fill its network exactly; it lists the tensors.

    Example:
        >>> import bench
        >>> bench.load_separator("mixture").identity.weights
        'none'
    """
    card = find_card(separator)
    given = {
        "checkpoint": checkpoint,
        "lip_checkpoint": lip_checkpoint,
        "face_checkpoint": face_checkpoint,
    }
    paths = {role: Path(path) for role, path in given.items() if path is not None}
    _check_roles(card, paths)
    check_device(device)
    if paths:
        return _load_files(card, paths, dict(settings or {})).to(device)
    return build_separator(card, settings, seed=seed).to(device)


def _check_roles(card: Card, paths: Mapping[str, Path]) -> None:
    wanted: dict[str, WeightFile] = {file.role: file for file in card.files}
    for role, path in paths.items():
        if role not in wanted:
            known = ", ".join(wanted) or "no weight file at all"
            raise UsageError(f"{card.id} takes no {role} ({path} was given); it takes {known}.")
    missing = [file for role, file in wanted.items() if role not in paths]
    if paths and missing:
        names = ", ".join(f"{file.role} ({file.name})" for file in missing)
        raise UsageError(
            f"{card.id} was given {', '.join(paths)} but also needs {names}: give all its files."
        )


def check_device(device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        UsageError: Not "cpu" or "cuda[:N]", or no such GPU.
    """
    import torch

    if not re.fullmatch(r"cpu|cuda(:\d+)?", device):
        raise UsageError(f"the device '{device}' is unknown; cpu, cuda or cuda:N is expected.")
    index = int(device.partition(":")[2] or 0)
    if device != "cpu" and torch.cuda.device_count() <= index:
        raise UsageError(
            f"the device {device} was asked for, but PyTorch sees {torch.cuda.device_count()} "
            "GPUs here; use --device cpu."
        )


def _load_files(card: Card, paths: Mapping[str, Path], settings: dict[str, Setting]) -> Separator:
    from bench.separators.checkpoints import left_out, published_tensors, read_tensors

    files: dict[str, WeightFile] = {file.role: file for file in card.files}
    stored = {role: read_tensors(path) for role, path in paths.items()}
    try:
        tensors = {role: published_tensors(stored[role], files[role]) for role in paths}
        settings |= _settings_in_files(card, tensors, settings)
        separator = build_separator(card, settings)
        for role, path in paths.items():
            load_part(separator, files[role], tensors[role], path)
    except CheckpointError:
        for role, path in paths.items():
            _refuse_own_state(stored[role], path, card.id)
        raise
    hashes = {role: hash_file(path) for role, path in paths.items()}
    identity = separator.identity
    separator.identity = replace(identity, weights="checkpoint", files=hashes, seed=None)
    omitted = [left_out(stored[role], files[role]) for role in paths]
    separator.notes = (*card.notes, *filter(None, omitted))
    return separator


def _refuse_own_state(tensors: Mapping[str, Tensor], path: Path, asked: str) -> None:
    """Recognise the state of a network of ours that was saved as it is, under our names."""
    from bench.separators.recognition import own_states

    found = own_states(tensors)
    if found:
        id = asked if asked in found else found[0]
        raise CheckpointError(
            f"{path} is the state of avss-bench's own {id}, not a published layout: in Python, "
            f'give it to bench.load_separator("{id}").load_state_dict and score that with '
            "bench.evaluate (its run is marked 'random weights', for nobody published these)."
        )


def _settings_in_files(
    card: Card, tensors: Mapping[str, Mapping[str, Tensor]], given: Mapping[str, Setting]
) -> dict[str, Setting]:
    """Read what the tensors determine, and hold it against what was asked for."""
    shapes = {n: tuple(t.shape) for part in tensors.values() for n, t in part.items()}
    read = type(build_on_meta(card)).read_settings(shapes)
    if not _fits(card, tensors, {**given, **read}):
        # No other settings explain the file: what does not fit the asked ones is listed later.
        return {name: value for name, value in read.items() if name in card.read_from_file}
    for name, value in read.items():
        if name in given and given[name] != value:
            raise CheckpointError(
                f"--set {name}={given[name]} was given, but the tensors of the file are those of "
                f"{name}={value}."
            )
        if name not in given and name not in card.read_from_file and value != card.settings[name]:
            raise CheckpointError(
                f"the file is {card.name} with {name}={value}, not the published "
                f"{card.settings[name]}; if that is meant, say --set {name}={value}."
            )
    return read


def _fits(
    card: Card, tensors: Mapping[str, Mapping[str, Tensor]], settings: Mapping[str, Setting]
) -> bool:
    """Whether files fill the network exactly once it has these settings."""
    try:
        separator = build_on_meta(card, settings)
        return all(share_of(tensors[file.role], separator, file) == 1.0 for file in card.files)
    except Exception:  # settings that no network has
        return False


def build_on_meta(card: Card, settings: Mapping[str, Setting] | None = None) -> Separator:
    """Make a system without memory for its weights, to ask for names and shapes."""
    import torch

    with torch.device("meta"):
        return build_separator(card, settings)


def load_part(
    separator: Separator, file: WeightFile, tensors: Mapping[str, Tensor], path: Path | str
) -> None:
    """Fill one part of a separator with published tensors.

    Raises:
        CheckpointError: They do not fill it exactly; names the system the file looks like.
    """
    from bench.separators.checkpoints import fill_part, rename_tensors, spelling

    ours = separator.adapt_tensors(file.part, rename_tensors(tensors, file))
    try:
        fill_part(
            separator.get_submodule(file.part),
            ours,
            f"{path}, given as {file.role} of {separator.card.id},",
            spelling(tensors, file),
        )
    except CheckpointError as error:
        looks = _looks_like(tensors, separator.card.id, file.role)
        raise CheckpointError(f"{error}{looks}") from error


def _looks_like(tensors: Mapping[str, Tensor], asked: str, role: str) -> str:
    """Name the known file that these tensors fill, or nearly fill."""
    cards = known_cards()
    shares = {
        (role_of_file, card.id): share
        for card in cards.values()
        for role_of_file, share in _shares(tensors, card).items()
        if (card.id, role_of_file) != (asked, role)
    }
    best = max(shares.values(), default=0.0)
    if best <= 0.5:
        return ""
    # Systems that share a file cannot be told apart by it: all are named, the one asked for first.
    alike = sorted(
        (role_of_file, id != asked, cards[id].kind, id)
        for (role_of_file, id), share in shares.items()
        if share == best
    )
    owners = [id for role_of_file, _, _, id in alike if role_of_file == alike[0][0]]
    return f" It looks like the {alike[0][0]} of {' or '.join(owners)}."


def _shares(tensors: Mapping[str, Tensor], card: Card) -> dict[str, float]:
    """How much of each of a system's files these tensors are, by role."""
    if not card.files:
        return {}
    try:
        separator = build_on_meta(card)
        return {file.role: share_of(tensors, separator, file) for file in card.files}
    except Exception:  # of somebody's plug-in: a hint never hides the error it belongs to
        return {}


def share_of(tensors: Mapping[str, Tensor], separator: Separator, file: WeightFile) -> float:
    """Share of names and shapes in common between a file's stored tensors and a known part."""
    from bench.separators.checkpoints import published_tensors, rename_tensors

    try:
        given = rename_tensors(published_tensors(tensors, file), file)
    except CheckpointError:
        return 0.0
    given = separator.adapt_tensors(file.part, given)
    expected = separator.get_submodule(file.part).state_dict()
    same: int = sum(n in expected and expected[n].shape == t.shape for n, t in given.items())
    return same / max(1, len(given.keys() | expected.keys()))
