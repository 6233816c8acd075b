"""MMMC: Wang, Kong, Peng and Lu, "Multi-modal multi-correlation learning for audio-visual speech
separation" (Interspeech 2022, arXiv 2207.01197), a re-implementation: there is no public code.

The paper learns two correlations, of voice timbre with facial attributes and of phonemes with lip
motion, by heads that training alone runs, and leaves the separator as it is at test time. What is
built is that separator. That it is VisualVoice's is our choice, and so is the layout of its weight
files, which is VisualVoice's too: with the same files both give the same voices, bit for bit.
"""

from __future__ import annotations

from bench.separators.visualvoice import build

__all__ = ["build"]
