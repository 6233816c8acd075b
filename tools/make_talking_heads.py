"""Make the talking-heads corpora: voices, word and phoneme times, mixture lists and cards.

    python tools/make_talking_heads.py                       the two sets that ship, in datasets/
    python tools/make_talking_heads.py --lists-only          the same from the committed audio
    python tools/make_talking_heads.py --train --out DIR     others, to train on

Needs the package `espeakng-loader` (in the extra `dev`); works offline. The committed bytes are the
truth: another version of eSpeak NG may speak a little differently, then hashes and cards change.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from espeak import Espeak, Speech
from numpy.typing import NDArray
from scipy.signal import resample_poly
from talking_heads_cards import CLIPS, LIST_NAME, TRAINING, WHOLE, CardFacts, card_text
from talking_heads_text import TEST_SENTENCES, training_sentences
from talking_heads_voices import TEST_SPEAKERS, TRAINING_SPEAKERS, Speaker

from bench.core.files import write_bytes, write_text
from bench.core.hashing import hash_bytes
from bench.datasets.cards import CARD_NAME
from bench.datasets.dataset import Dataset
from bench.datasets.levels import active_level_db, halve_rate
from bench.datasets.lists import ListLine, format_list
from bench.datasets.registry import open_folder
from bench.datasets.talking_heads import INDEX_NAME, audio_path
from bench.datasets.utterances import Phoneme, Utterance, Word, format_index, read_index

RATE_HZ = 16000
LEVEL_DB = -26.0
TAIL_MS = 140
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


def speak_corpus(
    folder: Path,
    speakers: Sequence[Speaker],
    sentences: Sequence[str],
    lengths_s: tuple[float, float],
) -> None:
    """Let the speakers say the sentences in turn; write audio and index.

    Args:
        folder: Of the corpus.
        speakers: In turn.
        sentences: One utterance each.
        lengths_s: The shortest and the longest that an utterance may last.
    """
    spoken: list[tuple[Utterance, bytes]] = []
    with Espeak({speaker.id: speaker.variant for speaker in speakers}) as espeak:
        for number, sentence in enumerate(sentences):
            speaker = speakers[number % len(speakers)]
            id = f"{speaker.id}_{1 + number // len(speakers):05d}"
            speech = espeak.say(
                sentence, voice=f"{speaker.accent}+{speaker.id}", words_per_minute=speaker.rate
            )
            spoken.append(finish(id, speaker, sentence, speech, espeak.rate_hz))
    for utterance, content in spoken:
        seconds = utterance.samples / RATE_HZ
        if not lengths_s[0] <= seconds <= lengths_s[1]:
            raise SystemExit(f"{utterance.id} lasts {seconds:.2f} s: {utterance.transcript}")
        write_bytes(folder / audio_path(utterance.id), content)
    index = sorted((utterance for utterance, _ in spoken), key=lambda utterance: utterance.id)
    write_text(folder / INDEX_NAME, format_index(index))


def finish(
    id: str, speaker: Speaker, sentence: str, speech: Speech, rate_hz: int
) -> tuple[Utterance, bytes]:
    """Resample, level and place one spoken sentence; return its index line and its FLAC bytes."""
    lead_ms = 40 + 20 * random.Random(id).randrange(8)

    def to_ms(sample: int) -> int:
        return lead_ms + round(1000 * sample / rate_hz)

    voiced = [number for number, (name, _) in enumerate(speech.phonemes) if name[0] != "_"]
    end_ms = to_ms(speech.phonemes[voiced[-1] + 1][1])
    phonemes = [Phoneme("_", 0)]
    phonemes += [Phoneme(name, to_ms(start)) for name, start in speech.phonemes[: voiced[-1] + 1]]
    phonemes.append(Phoneme("_", end_ms))
    samples = place(speech.samples, rate_hz, lead_ms, end_ms + TAIL_MS)
    content = encode(samples)
    words = word_times(sentence, speech, to_ms)
    utterance = Utterance(
        id, speaker.id, speaker.accent, len(samples), hash_bytes(content), words, tuple(phonemes)
    )
    return utterance, content


def place(
    speech: NDArray[np.int16], rate_hz: int, lead_ms: int, length_ms: int
) -> NDArray[np.int16]:
    """Bring speech to 16 kHz and a common level, after a lead of silence, at a fixed length."""
    resampled = resample_poly(speech / 32768, RATE_HZ, rate_hz, window=("kaiser", 8.0))
    level_db = active_level_db(halve_rate(resampled))
    levelled = resampled * 10 ** ((LEVEL_DB - level_db) / 20)
    placed = np.zeros(length_ms * RATE_HZ // 1000)
    start = lead_ms * RATE_HZ // 1000
    kept = levelled[: len(placed) - start]
    placed[start : start + len(kept)] = kept
    if np.abs(placed).max() >= 1:
        raise SystemExit("a voice clips at the common level; lower LEVEL_DB.")
    return np.round(placed * 32767).astype(np.int16)


def encode(samples: NDArray[np.int16]) -> bytes:
    """Compress to FLAC."""
    buffer = io.BytesIO()
    soundfile.write(
        buffer, samples, RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=1.0
    )
    return buffer.getvalue()


def word_times(sentence: str, speech: Speech, to_ms: Callable[[int], int]) -> tuple[Word, ...]:
    """Give every written word the time of the spoken group that it belongs to."""
    starts = dict(speech.words)
    groups: list[tuple[int, list[str]]] = []
    position = 0
    for text in sentence.split():
        position = sentence.index(text, position)
        if position in starts:
            groups.append((starts[position], []))
        groups[-1][1].append(text)
        position += len(text)
    if len(groups) != len(starts):
        raise SystemExit(f"eSpeak NG counts other words than are written: {sentence}")
    ends = [_last_sound_end(speech, stop) for stop, _ in groups[1:]]
    ends.append(_last_sound_end(speech, len(speech.samples)))
    return tuple(
        Word(text, to_ms(start), to_ms(end))
        for (start, texts), end in zip(groups, ends, strict=True)
        for text in texts
    )


def _last_sound_end(speech: Speech, before: int) -> int:
    """Return where the last sound that starts earlier than `before` ends."""
    starts = [start for _, start in speech.phonemes] + [len(speech.samples)]
    sounding = [
        number
        for number, (name, start) in enumerate(speech.phonemes)
        if start < before and name[0] != "_"
    ]
    return min(starts[sounding[-1] + 1], before)


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
    fingerprint = open_set(folder, facts).measure_fingerprint()
    write_text(folder / CARD_NAME, card_text(facts, pins, counts, fingerprint=fingerprint))


def open_set(folder: Path, facts: CardFacts) -> Dataset:
    """Open a set from where it was just written."""
    return open_folder(folder, folder / facts.material)


def _swapped(line: ListLine) -> ListLine:
    (first, second), (gain_1, gain_2) = line.paths, line.gains_db
    return ListLine((second, first), (gain_2, gain_1))


if __name__ == "__main__":
    main(sys.argv[1:])
