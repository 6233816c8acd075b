"""One scored target, and the lines that keep it.

On disk a record is one flat JSON object per line: the identity (`run`, `dataset`, `mixture`,
`target`, `id`), the outcome (`status`, `error`), what the mixture was like (`conditions`,
clusters), and every score under its metric id, `<id>_i` being its improvement over the mixture.
An undefined score is null, and `error` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from bench.core.jsonio import dumps, loads
from bench.errors import DataError

__all__ = ["Record", "RecordKey", "Status", "parse_record"]

Status = Literal["ok", "undefined", "failed"]
RecordKey = tuple[str, int]


@dataclass(frozen=True)
class Record:
    """The scores of one target of one mixture.

    Attributes:
        run: Id of the run.
        dataset: Id of the data set.
        mixture: Name of the mixture.
        target: 1 or 2, the speaker whose voice is the reference.
        status: "ok"; "undefined": some score does not exist for this item; "failed": none does.
        error: Why, one sentence; None where the status is "ok".
        target_cluster: Speaker, video or talk of the target, the unit that is resampled.
        interferer_cluster: The same of the other voice.
        target_utterance: Id of the target's utterance.
        interferer_utterance: Id of the other utterance.
        conditions: Facts about this item that results can be broken down by.
        diagnostics: What was noticed about the estimate beside its scores.
        scores: By metric id; None where undefined.
    """

    run: str
    dataset: str
    mixture: str
    target: int
    status: Status
    error: str | None = None
    target_cluster: str = ""
    interferer_cluster: str = ""
    target_utterance: str = ""
    interferer_utterance: str = ""
    conditions: Mapping[str, float | str] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def key(self) -> RecordKey:
        """What is unique inside a run."""
        return self.mixture, self.target

    def flat(self) -> dict[str, Any]:
        """Return the record as one flat mapping, as it is kept."""
        named = {name: getattr(self, name) for name in _NAMES}
        return {"id": f"{self.mixture}/s{self.target}", **named, **self.scores}

    def line(self) -> str:
        """Return the record as one line of JSON, without a line end."""
        return dumps(self.flat())


_NAMES = tuple(name for name in Record.__dataclass_fields__ if name != "scores")


def parse_record(line: str | bytes, source: str) -> Record:
    """Read one line.

    Args:
        line: JSON, as `Record.line` gives it.
        source: Where it stands, for the message.

    Raises:
        DataError: Not JSON, or an entry is missing or of the wrong type.
    """
    flat = loads(line, source)
    if not isinstance(flat, dict):
        raise DataError(f"{source} is not a record: a JSON object is expected.")
    missing = [name for name in _NAMES if name not in flat]
    if missing:
        raise DataError(f"{source} is not a record: it has no {', '.join(missing)}.")
    scores = {name: value for name, value in flat.items() if name not in _NAMES and name != "id"}
    wrong = [name for name in _NAMES if not _CHECKS.get(name, _is_text)(flat[name])]
    wrong += [name for name, value in scores.items() if not (value is None or _is_number(value))]
    if wrong:
        raise DataError(f"{source} is not a record: {', '.join(wrong)} cannot be understood.")
    return Record(**{name: flat[name] for name in _NAMES}, scores=scores)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_mapping_of(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(check, value.values()))


# What is not here is text.
_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "target": lambda value: type(value) is int and value in (1, 2),
    "status": lambda value: value in get_args(Status),
    "error": lambda value: value is None or _is_text(value),
    "conditions": _is_mapping_of(lambda value: _is_number(value) or _is_text(value)),
    "diagnostics": _is_mapping_of(_is_number),
}
