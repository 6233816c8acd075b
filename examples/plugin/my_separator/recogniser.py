"""A recogniser of your own: `build` returns something with `identity` and `recognise`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.asr.recogniser import Hypothesis, Voice


class MyRecogniser:
    """A toy: hears one word per started second."""

    @property
    def identity(self) -> Mapping[str, str]:
        """Everything that can change a text; `sha256` tells models apart."""
        return {"engine": "my-recogniser", "version": "1", "sha256": "0" * 64}

    def recognise(self, voices: Sequence[Voice], language: str | None) -> list[Hypothesis]:
        """Write down what is said in each voice, float32 `(samples,)` at 16 kHz."""
        return [
            Hypothesis(" ".join(["word"] * -(-len(v) // 16000)), language or "en") for v in voices
        ]


def build(model: Path | None, *, device: str) -> MyRecogniser:
    """Make the recogniser; `model` is what `--model` names."""
    return MyRecogniser()
