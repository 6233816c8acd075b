"""A user's own system: a factory in a Python file, or an exported program with a small card.

The factory takes no arguments and returns a `torch.nn.Module` that is called as
`module(mixture, mouths=...)` with shapes as in `bench.separators.base`. It may have a method
`prepare_mouths(crops)`; without one it gets mouths as CTCNet does (centre 88x88, normalised).

The exported program (`torch.export.save`) is called as `program(mixture, mouths)`; its card:

    name = "My system"
    sample_rate = 16000        # what the program expects
    [mouth_input]              # as in bench.separators.card.MouthInput
    size = 88
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor, nn

from bench.core.hashing import hash_bytes, hash_file
from bench.errors import DataError, UsageError
from bench.separators.base import Identity, Separator
from bench.separators.card import Card, MouthInput
from bench.separators.mouths import prepare_mouths

__all__ = ["build_from_file", "factory_file", "load_exported", "own_mouths", "takes_mouths"]

# Which file a module was made by; its class may stand in another.
_FACTORIES: WeakKeyDictionary[nn.Module, Path] = WeakKeyDictionary()


class ProgramCard(BaseModel):
    """What must be known of an exported program.

    Attributes:
        name: For tables.
        sample_rate: In hertz; only 16000 is supported, and said so here rather than assumed.
        mouth_input: How the crops are fed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sample_rate: int
    mouth_input: MouthInput = MouthInput(convention="ours")


def build_from_file(spec: str) -> nn.Module:
    """Call a factory in a Python file of the user's.

    Args:
        spec: `path/to/file.py:build`.

    Raises:
        UsageError: No such file or function, or it does not return a module.
    """
    path, _, name = spec.rpartition(":")
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"there is no file {path}; FILE.py:FUNCTION is expected, as in {spec}.")
    factory = getattr(_imported(file), name, None)
    if not callable(factory):
        raise UsageError(f"{path} has no function '{name}'; define it, or name another one.")
    module = cast(Callable[[], object], factory)()
    if not isinstance(module, nn.Module):
        raise UsageError(
            f"{spec} returned {type(module).__name__}, but a torch.nn.Module is expected."
        )
    _FACTORIES[module] = file.resolve()
    return module.eval().requires_grad_(False)


def factory_file(module: nn.Module) -> Path | None:
    """Return the file whose factory made a module; None where none did."""
    return _FACTORIES.get(module)


def takes_mouths(module: nn.Module) -> bool:
    """Whether a module of the user's looks at mouths; an audio-only one has no such argument."""
    parameters = inspect.signature(module.forward).parameters.values()
    return any(p.name == "mouths" or p.kind == p.VAR_KEYWORD for p in parameters)


def own_mouths(module: nn.Module, crops: NDArray[np.uint8]) -> Tensor:
    """Prepare mouths as a module of the user's wants them: its own way, or as CTCNet does.

    Args:
        module: Of the user's.
        crops: uint8 `(2, frames, 96, 96)`, grey, 25 fps.

    Returns:
        `(2, frames, height, width)`; `(2, frames, 88, 88)` where the module has no way of its own.
    """
    own = getattr(module, "prepare_mouths", None)
    mouths: Tensor = own(crops) if callable(own) else prepare_mouths(crops, MouthInput())
    return mouths


def _imported(file: Path) -> object:
    """Import a file under a name of its own, where worker processes find it again."""
    name = file.stem
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) != str(file.resolve()):
        raise UsageError(f"{file} has the name of a module that is in use; rename the file.")
    sys.path.insert(0, str(file.resolve().parent))  # its neighbours can be imported, as usual
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UsageError(
            f"{file} cannot be imported ({type(error).__name__}: {error}); mend it and try again."
        ) from error


class ExportedProgram(Separator):
    """Runs an exported program behind the interface of all separators.

    Args:
        path: File of `torch.export.save`.
        card: What must be known of it.
    """

    halves_batch = False  # it was exported for two mouths

    def __init__(self, path: Path, card: ProgramCard) -> None:
        super().__init__()
        self._path, self._program = path, _program(path)
        self.mouth_input = card.mouth_input
        self.card = Card(
            id=path.stem,
            name=card.name,
            kind="own",
            summary="an exported program",
            mouth_inputs={"default": card.mouth_input},
        )
        files = {"program": hash_file(path), "card": hash_bytes(card.model_dump_json().encode())}
        self.identity = Identity(path.stem, weights="checkpoint", files=files)

    def __reduce__(self) -> Any:
        return _reopened, (self._path, self.card.name, self.mouth_input)

    def _encode(self, mouths: Tensor, samples: int | None) -> Tensor:
        return mouths

    def _separate(self, mixture: Tensor, embeddings: Any, faces: Tensor | None) -> Tensor:
        separated: Tensor = self._program(mixture, embeddings)
        return separated


def _reopened(path: Path, name: str, mouth_input: MouthInput) -> ExportedProgram:
    card = ProgramCard(name=name, sample_rate=Separator.sample_rate, mouth_input=mouth_input)
    return ExportedProgram(path, card)


def _program(path: Path) -> nn.Module:
    try:
        return torch.export.load(path).module()
    except Exception as error:
        raise DataError(
            f"{path} is not a program that torch.export.save wrote ({type(error).__name__}); "
            "export it again with this version of torch."
        ) from error


def load_exported(path: Path, card: Path) -> ExportedProgram:
    """Load an exported program with its card.

    Args:
        path: A `.pt2` file.
        card: Its TOML card.

    Raises:
        DataError: One of the files is not what it should be.
        UsageError: The program expects another sample rate.
    """
    try:
        read = ProgramCard.model_validate(tomllib.loads(card.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"the card {card} of {path} cannot be used: {error}") from error
    if read.sample_rate != Separator.sample_rate:
        raise UsageError(
            f"{card} says {read.sample_rate} Hz, but all sets have {Separator.sample_rate} Hz; "
            "resample inside the program."
        )
    return ExportedProgram(path, read)
