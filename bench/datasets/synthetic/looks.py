"""What a synthetic speaker looks like, drawn from the bytes of a hash of the speaker's name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import lru_cache

from bench.datasets.synthetic.painting import Colour

__all__ = ["Dice", "HeadShape", "Look", "MouthShape", "Palette", "look_of"]

_SKIN = (
    (244, 214, 192),
    (233, 192, 160),
    (222, 172, 134),
    (192, 138, 100),
    (152, 104, 74),
    (112, 74, 54),
    (94, 64, 50),
)
_DARK_FROM = 4.7  # place in the row of skins
_HAIR = (
    (34, 28, 26),
    (62, 42, 30),
    (98, 64, 38),
    (150, 104, 58),
    (206, 170, 104),
    (140, 62, 34),
    (150, 148, 146),
    (214, 212, 208),
)
_EYES = ((70, 46, 30), (96, 74, 44), (70, 100, 70), (74, 112, 148), (110, 120, 126))
_CLOTHES = ((60, 72, 104), (122, 48, 56), (58, 96, 74), (150, 130, 96), (70, 66, 72), (168, 92, 48))
_WALLS = ((176, 190, 200), (200, 190, 172), (158, 172, 158), (188, 176, 190), (140, 150, 164))


class Dice:
    """Numbers that depend on a text alone, the same on every machine."""

    def __init__(self, text: str) -> None:
        self._bytes = hashlib.sha256(text.encode()).digest()
        self._used = 0

    def number(self, low: float, high: float) -> float:
        """Draw from `low` to `high`, in 255 steps."""
        self._used += 1
        return low + (high - low) * self._bytes[self._used - 1] / 255

    def pick(self, count: int) -> int:
        """Draw from 0 to `count - 1`."""
        self._used += 1
        return self._bytes[self._used - 1] * count // 256


@dataclass(frozen=True)
class Palette:
    """Colours, red green blue; or one brightness each, see `grey`."""

    skin: Colour
    lip: Colour
    hair: Colour
    eye: Colour
    clothes: Colour
    wall: Colour
    teeth: Colour
    cavity: Colour = (44, 16, 18)
    tongue: Colour = (172, 82, 84)
    white: Colour = (255, 255, 255)
    black: Colour = (0, 0, 0)

    def grey(self) -> Palette:
        """Replace every colour by its brightness."""
        return Palette(*(_brightness(getattr(self, field.name)) for field in fields(self)))


@dataclass(frozen=True)
class MouthShape:
    """Shape and place of the mouth, lengths in face units (see `painting`).

    Attributes:
        half_width: Of the closed mouth.
        upper_lip: Height of the upper lip; `lower_lip` alike.
        bow: How deep the notch of the upper lip is.
        smile: How far the corners are lifted.
        place: Where the middle of the mouth really is.
        jaw_drop: Height of the widest opening.
        gap: How dark the lines between the teeth are, 0..1.
    """

    half_width: float
    upper_lip: float
    lower_lip: float
    bow: float
    smile: float
    place: tuple[float, float]
    jaw_drop: float
    gap: float


@dataclass(frozen=True)
class HeadShape:
    """Shape of everything else.

    Attributes:
        half_width: Of the face; `half_height` alike.
        taper: How much narrower the jaw is.
        eye_distance: From the middle; `eye_width` and `eye_height` are halves.
        nose: Half width at the nostrils.
        brow: Thickness.
        fringe: How far the hair comes down the forehead; negative for a bald head.
        long_hair: Whether hair falls to the shoulders.
        glasses: Whether.
        beard: How dense, 0..1; `moustache` alike.
        folds: How deep the lines beside the nose are, 0..1.
        light: -1 the light comes from the left, 1 from the right.
        sway: How far the head moves.
    """

    half_width: float
    half_height: float
    taper: float
    eye_distance: float
    eye_width: float
    eye_height: float
    nose: float
    brow: float
    fringe: float
    long_hair: bool
    glasses: bool
    beard: float
    moustache: float
    folds: float
    light: float
    sway: float


@dataclass(frozen=True)
class Look:
    """One face."""

    palette: Palette
    mouth: MouthShape
    head: HeadShape


@lru_cache(maxsize=256)
def look_of(speaker: str) -> Look:
    """Return the look of a speaker, `f` or `m` and two digits."""
    woman = speaker.startswith("f")
    return Look(
        _palette(Dice(f"colours of {speaker}"), woman),
        _mouth(Dice(f"mouth of {speaker}"), woman),
        _head(Dice(f"head of {speaker}"), woman),
    )


def _palette(dice: Dice, woman: bool) -> Palette:
    tone = dice.number(0, len(_SKIN) - 1.001)
    skin = _mix(_SKIN[int(tone)], _SKIN[int(tone) + 1], tone - int(tone))
    painted = dice.number(0.25, 0.75) if woman else dice.number(0.1, 0.35)
    # Lips must differ from the skin in grey too: darker on light skin, lighter on dark skin.
    dark = tone >= _DARK_FROM
    natural = (
        (skin[0] * 1.3 + 34, skin[1] * 1.2 + 20, skin[2] * 1.2 + 24)
        if dark
        else (skin[0] * 0.8, skin[1] * 0.56, skin[2] * 0.56)
    )
    painted_lip = (192, 100, 108) if dark else (140, 36, 50)
    # Darker skin goes with dark hair here, so that brows stay visible.
    darker = tone >= 4
    hair = _HAIR[dice.pick(2 if darker else len(_HAIR) - (2 if woman else 0))]
    shine = dice.number(205, 246)
    return Palette(
        skin=skin,
        lip=_mix(natural, painted_lip, painted),
        hair=hair,
        eye=_EYES[dice.pick(1 if darker else len(_EYES))],
        clothes=_CLOTHES[dice.pick(len(_CLOTHES))],
        wall=_WALLS[dice.pick(len(_WALLS))],
        teeth=(shine, shine * 0.97, shine * 0.9),
    )


def _mouth(dice: Dice, woman: bool) -> MouthShape:
    return MouthShape(
        half_width=dice.number(17.5, 23) + (0 if woman else 1),
        upper_lip=dice.number(3.6, 6.0) - (0 if woman else 0.9),
        lower_lip=dice.number(4.8, 7.6) - (0 if woman else 0.9),
        bow=dice.number(1.2, 2.4),
        smile=dice.number(-1.2, 2.2),
        place=(dice.number(-2, 2), dice.number(-2.5, 2.5)),
        jaw_drop=dice.number(16, 22),
        gap=dice.number(0.05, 0.4),
    )


def _head(dice: Dice, woman: bool) -> HeadShape:
    half_width = dice.number(52, 60) + (0 if woman else 2)
    bearded, trim = dice.number(0, 1), dice.number(0.25, 0.9)
    bald = not woman and dice.number(0, 1) < 0.15
    return HeadShape(
        half_width=half_width,
        half_height=dice.number(74, 82),
        taper=dice.number(0.22, 0.4) if woman else dice.number(0.1, 0.28),
        eye_distance=dice.number(22.5, 26),
        eye_width=dice.number(9.5, 12),
        eye_height=dice.number(4.6, 6.4) + (0.4 if woman else 0),
        nose=dice.number(7, 10) + (0 if woman else 1.5),
        brow=dice.number(1.2, 2.2) + (0 if woman else 0.8),
        fringe=-1 if bald else dice.number(14, 34),
        long_hair=woman and dice.number(0, 1) < 0.75,
        glasses=dice.number(0, 1) < 0.2,
        beard=trim if not woman and bearded < 0.45 else 0,
        moustache=trim if not woman and (bearded < 0.35 or bearded > 0.85) else 0,
        folds=dice.number(0, 0.8),
        light=dice.number(-1, 1),
        sway=dice.number(0.4, 1),
    )


def _brightness(colour: Colour) -> Colour:
    red, green, blue = colour
    return ((299 * red + 587 * green + 114 * blue) / 1000,)


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    return tuple(a + share * (b - a) for a, b in zip(first, second, strict=True))
