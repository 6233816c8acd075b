"""Running a sample of a submission again.

Nothing of a submission is executed or fetched: the verifier brings the system (weight files, own
code, or written estimates), and it must be the one that the submission names, by hash.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from bench.board.verification.comparison import Deviation, compare_list, compare_records
from bench.board.verification.draw import ENOUGH, draw_mixtures, evidence_sha256
from bench.board.verification.same_system import refuse_other_system
from bench.board.verification.tolerances import Tolerance, choose_tolerance
from bench.core.mixture import Mixture
from bench.datasets import Dataset
from bench.datasets.fingerprint import compare
from bench.errors import UsageError
from bench.metrics import metric_versions
from bench.run.data_sameness import FINGERPRINT_NAME, read_fingerprint
from bench.run.engine import evaluate
from bench.run.files.saved import SavedEstimates
from bench.run.planning import describe_data, device_of, limited, mixture_ids, targets_of
from bench.run.result import Run

__all__ = ["Replay", "replay"]


@dataclass(frozen=True)
class Replay:
    """What running a sample again came to.

    Attributes:
        run: Id of the run.
        evidence: Hash of what was handed in.
        salt: The verifier's; empty = none.
        mixtures: What was drawn, in the order of the list.
        listed: Number of mixtures of the run.
        data: "identical" or "equivalent".
        device: Where it was run again.
        way: "separated again", or "scored again" where estimates were handed in.
        tolerance: What may differ.
        compared: Number of scores that were compared.
        unchecked: Metrics of the submission that were not computed here, and why.
        deviations: Everything that came out otherwise.
    """

    run: str
    evidence: str
    salt: str
    mixtures: tuple[str, ...]
    listed: int
    data: str
    device: str
    way: str
    tolerance: Tolerance
    compared: int
    unchecked: Mapping[str, str]
    deviations: tuple[Deviation, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything came out as it was handed in."""
        return not self.deviations and self.compared > 0

    @property
    def verified(self) -> bool:
        """Whether it may carry the mark: every metric agrees, and the sample is large enough."""
        enough = len(self.mixtures) >= min(ENOUGH, self.listed)
        return self.agrees and enough and not self.unchecked


@dataclass(frozen=True)
class _Drawn(Sequence[Mixture]):
    """The drawn mixtures as a data set of their own."""

    dataset: Sequence[Mixture]
    positions: tuple[int, ...]
    id: str
    mouth_origin: str

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, index: int) -> Mixture:  # type: ignore[override]
        return self.dataset[self.positions[index]]


def replay(
    submitted: Run,
    separator: nn.Module | SavedEstimates,
    dataset: Dataset,
    *,
    sample: int = ENOUGH,
    salt: str = "",
    checkpoints: Collection[str] = (),
    workers: int = 1,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Run a sample of a submitted run again.

    Args:
        submitted: The run as it was handed in.
        separator: The verifier's own copy of its system.
        dataset: The verifier's own copy of its data.
        sample: Number of mixtures; all where there are fewer.
        salt: See `draw`.
        checkpoints: SHA-256 of the weight files that the submission names outside its plan.
        workers: Processes.
        threads: Arithmetic threads in each.
        progress: Called with (mixtures done, mixtures in all).

    Raises:
        UsageError: Another system, another data set, or no metric that is the same here.
    """
    if sample < 1:
        raise UsageError(f"a sample of {sample} was asked for, but at least 1 mixture is needed.")
    refuse_other_system(submitted.plan, separator, checkpoints)
    whole = limited(dataset, submitted.plan.limit)
    identical = _same_data(submitted, dataset)
    metrics, unchecked = _metrics(submitted)
    evidence = evidence_sha256(submitted)
    names = mixture_ids(whole)
    drawn = draw_mixtures(evidence, names, sample, salt)
    places = {name: position for position, name in enumerate(names)}
    chosen = _Drawn(whole, tuple(places[n] for n in drawn), dataset.id, dataset.mouth_origin)
    again = evaluate(
        separator,
        chosen,
        metrics=metrics,
        workers=workers,
        threads=threads,
        mouths=submitted.plan.mouths,
        permutation=submitted.plan.permutation,
        progress=progress,
    )
    device = device_of(separator).partition(":")[0]
    tolerance = choose_tolerance(devices={device, submitted.plan.device}, identical=identical)
    compared, deviations = compare_records(submitted, again, tolerance)
    targets = {(name, t) for place, name in enumerate(names) for t in targets_of(whole, place)}
    return Replay(
        run=submitted.id,
        evidence=evidence,
        salt=salt,
        mixtures=drawn,
        listed=len(names),
        data="identical" if identical else "equivalent",
        device=device,
        way="scored again" if isinstance(separator, SavedEstimates) else "separated again",
        tolerance=tolerance,
        compared=compared,
        unchecked=unchecked,
        deviations=(*compare_list(submitted, targets), *deviations),
    )


def _same_data(submitted: Run, dataset: Dataset) -> bool:
    """Whether the data are identical; false where they are equivalent.

    Raises:
        UsageError: They are neither.
    """
    mine, plan = describe_data(dataset), submitted.plan
    if mine["dataset"] != plan.dataset:
        raise UsageError(
            f"the submission is on '{plan.dataset}', but '{mine['dataset']}' was opened."
        )
    if mine["list_sha256"] != plan.list_sha256:
        raise UsageError(
            f"the submission was made from the mixture list {plan.list_sha256[:12]}…, but this copy"
            f" of '{plan.dataset}' has {mine['list_sha256'][:12]}…; open the same list."
        )
    if mine["data_sha256"] == plan.data_sha256:
        return True
    path = submitted.folder / FINGERPRINT_NAME if submitted.folder is not None else None
    if path is None or not path.is_file():
        raise UsageError(
            f"the submission was measured on the data {str(plan.data_sha256)[:12]}…, but this copy "
            f"of '{plan.dataset}' is {str(mine['data_sha256'])[:12]}…, and no fingerprint says how "
            "far they differ."
        )
    found = compare(read_fingerprint(path), dataset.full_fingerprint)
    if found.kind == "different":
        raise UsageError(
            f"the submission was measured on other data than this copy of '{plan.dataset}': "
            f"{'; '.join(found.reasons)}."
        )
    return found.kind == "identical"


def _metrics(submitted: Run) -> tuple[list[str], dict[str, str]]:
    """Return the metrics that are defined here as they were there, and why the others are not."""
    here, unchecked = [], {}
    for metric, version in submitted.plan.metrics.items():
        ours = metric_versions([metric])[metric]
        if ours == version:
            here.append(metric)
        else:
            unchecked[metric] = f"version {version} was handed in, version {ours} is here"
    if not here:
        raise UsageError("no metric of the submission is defined here as it was there.")
    return here, unchecked
