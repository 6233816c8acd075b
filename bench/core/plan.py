"""What a run is going to do: everything that can move a number, and the identity made from it.

Two runs with equal plans give the same bytes; the hash of the plan names the folder, so the same
command resumes and any other setting goes to another folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from bench.core.files import write_text
from bench.core.hashing import hash_settings
from bench.core.jsonio import dumps_pretty, loads
from bench.errors import UsageError

__all__ = ["SCHEMA", "Plan", "claim_folder"]

SCHEMA = 2


@dataclass(frozen=True)
class Plan:
    """The settings of one run.

    Attributes:
        dataset: Id of the data set.
        list_sha256: Hash of its mixture list.
        data_sha256: Hash of the mixtures themselves, where it is known beforehand.
        separator: Identity of the network: id, settings, SHA-256 of its files.
        kind: Of the separator's card ("published", "oracle", ...), or "own".
        metrics: Version of each metric by id.
        pictures: Hash of the pictures that the separator looks at; None where it looks at none.
        packages: Versions of everything that computes.
        device: "cpu" or "cuda".
        threads: Of the arithmetic in each process.
        mouths: What is done to the mouths before they are shown ("as-is").
        permutation: Which estimate belongs to which target: "given" by the mouths, or the "best".
        limit: Number of mixtures of a quick look; None = all.
        marks: What every result on this copy of the data must say (an unofficial list, mouth crops
            that are not the published ones).
    """

    dataset: str
    list_sha256: str
    data_sha256: str | None
    separator: Mapping[str, object]
    kind: str
    metrics: Mapping[str, str]
    pictures: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    device: str = "cpu"
    threads: int = 1
    mouths: str = "as-is"
    permutation: str = "given"
    limit: int | None = None
    marks: tuple[str, ...] = ()
    schema: int = field(default=SCHEMA)

    @cached_property
    def sha256(self) -> str:
        """Hash of all settings."""
        return hash_settings(asdict(self))

    @property
    def run_id(self) -> str:
        """Name of the run and its folder."""
        readable = f"{self.separator['separator']}_{self.dataset}"
        return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', readable).lstrip('.')}_{self.sha256[:12]}"


def claim_folder(out: Path, plan: Plan) -> Path:
    """Make or find the folder of a run below `out`.

    Raises:
        UsageError: `out` is the folder of a run itself, or the run's folder holds another plan.
        StorageError: The folder cannot be written.
    """
    if (out / "plan.json").exists():
        raise UsageError(
            f"{out} is itself the folder of a run; give the folder above it, {out.parent}."
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file, but --out expects a folder; give another name.")
    folder = out / plan.run_id
    path = folder / "plan.json"
    content = dumps_pretty(asdict(plan))
    if not path.exists():
        if folder.exists() and any(folder.glob("*.json*")):
            raise UsageError(f"{folder} holds something that is not a run; choose another --out.")
        write_text(path, content)
    elif hash_settings(loads(path.read_bytes(), str(path))) != plan.sha256:
        raise UsageError(
            f"{folder} belongs to another run (its plan.json differs); choose another --out."
        )
    return folder
