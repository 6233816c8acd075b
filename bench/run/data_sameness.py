"""Whether two runs were measured on the same data.

A run on material that does not ship keeps the fingerprint of what it was measured on beside its
records; a run on an embedded set has the hash that the set's card pins in its plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.core.files import gzip_bytes, read_gzip, write_bytes
from bench.core.mixture import Mixture
from bench.datasets.dataset import Dataset
from bench.datasets.fingerprint import Comparison, Fingerprint, compare, parse_fingerprint
from bench.errors import DataError
from bench.run.result import Run

__all__ = ["FINGERPRINT_NAME", "compare_data", "keep_fingerprint", "read_fingerprint"]

FINGERPRINT_NAME = "fingerprint.json.gz"
_NEW_FINGERPRINT = "make it with `avss-bench prepare --verify --fingerprint FILE`"


def keep_fingerprint(dataset: Sequence[Mixture], folder: Path) -> None:
    """Write the fingerprint of a set that no card pins into the folder of a run."""
    if isinstance(dataset, Dataset) and dataset.card.fingerprint is None:
        content = dataset.full_fingerprint.text().encode()
        write_bytes(folder / FINGERPRINT_NAME, gzip_bytes(content))


def read_fingerprint(path: Path) -> Fingerprint:
    """Read a fingerprint, compressed or not.

    Raises:
        DataError: There is none, or it is damaged.
    """
    if path.suffix == ".gz":
        return parse_fingerprint(read_gzip(path, _NEW_FINGERPRINT), str(path))
    try:
        return parse_fingerprint(path.read_bytes(), str(path))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): {_NEW_FINGERPRINT}.") from error


def compare_data(first: Run, second: Run) -> Comparison:
    """Say whether two runs were measured on identical, equivalent or different data.

    Raises:
        DataError: A fingerprint is damaged.
    """
    plans = first.plan, second.plan
    if len({plan.dataset for plan in plans}) > 1:
        return Comparison("different", ("the runs are on different data sets",))
    if len({(plan.list_sha256, plan.data_sha256) for plan in plans}) == 1:
        return Comparison("identical", shift_db=0.0)
    paths = [run.folder / FINGERPRINT_NAME for run in (first, second) if run.folder is not None]
    if len(paths) < 2 or not all(path.is_file() for path in paths):
        return Comparison("different", ("their data differ, and no fingerprint says how far",))
    return compare(*(read_fingerprint(path) for path in paths))
