"""Make the talking-heads corpora: voices, word and phoneme times, mixture lists and cards.

    python tools/make_talking_heads.py                       the two sets that ship, in datasets/
    python tools/make_talking_heads.py --lists-only          the same from the committed audio
    python tools/make_talking_heads.py --train --out DIR     others, for training

Needs the package `espeakng-loader` (in the extra `dev`); works offline. The committed bytes are the
truth: another version of eSpeak NG may speak a little differently, then hashes and cards change.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from talking_heads_cards import CLIPS, LIST_NAME, TRAINING, WHOLE, CardFacts, card_text
from talking_heads_speech import RATE_HZ, speak_corpus
from talking_heads_text import TEST_SENTENCES, training_sentences
from talking_heads_voices import TEST_SPEAKERS, TRAINING_SPEAKERS

from bench.core.files import write_text
from bench.core.hashing import hash_bytes
from bench.datasets.cards import CARD_NAME
from bench.datasets.lists import ListLine, format_list
from bench.datasets.registry import open_folder
from bench.datasets.synthetic.utterances import Utterance, format_index, read_index
from bench.datasets.talking_heads import INDEX_NAME, audio_path

TEST_LENGTHS_S, TRAINING_LENGTHS_S = (3.0, 5.0), (2.2, 6.0)
TEST_MIXTURES, TRAINING_MIXTURES, TRAINING_SENTENCES_EACH = 100, 1000, 20
LIST_SEED, TEXT_SEED = 20, 4


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and make what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", action="store_true", help="make the training corpus")
    parser.add_argument("--lists-only", action="store_true", help="keep the audio that is there")
    parser.add_argument("--out", type=Path, help="folder (default: datasets/)")
    given = parser.parse_args(arguments)
    if given.train and given.out is None:
        parser.error("--train needs --out DIR: the training corpus does not ship.")
    if given.train:
        make_training_set(given.out)
    else:
        folder = given.out or Path(__file__).resolve().parent.parent / "datasets"
        make_test_sets(folder, keep_audio=given.lists_only)


def make_test_sets(folder: Path, *, keep_audio: bool) -> None:
    """Write `talking-heads-2mix` and `talking-heads-2mix-full` below `folder`."""
    corpus = folder / "talking-heads-2mix"
    if not keep_audio:
        speak_corpus(corpus, TEST_SPEAKERS, TEST_SENTENCES, TEST_LENGTHS_S)
    utterances = list(read_index(corpus / INDEX_NAME).values())
    lines = draw_lines(utterances, TEST_MIXTURES, random.Random(LIST_SEED))
    write_set(corpus, CLIPS, lines, utterances)
    both_ways = [line for first in lines for line in (first, _swapped(first))]
    write_set(folder / "talking-heads-2mix-full", WHOLE, both_ways, utterances)


def make_training_set(folder: Path) -> None:
    """Write `talking-heads-2mix-train` into `folder`."""
    count = TRAINING_SENTENCES_EACH * len(TRAINING_SPEAKERS)
    sentences = training_sentences(count, TEXT_SEED)
    speak_corpus(folder, TRAINING_SPEAKERS, sentences, TRAINING_LENGTHS_S)
    utterances = list(read_index(folder / INDEX_NAME).values())
    lines = draw_lines(utterances, TRAINING_MIXTURES, random.Random(LIST_SEED))
    write_set(folder, TRAINING, lines, utterances)


def draw_lines(utterances: list[Utterance], count: int, generator: random.Random) -> list[ListLine]:
    """Draw pairs and gains: one uniform gain from each of `count` equal parts of 0..5 dB."""
    pairs = None
    while pairs is None:
        pairs = draw_pairs(utterances, count, generator)
    gains_db = [round(5 * (part + generator.random()) / count, 5) for part in range(count)]
    generator.shuffle(gains_db)
    return [
        ListLine((audio_path(first.id), audio_path(second.id)), (gain_db, -gain_db))
        for (first, second), gain_db in zip(pairs, gains_db, strict=True)
    ]


def draw_pairs(
    utterances: list[Utterance], count: int, generator: random.Random
) -> list[tuple[Utterance, Utterance]] | None:
    """Draw `count` pairs, a quarter each of FF, FM, MF and MM, all utterances used equally often.

    Nobody talks against themselves, and in a small list no two speakers meet twice.

    Returns:
        The pairs, or None if the last ones did not fit together.
    """
    speakers = len({utterance.speaker for utterance in utterances})
    meet_once = count <= speakers * speakers // 8
    met: set[frozenset[str]] = set()
    decks = {sex: deal(utterances, sex, count, generator) for sex in "FM"}
    orders = ["FF", "FM", "MF", "MM"] * (count // 4)
    generator.shuffle(orders)
    pairs = []
    for order in orders:
        first = decks[order[0]].pop()
        for second in decks[order[1]]:
            both = frozenset((first.speaker, second.speaker))
            if len(both) == 2 and both not in met:
                break
        else:
            return None
        decks[order[1]].remove(second)
        if meet_once:
            met.add(both)
        pairs.append((first, second))
    return pairs


def deal(
    utterances: list[Utterance], sex: str, count: int, generator: random.Random
) -> list[Utterance]:
    """Lay out `count` utterances of one sex in random order, each equally often (or once more)."""
    cards = [utterance for utterance in utterances if utterance.sex == sex]
    rounds, rest = divmod(count, len(cards))
    deck = cards * rounds + generator.sample(cards, rest)
    generator.shuffle(deck)
    return deck


def write_set(
    folder: Path, facts: CardFacts, lines: list[ListLine], utterances: list[Utterance]
) -> None:
    """Write list and card, then mix everything once to put the fingerprint on the card."""
    text = format_list(lines)
    write_text(folder / LIST_NAME, text)
    pins = {
        "list_sha256": hash_bytes(text.encode()),
        "index_sha256": hash_bytes(format_index(utterances).encode()),
    }
    counts = {
        "mixtures": len(lines),
        "utterances": len(utterances),
        "speakers": len({utterance.speaker for utterance in utterances}),
        "female_speakers": len({u.speaker for u in utterances if u.sex == "F"}),
        "male_speakers": len({u.speaker for u in utterances if u.sex == "M"}),
        "minutes": round(sum(u.samples for u in utterances) / RATE_HZ / 60, 2),
    }
    write_text(folder / CARD_NAME, card_text(facts, pins, counts, fingerprint=None))
    fingerprint = open_folder(folder).measure_fingerprint()
    write_text(folder / CARD_NAME, card_text(facts, pins, counts, fingerprint=fingerprint))


def _swapped(line: ListLine) -> ListLine:
    (first, second), (gain_1, gain_2) = line.paths, line.gains_db
    return ListLine((second, first), (gain_2, gain_1))


if __name__ == "__main__":
    main(sys.argv[1:])
