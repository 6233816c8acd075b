"""What only its authors know of a system: a small TOML file, options of the command line, or both.

Entries of the command line replace those of the file. Everything that is missing or wrong is told
at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bench.board.submissions.models import Identity, Method
from bench.core.jsonio import dumps
from bench.errors import DataError, UsageError

__all__ = ["TEMPLATE", "AuthorCard", "author_card", "read_author_card"]

M = TypeVar("M", bound=BaseModel)

TEMPLATE = """\
# What only you know of your system. Fill in what is empty; lines with '#' may stay out.
# avss-bench submit RUN --card THIS_FILE --out submissions/<system>

system = ""                # name in tables
authors = ["", ""]
# code = "https://..."
# supersedes = ""          # name of your earlier submission that this one replaces

modality = ""              # audio-visual, or audio-only
causal = false             # true: no output sample depends on later input
licence = ""               # of code and weights, "Apache-2.0" or "not released"
training_data = ""         # "LRS2-2Mix training list, 11 h"
visual_pretraining = ""    # what the visual encoder was trained on before; "none" if nothing
checkpoint_choice = ""     # "best SI-SNRi on the validation list"
training_seeds = 1         # how many times it was trained
# notes = ["what else a reader must know"]

# [paper]
# title = ""
# venue = ""
# year = 2026
# url = "https://..."

# [[checkpoints]]
# url = "https://..."
# sha256 = ""              # may stay out where the run loaded one file
"""


@dataclass(frozen=True)
class AuthorCard:
    """What its authors say of a system."""

    identity: Identity
    method: Method


def read_author_card(path: Path) -> dict[str, Any]:
    """Read the file.

    Raises:
        DataError: It cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the card {path} ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the card {path} is not valid TOML: {error}.") from error


def author_card(entries: Mapping[str, Any]) -> AuthorCard:
    """Check what was said.

    Args:
        entries: By the names of the fields of `Identity` and `Method`; what is empty was not said.

    Raises:
        UsageError: Something is missing or wrong; names all of it.
    """
    said = {name: value for name, value in entries.items() if not _empty(value)}
    wrong = [
        f"'{name}' is unknown"
        for name in said
        if name not in Identity.model_fields and name not in Method.model_fields
    ]
    identity, method = _model(Identity, said, wrong), _model(Method, said, wrong)
    if identity is None or method is None or wrong:
        raise UsageError(
            f"the description of the system is not complete: {'; '.join(wrong)}; fill in a card "
            "(`avss-bench submit --template` prints one) and give it with --card."
        )
    return AuthorCard(identity, method)


def _empty(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_empty, value))
    return value is None or value == ""


def _model(model: type[M], said: Mapping[str, Any], wrong: list[str]) -> M | None:
    own = {name: value for name, value in said.items() if name in model.model_fields}
    try:
        return model.model_validate_json(dumps(own))
    except TypeError:
        wrong.append("a date or time stands where a text is expected")
    except ValidationError as error:
        for entry in error.errors(include_url=False, include_input=False):
            where = ".".join(str(part) for part in entry["loc"])
            missing = entry["type"] == "missing"
            wrong.append(f"'{where}' is missing" if missing else f"'{where}': {entry['msg']}")
    return None
