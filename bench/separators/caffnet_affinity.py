"""The cross-modal affinity of CaffNet: which video frame belongs to which frame of the sound.

    E = similarity of every video frame with every audio frame
    A = softmax of E over the video frames: what each audio frame alone would choose
    Gamma = the same for the whole utterance: one shift between picture and sound for all frames
    result = (projected video) (A + Gamma): a visual vector for each audio frame

Gamma, the "cross-modal identity matrix", is drawn in the paper but not defined in the material at
hand; this form is ours. Averaged along its diagonals, E becomes a profile over shifts, whose
softmax is spread along the diagonals again: an identity matrix between the two time axes, shifted
by what the whole utterance says. It does not care for a constant shift of the picture.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["Affinity", "identity_matrix", "shift_profile"]


class Affinity(nn.Module):
    """Carry video features over to the time axis of the sound.

    Args:
        channels: Of both features.
        inside: Channels in which they are compared.
        columns_per_frame: Audio frames per video frame.
    """

    def __init__(self, channels: int, inside: int, columns_per_frame: int) -> None:
        super().__init__()
        self.columns_per_frame = columns_per_frame
        self.sound = nn.Conv1d(channels, inside, 1, bias=False)
        self.video = nn.Conv1d(channels, inside, 1, bias=False)
        self.output = nn.Conv1d(channels, channels, 1, bias=False)
        self.log_sharpness = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(self, sound: Tensor, video: Tensor) -> Tensor:
        """Align.

        Args:
            sound: `(channels, columns)`.
            video: `(channels, frames)`.

        Returns:
            `(channels, columns)`.
        """
        choices, identity = self.weigh(sound, video)
        aligned: Tensor = self.output(video[None])[0] @ (choices + identity)
        return aligned

    def weigh(self, sound: Tensor, video: Tensor) -> tuple[Tensor, Tensor]:
        """Return A and Gamma, `(frames, columns)` each; every column of A sums to 1."""
        heard, seen = self.sound(sound[None])[0], self.video(video[None])[0]
        similarity: Tensor = seen.t() @ heard / math.sqrt(len(seen))
        profile = shift_profile(similarity, self.columns_per_frame, self.log_sharpness.exp())
        identity = identity_matrix(profile, similarity.shape, self.columns_per_frame)
        return similarity.softmax(0), identity


def shift_profile(similarity: Tensor, columns_per_frame: int, sharpness: Tensor) -> Tensor:
    """Tell how likely each shift of the picture against the sound is.

    A cell (m, n) lies on the diagonal of shift `m - n // columns_per_frame`. Diagonals with less
    than half of the cells of the fullest one are ruled out.

    Args:
        similarity: `(frames, columns)`.
        columns_per_frame: Audio frames per video frame.
        sharpness: Factor before the softmax.

    Returns:
        Probabilities `(shifts,)`, from the most negative possible shift upwards; 0 where ruled out.
    """
    frames, columns = similarity.shape
    at = torch.arange(columns, device=similarity.device) // columns_per_frame
    shifts = torch.arange(-int(at[-1]), frames, device=similarity.device)
    rows = shifts[:, None] + at  # (shifts, columns): the frame where a diagonal meets a column
    inside = (rows >= 0) & (rows < frames)
    cells = similarity.gather(0, rows.clamp(0, frames - 1)).where(inside, 0)
    counts = inside.sum(1)
    mean = (cells.sum(1) / counts).masked_fill(2 * counts < counts.max(), -math.inf)
    return (sharpness * mean).softmax(0)


def identity_matrix(
    profile: Tensor, shape: tuple[int, int] | torch.Size, columns_per_frame: int
) -> Tensor:
    """Spread a profile over shifts along the diagonals.

    Args:
        profile: From `shift_profile`.
        shape: Numbers of video and of audio frames.
        columns_per_frame: Audio frames per video frame.

    Returns:
        `(frames, columns)`.
    """
    frames, columns = shape
    at = torch.arange(columns, device=profile.device) // columns_per_frame
    rows = torch.arange(frames, device=profile.device)
    return profile[rows[:, None] - at + at[-1]]
