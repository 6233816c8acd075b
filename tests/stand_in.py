"""A stand-in for the licensed corpora: the embedded voices in the exact native layouts.

Videos are H.264 with AAC at 16 kHz, written with PyAV like the originals; names have the form of
the originals, but none of them names an original. The pictures are a drawn face with moving lips.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import soundfile

from bench.core.hashing import hash_file
from bench.core.resources import shipped
from bench.datasets.pictures.faces import resize
from bench.datasets.synthetic.drawing import draw_face, draw_mouths
from bench.datasets.synthetic.utterances import Utterance, read_index

EMBEDDED = shipped("datasets") / "talking-heads-2mix"
PAIRS = ((0, 2, 1.20344), (3, 1, 0.5), (4, 5, 4.99), (2, 4, 0.00092), (5, 0, 3.28669), (1, 3, 2.25))
SPEAKERS = ("f01", "m01", "f05", "m05", "f09", "m09")


@dataclass(frozen=True)
class StandIn:
    """A corpus folder with its list.

    Attributes:
        id: Of the data set that it stands in for.
        root: Folder of the corpus.
        mixture_list: Its list, in the authors' format.
        clips: Path of each utterance below its store, without a suffix.
        store: Where the videos lie.
    """

    id: str
    root: Path
    mixture_list: Path
    clips: tuple[str, ...]
    store: Path

    @property
    def names(self) -> list[str]:
        """Base names of all utterances, as the list has them."""
        return [clip.replace("/", "_") for clip in self.clips]

    def video(self, number: int) -> Path:
        """Return the mp4 of an utterance."""
        return self.store / f"{self.clips[number]}.mp4"


@cache
def utterances() -> tuple[Utterance, ...]:
    """Six utterances of six speakers."""
    index = read_index(EMBEDDED / "utterances.tsv")
    return tuple(index[f"{speaker}_00001"] for speaker in SPEAKERS)


@cache
def voice(number: int) -> np.ndarray:
    """Sound of an utterance, int16 at 16 kHz, its first 2.6 s."""
    path = EMBEDDED / "audio" / f"{utterances()[number].id}.flac"
    return soundfile.read(path, dtype="int16")[0][:41600]


@cache
def pictures(number: int, size: int) -> np.ndarray:
    """Pictures of an utterance, uint8 `(65, size, size, 3)`: lips that move in a still face."""
    utterance = utterances()[number]
    frames = np.repeat(draw_face(utterance)[None], 65, axis=0)
    frames[:, 120:216, 64:160] = draw_mouths(utterance, 65)[..., None]
    return resize(frames, size)


def write_clip(
    path: Path,
    samples: np.ndarray | None,
    frames: np.ndarray | None,
    *,
    sample_rate: int = 16000,
    frame_rate: int = 25,
    options: dict[str, str] | None = None,
) -> Path:
    """Write mp4 or m4a: H.264 and AAC, either of them optional.

    Args:
        path: The file.
        samples: int16 `(samples,)`, or `(channels, samples)`.
        frames: uint8 `(frames, height, width, 3)`.
        sample_rate: Of the samples.
        frame_rate: Of the frames.
        options: Of the container.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4", options=options or {}) as container:
        video = sound = None
        if frames is not None:
            video = container.add_stream("libx264", rate=frame_rate, options={"preset": "veryfast"})
            video.width, video.height, video.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        if samples is not None:
            channels = np.atleast_2d(samples)
            layout = "mono" if len(channels) == 1 else "stereo"
            sound = container.add_stream("aac", rate=sample_rate, layout=layout)
            sound.bit_rate = 64000 * len(channels)
        if video is not None and frames is not None:
            for frame in frames:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
                container.mux(video.encode(picture))
            container.mux(video.encode())
        if sound is not None:
            packed = np.ascontiguousarray(channels.T.reshape(1, -1), np.int16)
            block = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
            block.sample_rate, block.time_base, block.pts = sample_rate, Fraction(1, sample_rate), 0
            container.mux(sound.encode(block))
            container.mux(sound.encode())
    return path


def transcript(number: int, corpus: str) -> str:
    """Write the text file of an utterance in the format of LRS2 `main` or of LRS3."""
    words = [
        (w.text.strip(".,?!").upper(), w.start_ms, w.end_ms) for w in utterances()[number].words
    ]
    text = " ".join(word for word, _, _ in words)
    if corpus == "lrs2":
        return f"Text:  {text}\nConf:  5\n"
    rows = [f"Text:  {text} {{LG}}", "Conf:  4", "Ref:  AbCdEfGhI_-", ""]
    rows += ["FRAME X Y W H", *(f"{frame:06d} 0.41 0.2 0.1 0.18" for frame in range(3)), ""]
    rows += ["WORD START END ASDSCORE"]
    rows += [f"{word} {start / 1000:.2f} {end / 1000:.2f} 7.1" for word, start, end in words]
    return "\n".join(rows) + "\n"


def make_lrs2(folder: Path) -> StandIn:
    """`mvlrs_v1/main/<video>/<utt>.mp4` and `.txt`, lists beside it, other clips in `pretrain`."""
    clips = [f"{6390000000000000000 + 7919 * n}/{n + 1:05d}" for n in range(6)]
    store = folder / "mvlrs_v1" / "main"
    _write_all(store, clips, 160, "lrs2")
    other = folder / "mvlrs_v1" / "pretrain" / f"{clips[0]}.mp4"
    other.parent.mkdir(parents=True)
    shutil.copy(store / f"{clips[1]}.mp4", other)
    (folder / "test.txt").write_text("".join(f"{clip} NF\n" for clip in clips))
    return _stand_in("lrs2-2mix", folder, store, clips, "../raw_audio/test")


def make_lrs3(folder: Path) -> StandIn:
    """`test/<youtube id>/<utt>.mp4` and `.txt`, other clips of the same names in `pretrain`."""
    clips = [f"a_b-{n}_stand/{n + 1:05d}" for n in range(6)]
    store = folder / "lrs3" / "test"
    _write_all(store, clips, 224, "lrs3")
    other = folder / "lrs3" / "pretrain" / f"{clips[0]}.mp4"
    other.parent.mkdir(parents=True)
    shutil.copy(store / f"{clips[1]}.mp4", other)
    return _stand_in("lrs3-2mix", folder, store, clips, "/somewhere/raw_audio")


def make_voxceleb2(folder: Path, prefix: str = "test/") -> StandIn:
    """`test/mp4/<speaker>/<youtube id>/<utt>.mp4` and the same sound in `test/aac`."""
    clips = [f"id9000{n}/_x-{n}_stand-/{n + 3:05d}" for n in range(6)]
    store = folder / f"{prefix}mp4"
    _write_all(store, clips, 224, None)
    for number, clip in enumerate(clips):
        write_clip(folder / f"{prefix}aac" / f"{clip}.m4a", voice(number), None)
    return _stand_in("voxceleb2-2mix", folder, store, clips, "/somewhere/vox2/raw_audio")


MAKERS = {"lrs2-2mix": make_lrs2, "lrs3-2mix": make_lrs3, "voxceleb2-2mix": make_voxceleb2}


def write_list(path: Path, names: Sequence[str], prefix: str) -> Path:
    """Write a list of six mixtures in the authors' format."""
    rows = [
        f"{prefix}/{names[first]}.wav {gain!r} {prefix}/{names[second]}.wav {-gain!r}\n"
        for first, second, gain in PAIRS
    ]
    path.write_text("".join(rows))
    return path


def tree_hashes(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder, by its relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hash_file(path) for path in files}


def _write_all(store: Path, clips: Sequence[str], size: int, corpus: str | None) -> None:
    for number, clip in enumerate(clips):
        write_clip(store / f"{clip}.mp4", voice(number), pictures(number, size))
        if corpus is not None:
            (store / f"{clip}.txt").write_text(transcript(number, corpus))


def _stand_in(id: str, folder: Path, store: Path, clips: Sequence[str], prefix: str) -> StandIn:
    names = [clip.replace("/", "_") for clip in clips]
    listed = write_list(folder / "mixtures_of_stand_in.scp", names, prefix)
    return StandIn(id, folder, listed, tuple(clips), store)
