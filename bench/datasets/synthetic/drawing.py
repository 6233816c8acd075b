"""Mouths and faces of the synthetic speakers, drawn from phoneme times.

Frame k shows the middle of samples 640 k .. 640 k + 639. The mouth crop is the same painting as the
face, seen closer and in grey; it keeps a little of the head's motion, as aligned crops do. Equal
arguments give equal pixels on every machine (see `painting`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.datasets.synthetic.head import paint_head
from bench.datasets.synthetic.lips import REACH, jaw_fall, paint_mouth
from bench.datasets.synthetic.looks import Dice, Look, look_of
from bench.datasets.synthetic.painting import Grid, clamp, shift, to_pixels
from bench.datasets.synthetic.utterances import Utterance
from bench.datasets.synthetic.visemes import FRAME_MS, Pose, mouth_poses

__all__ = ["draw_face", "draw_face_track", "draw_mouths"]

_MARGIN = 6  # pixels; no frame moves as far
_AT_REST = Pose(0, 0.5, 0, 0.2, 0, 0)

Frames = NDArray[np.uint8]
Canvas = NDArray[np.float64]


def draw_mouths(utterance: Utterance, frames: int) -> Frames:
    """Draw grey mouth crops, uint8 `(frames, 96, 96)`."""
    look = look_of(utterance.speaker)
    grey = Look(look.palette.grey(), look.mouth, look.head)
    still = _head(_MOUTH_VIEW.wide_grid, grey, 0.0)
    return _draw_track(_MOUTH_VIEW, utterance, grey, [still] * frames)[..., 0]


def draw_face(utterance: Utterance) -> Frames:
    """Draw one colour picture of the speaker at rest, uint8 `(224, 224, 3)`."""
    look = look_of(utterance.speaker)
    canvas = _head(_FACE_VIEW.grid, look, 0.0)
    _add_mouth(canvas, _FACE_VIEW.grid, look, _AT_REST)
    return to_pixels(canvas)


def draw_face_track(utterance: Utterance, frames: int) -> Frames:
    """Draw colour face frames, uint8 `(frames, 224, 224, 3)`."""
    look = look_of(utterance.speaker)
    heads = {lids: _head(_FACE_VIEW.wide_grid, look, lids) for lids in (0.0, 0.5, 1.0)}
    stills = [heads[lids] for lids in _blinks(utterance, frames)]
    return _draw_track(_FACE_VIEW, utterance, look, stills)


@dataclass(frozen=True)
class _View:
    """A square picture of a part of the face.

    Attributes:
        origin: Column and row of the middle of the mouth.
        size: Pixels on a side.
        step: Face units between pixels.
        sway: Share of the head's motion that is left in the picture.
    """

    origin: tuple[float, float]
    size: int
    step: float
    sway: float

    @property
    def grid(self) -> Grid:
        return Grid.around(self.origin, self.size, self.size, self.step)

    @property
    def wide_grid(self) -> Grid:
        """The same with a margin on all sides, from which moved pictures are cut."""
        column, row = self.origin
        size = self.size + 2 * _MARGIN
        return Grid.around((column + _MARGIN, row + _MARGIN), size, size, self.step)


_MOUTH_VIEW = _View((47.5, 47.5), 96, 0.8, sway=0.3)
_FACE_VIEW = _View((111.5, 158.0), 224, 1.0, sway=1.0)


def _draw_track(view: _View, utterance: Utterance, look: Look, stills: list[Canvas]) -> Frames:
    """Move the pictures of the still head and paint the mouth of every frame into them."""
    grid, size = view.grid, view.size
    frames = np.empty((len(stills), size, size, len(look.palette.skin)), np.uint8)
    poses = mouth_poses(utterance.phonemes, len(stills))
    jaw = _jaw_share(grid.y[:, 0])
    motion = _motion(utterance, len(stills), look.head.sway * view.sway)
    for frame, still, pose, (right, down) in zip(frames, stills, poses, motion, strict=True):
        lowered = down + jaw_fall(look.mouth, pose) * jaw
        canvas = shift(still, right / view.step, lowered / view.step, _MARGIN)
        _add_mouth(canvas, grid.moved(right, down), look, pose)
        frame[:] = to_pixels(canvas)
    return frames


def _jaw_share(y: Canvas) -> Canvas:
    """How much every height of the face moves with the jaw: chin all, nose and shoulders none."""
    rise, fall = clamp((y + 16) / 44), clamp((66 - y) / 30)
    return np.asarray(rise * rise * (3 - 2 * rise) * fall * fall * (3 - 2 * fall))


def _head(grid: Grid, look: Look, lids: float) -> Canvas:
    canvas = np.zeros((len(look.palette.skin), grid.y.shape[0], grid.x.shape[1]))
    paint_head(canvas, grid, look, lids)
    return canvas


def _add_mouth(canvas: Canvas, grid: Grid, look: Look, pose: Pose) -> None:
    """Paint the mouth into the part of the canvas that it can reach."""
    placed = grid.moved(*look.mouth.place)
    sideways, up, down = REACH
    rows = _inside(placed.y[:, 0], -up, down)
    columns = _inside(placed.x[0], -sideways, sideways)
    paint_mouth(canvas[:, rows, columns], placed.part(rows, columns), look, pose)


def _inside(values: Canvas, low: float, high: float) -> slice:
    found = np.flatnonzero((values >= low) & (values <= high))
    return slice(int(found[0]), int(found[-1]) + 1)


def _motion(utterance: Utterance, frames: int, scale: float) -> list[tuple[float, float]]:
    """How far the head is off its place in every frame, right and down, in face units."""
    dice = Dice(f"motion of {utterance.id}")
    waves = [(1700 + dice.pick(1400), dice.pick(3000)) for _ in range(4)]

    def place(ms: int) -> tuple[float, float]:
        first, second, third, fourth = (_wave(ms + phase, period) for period, phase in waves)
        return scale * (2.4 * first + 1.0 * second), scale * (1.6 * third + 0.8 * fourth)

    return [place(FRAME_MS * frame) for frame in range(frames)]


def _wave(ms: int, period_ms: int) -> float:
    """Swing smoothly between -1 and 1: a triangle wave rounded by a polynomial."""
    phase = (ms % period_ms) / period_ms
    rise = 2 * phase if phase < 0.5 else 2 - 2 * phase
    return 2 * rise * rise * (3 - 2 * rise) - 1


def _blinks(utterance: Utterance, frames: int) -> list[float]:
    """How far the eyes are closed in every frame."""
    dice = Dice(f"blinks of {utterance.id}")
    lids = [0.0] * frames
    start = dice.pick(60)
    while start < frames:
        for offset, closed in enumerate((0.5, 1.0, 1.0, 0.5)):
            if start + offset < frames:
                lids[start + offset] = closed
        start += 40 + dice.pick(50)
    return lids
