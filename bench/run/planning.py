"""What a run is identified by: the data, the separator with its weights, and every setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from bench.core.environment import package_versions
from bench.core.hashing import hash_settings
from bench.core.mixture import Mixture
from bench.core.names import check_file_name
from bench.core.plan import Plan
from bench.core.plugins import plugins
from bench.datasets.dataset import Dataset
from bench.errors import UsageError, unknown_name
from bench.metrics import metric_versions
from bench.run.files.saved import SavedEstimates
from bench.run.identity import Progress, hash_code, hash_mixtures, hash_pictures, hash_weights
from bench.run.mouth_modes import parse_mouth_mode
from bench.run.result import SystemFacts
from bench.separators.base import Separator
from bench.separators.card import PLUGINS

__all__ = [
    "Progress",
    "describe_data",
    "describe_separator",
    "device_of",
    "limited",
    "make_plan",
    "mixture_ids",
    "targets_of",
]


def limited(dataset: Sequence[Mixture], limit: int | None) -> Sequence[Mixture]:
    """Take the fixed subset of a quick look; everything where there is no limit.

    Raises:
        UsageError: A limit below 1.
    """
    if limit is None:
        return dataset
    if limit < 1:
        raise UsageError(f"--limit {limit} was given, but at least 1 mixture is needed.")
    subset = getattr(dataset, "subset", None)
    if callable(subset):
        chosen: Sequence[Mixture] = subset(limit)
        return chosen
    return [dataset[position] for position in range(min(limit, len(dataset)))]


def mixture_ids(dataset: Sequence[Mixture]) -> list[str]:
    """Return the names of all mixtures in order, without decoding them where the set can."""
    known = getattr(dataset, "ids", None)
    if known is not None:
        return list(known)
    return [dataset[position].id for position in range(len(dataset))]


def make_plan(
    separator: torch.nn.Module | SavedEstimates,
    dataset: Sequence[Mixture],
    *,
    metrics: Sequence[str],
    threads: int,
    limit: int | None,
    mouths: str,
    permutation: str,
    name: str | None,
    progress: Progress | None,
) -> tuple[Plan, SystemFacts]:
    """Write down everything that can move a number, and what tables call the separator.

    Arguments are those of `bench.evaluate`; `progress` is its `preparing`.

    Raises:
        UsageError: Settings that do not fit.
    """
    parse_mouth_mode(mouths)
    if permutation not in ("given", "best"):
        raise unknown_name("permutation", permutation, ("given", "best"))
    system, identity = describe_separator(separator, name)
    if permutation == "best":
        system = replace(system, notes=(*system.notes, "scored with the best permutation"))
    plan = Plan(
        **describe_data(dataset, progress),
        separator=identity,
        kind=system.kind,
        metrics=metric_versions(metrics),
        pictures=hash_pictures(separator, dataset, progress),
        packages=package_versions(),
        device=device_of(separator).partition(":")[0],
        threads=threads,
        mouths=mouths,
        permutation=permutation,
        limit=limit,
    )
    return plan, system


def describe_data(dataset: Sequence[Mixture], progress: Progress | None = None) -> dict[str, Any]:
    """Identify the data: the entries of a `Plan` that speak of it."""
    ids = [check_file_name(name) for name in mixture_ids(dataset)]
    if len(set(ids)) < len(ids):
        raise UsageError("the data set holds two mixtures of one name; names must be unique.")
    return {
        "dataset": str(getattr(dataset, "id", "own")),
        "list_sha256": str(getattr(dataset, "list_sha256", hash_settings(ids))),
        "data_sha256": _hash_data(dataset, progress),
        "marks": tuple(getattr(dataset, "marks", ())),
    }


def _hash_data(dataset: Sequence[Mixture], progress: Progress | None) -> str:
    """Take the hash that a card pins, or look at every mixture."""
    if isinstance(dataset, Dataset):
        return dataset.identify(progress)
    return getattr(dataset, "fingerprint", None) or hash_mixtures(dataset, progress)


def describe_separator(
    separator: torch.nn.Module | SavedEstimates, name: str | None
) -> tuple[SystemFacts, dict[str, Any]]:
    """Say what a separator is, for people and for the hash of the plan.

    Args:
        separator: One of ours, or any module.
        name: What tables call it; None = its own name.
    """
    if isinstance(separator, Separator) and hasattr(separator, "card"):
        card, identity = separator.card, separator.identity
        kind = "oracle" if separator.uses_references else card.kind
        facts = SystemFacts(name or card.name, kind, _inputs(separator), separator.notes)
        described = {**vars(identity), "settings": dict(identity.settings)}
        point = plugins(PLUGINS).get(card.id)
        if point is not None and point.dist is not None:
            described["package"] = f"{point.dist.name} {point.dist.version}"
        return facts, {**described, "tensors": hash_weights(separator)}
    if isinstance(separator, SavedEstimates):
        label = name or separator.name
        files = {"pattern": separator.pattern, "estimates": separator.sha256()}
        return SystemFacts(label, "own"), {"separator": label, **files}
    label = name or type(separator).__name__
    content = {"tensors": hash_weights(separator), "code": hash_code(separator)}
    return SystemFacts(label, "own"), {"separator": label, **content}


def device_of(separator: torch.nn.Module | SavedEstimates) -> str:
    """Return where a separator lives: "cpu", or "cuda:1"."""
    if isinstance(separator, SavedEstimates):
        return "cpu"
    return next((str(p.device) for p in separator.parameters()), "cpu")


def targets_of(dataset: Sequence[Mixture], position: int) -> tuple[int, ...]:
    """Return which voices of a mixture are scored, without decoding it where the set can tell."""
    card = getattr(dataset, "card", None)
    if card is not None:
        targets: tuple[int, ...] = tuple(card.mixture_list.targets)
        return targets
    return dataset[position].targets


def _inputs(separator: Separator) -> str:
    """Say how the pictures were fed, and whether that is published or ours."""
    said = []
    if separator.mouth_input is not None:
        way = separator.mouth_input
        note = f": {way.note}" if way.note else ""
        said.append(f"mouths '{separator.identity.mouth_input}' ({way.convention}){note}")
    if separator.face_input is not None:
        said.append(f"faces ({separator.face_input.convention})")
    return "; ".join(said)
