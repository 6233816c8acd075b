"""Who speaks: the synthetic speakers of the talking-heads sets, as eSpeak NG voice variants.

A speaker is an accent, a rate, a pitch range, a vocal tract (all formant frequencies scaled
together, the second and third also alone) and a voice quality (roughness, flutter, breath, tilt).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TEST_SPEAKERS", "TRAINING_SPEAKERS", "Speaker"]

US, GB, RP = "en-us", "en", "en-gb-x-rp"
SCOTS, NORTH, MIDLANDS, ISLANDS = "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"


@dataclass(frozen=True)
class Speaker:
    """One synthetic speaker.

    Attributes:
        id: `f` or `m` and two digits.
        accent: eSpeak NG language of the voice.
        rate: Words per minute.
        pitch: Lowest and highest pitch in hertz, roughly.
        tract: Formant frequencies in percent of the standard voice: all, then second and third
            relative to that.
        rough: Roughness 0..7.
        flutter: Slow wavering of the pitch, 0..20.
        breath: Breath noise in the formants, 0..10.
        tilt: Strength of the upper formants in percent.
    """

    id: str
    accent: str
    rate: int
    pitch: tuple[int, int]
    tract: tuple[int, int, int]
    rough: int
    flutter: int
    breath: int
    tilt: int

    @property
    def sex(self) -> str:
        """`F` or `M`."""
        return self.id[0].upper()

    @property
    def variant(self) -> str:
        """Text of the eSpeak NG voice variant file."""
        overall, second, third = self.tract
        frequencies = [overall, overall, overall * second // 100, overall * third // 100]
        frequencies += [overall] * 5
        strengths = [100, 100, *(100 - (100 - self.tilt) * n // 7 for n in range(1, 8))]
        lines = [
            "language variant",
            f"name {self.id}",
            f"gender {'female' if self.sex == 'F' else 'male'}",
            f"pitch {self.pitch[0]} {self.pitch[1]}",
            f"roughness {self.rough}",
            f"flutter {self.flutter}",
        ]
        lines += [
            f"formant {n} {frequency} {strength} {100 + 4 * self.breath}"
            for n, (frequency, strength) in enumerate(zip(frequencies, strengths, strict=True))
        ]
        if self.breath:
            lines.append("breath 0 " + " ".join([str(self.breath)] * 7))
        return "\n".join(lines) + "\n"


TEST_SPEAKERS = (
    Speaker("f01", US, 138, (165, 250), (112, 100, 100), 0, 3, 2, 80),
    Speaker("f02", GB, 142, (190, 290), (118, 102, 98), 0, 5, 4, 70),
    Speaker("f03", RP, 133, (150, 215), (106, 98, 101), 2, 2, 0, 95),
    Speaker("f04", SCOTS, 142, (205, 300), (114, 104, 103), 0, 4, 5, 60),
    Speaker("f05", US, 146, (225, 340), (122, 100, 96), 0, 2, 1, 85),
    Speaker("f06", NORTH, 136, (172, 235), (109, 104, 99), 3, 6, 0, 75),
    Speaker("f07", ISLANDS, 138, (155, 260), (111, 97, 104), 0, 8, 6, 65),
    Speaker("f08", MIDLANDS, 144, (210, 270), (116, 98, 102), 1, 1, 3, 90),
    Speaker("f09", US, 131, (140, 190), (104, 103, 97), 4, 10, 0, 85),
    Speaker("f10", GB, 148, (240, 320), (120, 105, 100), 0, 3, 7, 55),
    Speaker("f11", RP, 139, (180, 310), (115, 95, 98), 0, 6, 0, 100),
    Speaker("f12", SCOTS, 134, (160, 205), (107, 101, 105), 2, 4, 3, 80),
    Speaker("f13", US, 150, (198, 245), (119, 97, 95), 0, 0, 8, 60),
    Speaker("f14", NORTH, 141, (220, 285), (113, 107, 103), 1, 12, 0, 95),
    Speaker("f15", ISLANDS, 146, (185, 225), (117, 100, 107), 0, 5, 2, 70),
    Speaker("f16", MIDLANDS, 138, (168, 280), (110, 93, 100), 3, 7, 5, 75),
    Speaker("m01", US, 139, (82, 118), (98, 100, 100), 1, 3, 0, 100),
    Speaker("m02", GB, 144, (105, 160), (102, 98, 103), 0, 5, 0, 85),
    Speaker("m03", RP, 134, (70, 98), (93, 103, 98), 4, 2, 0, 90),
    Speaker("m04", SCOTS, 143, (95, 150), (99, 105, 102), 2, 6, 2, 80),
    Speaker("m05", US, 148, (120, 185), (104, 97, 96), 0, 2, 4, 70),
    Speaker("m06", NORTH, 138, (78, 130), (95, 96, 104), 3, 8, 0, 75),
    Speaker("m07", ISLANDS, 136, (110, 142), (97, 102, 106), 1, 4, 5, 65),
    Speaker("m08", MIDLANDS, 146, (88, 108), (101, 94, 99), 0, 1, 0, 110),
    Speaker("m09", US, 131, (62, 88), (90, 99, 101), 6, 10, 0, 85),
    Speaker("m10", GB, 150, (130, 200), (105, 103, 100), 0, 3, 2, 95),
    Speaker("m11", RP, 141, (98, 175), (96, 107, 97), 0, 6, 0, 60),
    Speaker("m12", SCOTS, 136, (74, 112), (92, 100, 95), 5, 5, 3, 100),
    Speaker("m13", US, 151, (115, 135), (100, 92, 104), 0, 0, 7, 80),
    Speaker("m14", NORTH, 143, (90, 165), (103, 101, 108), 2, 12, 0, 90),
    Speaker("m15", ISLANDS, 146, (85, 125), (94, 106, 103), 0, 4, 0, 70),
    Speaker("m16", MIDLANDS, 139, (102, 122), (98, 95, 94), 3, 7, 4, 95),
)

TRAINING_SPEAKERS = (
    Speaker("f21", US, 140, (175, 265), (111, 102, 102), 0, 4, 0, 90),
    Speaker("f22", GB, 137, (158, 228), (108, 96, 97), 2, 7, 4, 70),
    Speaker("f23", RP, 147, (215, 330), (121, 103, 102), 0, 1, 3, 60),
    Speaker("f24", SCOTS, 138, (195, 255), (116, 106, 95), 1, 9, 0, 85),
    Speaker("f25", US, 144, (146, 240), (105, 100, 104), 3, 3, 6, 80),
    Speaker("f26", NORTH, 149, (232, 300), (118, 94, 101), 0, 5, 1, 100),
    Speaker("f27", ISLANDS, 135, (182, 275), (113, 101, 94), 0, 2, 7, 65),
    Speaker("f28", MIDLANDS, 142, (202, 310), (115, 103, 106), 0, 6, 0, 75),
    Speaker("f29", US, 145, (170, 200), (110, 98, 96), 4, 0, 2, 95),
    Speaker("f30", GB, 133, (188, 248), (112, 92, 103), 0, 11, 5, 55),
    Speaker("m21", US, 142, (92, 140), (99, 102, 97), 0, 4, 0, 90),
    Speaker("m22", GB, 138, (76, 104), (94, 98, 102), 3, 7, 2, 80),
    Speaker("m23", RP, 149, (112, 170), (103, 105, 104), 0, 1, 0, 70),
    Speaker("m24", SCOTS, 137, (100, 132), (97, 93, 98), 1, 9, 4, 100),
    Speaker("m25", US, 145, (66, 110), (91, 104, 99), 5, 3, 0, 95),
    Speaker("m26", NORTH, 144, (125, 190), (104, 100, 95), 0, 5, 6, 60),
    Speaker("m27", ISLANDS, 140, (84, 150), (96, 97, 107), 2, 2, 0, 85),
    Speaker("m28", MIDLANDS, 135, (108, 128), (100, 108, 101), 0, 6, 3, 75),
    Speaker("m29", US, 147, (72, 120), (95, 101, 93), 4, 0, 0, 105),
    Speaker("m30", GB, 150, (96, 180), (102, 95, 100), 0, 11, 1, 65),
)
