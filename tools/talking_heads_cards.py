"""What the cards of the talking-heads sets say; figures and hashes are filled in by the tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CLIPS", "LIST_NAME", "TRAINING", "WHOLE", "CardFacts", "card_text"]

LIST_NAME = "mixtures.scp"

_SPEECH = """\
Synthetic speakers (eSpeak NG voices with their own pitch, rate, formants and voice quality) say \
English sentences written for this project; 16 kHz 16-bit FLAC. Mouths (96x96 grey, 25 fps) and \
faces (224x224 colour) are drawn from the phoneme times when loaded, the same pixels on every \
machine. Made by tools/make_talking_heads.py."""

_CAUTION = """\
A rehearsal stage, not a scientific result: the voices are synthetic and the faces are drawn, so a \
score here says that a system and this harness work together, and nothing about real speech."""


@dataclass(frozen=True)
class CardFacts:
    """What differs between the cards.

    Attributes:
        id, name, summary, mixing: Texts.
        words: Where reference texts come from.
        purpose: "test" or "training".
        clip_s: Length of a clip, or None for whole targets.
        targets: Which voices of a line are scored.
        material: Folder of the corpus relative to the card.
    """

    id: str
    name: str
    summary: str
    mixing: str
    words: str
    purpose: str = "test"
    clip_s: float | None = 2.0
    targets: tuple[int, ...] = (1, 2)
    material: str = "."


_CLIP_MIXING = """\
Mixed by the procedure of the official two-speaker sets: first 2.0 s, ITU-T P.56 active level, \
gains +x and -x with x uniform in 0..5 dB, peak 0.9, int16."""
_CLIP_WORDS = "the words that end inside the 2-s clip, by the synthesiser's own word times"

CLIPS = CardFacts(
    id="talking-heads-2mix",
    name="Talking Heads 2Mix",
    summary="100 two-speaker mixtures of 2 s, both speakers scored.",
    mixing=_CLIP_MIXING,
    words=_CLIP_WORDS,
)
WHOLE = CardFacts(
    id="talking-heads-2mix-full",
    name="Talking Heads 2Mix (whole sentences)",
    summary="The pairs and gains of talking-heads-2mix with whole sentences, for word error rates.",
    mixing="""\
Every pair stands in the list twice, once for each speaker as the target: voice 1 of a line is the \
target and kept whole, voice 2 is cut or padded with silence to its length, and only voice 1 is \
scored. Levels are measured on whole sentences; all else as in talking-heads-2mix.""",
    words="the whole sentence of the target as it was given to the synthesiser",
    clip_s=None,
    targets=(1,),
    material="../talking-heads-2mix",
)
TRAINING = CardFacts(
    id="talking-heads-2mix-train",
    name="Talking Heads 2Mix (training)",
    summary="Other speakers and sentences than in the test sets, for training; it does not ship.",
    mixing=_CLIP_MIXING,
    words=_CLIP_WORDS,
    purpose="training",
)


def card_text(
    facts: CardFacts,
    pins: Mapping[str, str],
    counts: Mapping[str, float],
    *,
    fingerprint: str | None,
) -> str:
    """Write a card.

    Args:
        facts: What the card says.
        pins: `list_sha256` and `index_sha256`.
        counts: Figures by name.
        fingerprint: Of all mixtures; None while it is not known yet.
    """
    lines = [
        "# Written by tools/make_talking_heads.py; do not edit by hand.",
        f'id = "{facts.id}"',
        f'name = "{facts.name}"',
        'version = "1"',
        'adapter = "talking_heads"',
        f'purpose = "{facts.purpose}"',
        f'summary = "{facts.summary}"',
        f'made = "{_SPEECH} {facts.mixing}"',
        f'caution = "{_CAUTION}"',
        'licence = "CC0-1.0"',
        'language = "en"',
        f'word_references = "{facts.words}"',
        'cluster = "speaker"',
        "sample_rate = 16000",
        "frame_rate = 25",
        *([f"clip_s = {facts.clip_s}"] if facts.clip_s else []),
        f'material = "{facts.material}"',
        *([f'fingerprint = "{fingerprint}"'] if fingerprint else []),
        "",
        "[mixture_list]",
        f'file = "{LIST_NAME}"',
        f'sha256 = "{pins["list_sha256"]}"',
        f"mixtures = {counts['mixtures']}",
        f"targets = {list(facts.targets)}",
        "",
        "[counts]",
        *(f"{name} = {value}" for name, value in counts.items()),
        "",
        "[pins]",
        f'"utterances.tsv" = "{pins["index_sha256"]}"',
    ]
    return "".join(f"{line}\n" for line in lines)
