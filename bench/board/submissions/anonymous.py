"""Submissions for double-blind review: who it was can be proven later, and by nobody else.

The submission holds a commitment: SHA-256 over the identity, a random secret of 32 bytes and the
hash of the records. The secret goes to a file that the submitter keeps. Who shows it later shows
that exactly this identity was meant when the submission was made; without the secret neither the
identity can be guessed from the commitment, nor the commitment be moved to other records.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bench.board.submissions.models import Commitment, Content, Identity
from bench.board.submissions.untrusted import RECORDS
from bench.core.files import storage_errors
from bench.core.hashing import hash_bytes, hash_settings
from bench.core.jsonio import dumps_pretty, loads
from bench.errors import DataError, UsageError

__all__ = [
    "WITHHELD",
    "Secret",
    "codename_for",
    "commitment_of",
    "names_nobody",
    "naming_words",
    "new_secret",
    "proves",
    "read_secret",
    "revealed",
    "write_secret",
]

WITHHELD = "withheld"
_ABOUT = (
    "Keep this file to yourself until the review is over, and do not lose it: "
    "it is the only proof that the anonymous submission is yours."
)
_SHORTEST_WORD = 4


class Secret(BaseModel):
    """The file that its owner keeps.

    Attributes:
        about: What to do with it.
        identity: Whose the submission is.
        records: SHA-256 of its records file.
        secret: 32 random bytes as hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1] = 1
    about: str = _ABOUT
    identity: Identity
    records: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    secret: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def new_secret() -> str:
    """Draw a secret."""
    return secrets.token_hex(32)


def codename_for(secret: str) -> str:
    """Return a codename that says nothing to who does not know the secret."""
    return f"anonymous-{hash_bytes(f'codename {secret}'.encode())[:8]}"


def names_nobody(identity: Identity) -> bool:
    """Whether an identity is a codename and nothing else, as it must be until it is revealed."""
    codename = re.fullmatch(r"anonymous-[0-9a-f]{8}", identity.system) is not None
    return codename and identity == Identity(system=identity.system, authors=(WITHHELD,))


def commitment_of(identity: Identity, secret: str, records: str) -> str:
    """Return the commitment to an identity for these records, 64 hexadecimal digits."""
    return hash_settings(
        {"identity": identity.model_dump(mode="json"), "records": records, "secret": secret}
    )


def proves(secret: Secret, content: Content) -> bool:
    """Whether a secret proves whose an anonymous submission is."""
    found = commitment_of(secret.identity, secret.secret, content.files[RECORDS].sha256)
    return content.commitment is not None and found == content.commitment.sha256


def revealed(secret: Secret, content: Content) -> Content:
    """Return an anonymous submission with its owner's name, checkable by anybody.

    Raises:
        UsageError: The secret is not that of this submission.
    """
    if not proves(secret, content):
        raise UsageError(
            "the secret does not prove whose this submission is: its commitment is another; give "
            "the secret file that was written with it."
        )
    named = [
        run.model_copy(
            update={"system": run.system.model_copy(update={"name": secret.identity.system})}
        )
        for run in content.runs
    ]
    commitment = Commitment(
        sha256=commitment_of(secret.identity, secret.secret, secret.records), secret=secret.secret
    )
    update = {"identity": secret.identity, "commitment": commitment, "runs": tuple(named)}
    return content.model_copy(update=update)


def write_secret(secret: Secret, path: Path) -> None:
    """Write the file that its owner keeps, readable by the owner alone.

    Raises:
        UsageError: Something lies there already.
        StorageError: The folder cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise UsageError(
                f"{path} exists; a secret is never overwritten: name another file."
            ) from error
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(dumps_pretty(secret.model_dump(mode="json")))


def read_secret(path: Path) -> Secret:
    """Read a secret file.

    Raises:
        DataError: It is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
        loads(text, str(path))
        return Secret.model_validate_json(text)
    except (OSError, UnicodeDecodeError, DataError, ValidationError) as error:
        raise DataError(
            f"{path} is not a secret file that `avss-bench submit --anonymous` wrote "
            f"({str(error).splitlines()[0]})."
        ) from error


def naming_words(identity: Identity) -> Iterator[str]:
    """Yield what must not stand in the free texts of an anonymous submission.

    Names of system and authors, and the words of an author's name that are long enough to mean
    somebody; addresses; the title.
    """
    yield identity.system
    for author in identity.authors:
        yield author
        yield from (word for word in re.findall(r"\w+", author) if len(word) >= _SHORTEST_WORD)
    if identity.supersedes:
        yield identity.supersedes
    if identity.paper:
        yield identity.paper.title
    addresses = [identity.code, identity.paper.url if identity.paper else None]
    for url in (*addresses, *(checkpoint.url for checkpoint in identity.checkpoints)):
        if url:
            yield url.partition("://")[2]
