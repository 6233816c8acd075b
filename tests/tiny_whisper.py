"""A Whisper checkpoint of random weights: it hears nothing, but goes the whole way."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch
from whisper.model import ModelDimensions, Whisper

# Of the several-language models, but for width, layers and the length of a text.
_DIMENSIONS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=16,
    n_audio_head=2,
    n_audio_layer=1,
    n_vocab=51865,
    n_text_ctx=24,
    n_text_state=16,
    n_text_head=2,
    n_text_layer=1,
)


def write_tiny_whisper(path: Path, seed: int = 0) -> Path:
    """Write a model file; texts of different voices differ, and depend on the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Whisper(_DIMENSIONS)
        model.decoder.positional_embedding.data.normal_()  # comes uninitialised
        for name, tensor in model.named_parameters():
            if "cross_attn" in name or "encoder" in name:
                tensor.data.mul_(4)  # so that what is heard decides which words come out
    torch.save({"dims": asdict(_DIMENSIONS), "model_state_dict": model.state_dict()}, path)
    return path
