"""How many multiply-accumulates an operator of PyTorch makes: one rule per operator.

A multiply-accumulate is the product of a weight, or of two activations, that is added to others:

- a convolution: every output actually computed, times the inputs that one output sees (zeros of the
  padding like any other number); a transposed one: every input times the outputs that it reaches;
- matrix products, whoever writes them (linear layers, einsum, attention of any kernel);
- recurrent layers: their matrices times the steps; the gates are element by element;
- Fourier transforms: N log2 N for N real points, 2 N log2 N for complex ones.

What works element by element costs none: activations, norms, pooling, resizing, gates, masks. An
operator that is neither is unknown; a count with unknown operators is a lower bound, and
`declare_cost` tells what they cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = ["Rule", "declare_cost", "find_rule", "is_free"]

# From the arguments (positional, by name) and the result to multiply-accumulates.
Rule = Callable[[Sequence[Any], Mapping[str, Any], Any], int]

_DECLARED: dict[str, Rule] = {}


def declare_cost(operator: str, rule: Rule) -> None:
    """Say what an operator of one's own costs.

    Args:
        operator: Its name, such as "mylib::fast_scan".
        rule: From its arguments and result to multiply-accumulates.

    Example:
        >>> declare_cost("mylib::scan", lambda args, named, out: out.numel() * args[1].shape[0])
    """
    _DECLARED[operator] = rule


def find_rule(operator: torch._ops.OpOverload) -> Rule | None:
    """Return the rule of an operator, or None."""
    name = operator._schema.name
    return _DECLARED.get(name) or _RULES.get(name)


def is_free(operator: torch._ops.OpOverload) -> bool:
    """Whether an operator works element by element, or only moves or reduces numbers."""
    name = operator._schema.name.removeprefix("aten::").removesuffix("_")
    return bool(
        torch.Tag.pointwise in operator.tags
        or operator.is_view
        or name in _FREE
        or name.startswith(_FREE_PREFIXES)
    )


def _convolution(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    image, weight = args[0], args[1]
    transposed = bool(args[6]) if len(args) > 6 else False
    numbers = image.numel() if transposed else out.numel()
    return int(numbers * weight[0].numel())


def _product(first: int, second: int) -> Rule:
    """Matrix product of two arguments: every output sums over the first one's last axis."""

    def rule(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
        left, right = args[first], args[second]
        columns = right.shape[-1] if right.ndim > 1 else 1
        return int(left.numel()) * int(columns)

    return rule


def _dot(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    return int(args[0].numel())


def _linear(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    return int(args[0].numel()) * int(args[1].shape[0])


def _attention(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    query, key, value = args[:3]
    return int(query[..., 0].numel() * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def _multi_head(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    query, key, joint, projection = args[0], args[1], args[5], args[7]
    rows, width = query.shape[0] * query.shape[1], query.shape[-1]
    linear = rows * (int(joint.numel()) + int(projection.numel()))
    return int(linear + 2 * rows * key.shape[1] * width)


def _encoder_layer(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    source, joint, projection = args[0], args[3], args[5]
    rows = source.shape[0] * source.shape[1]
    matrices = [joint, projection, *(a for a in args[9:] if isinstance(a, Tensor) and a.ndim == 2)]
    attention = 2 * rows * source.shape[1] * source.shape[-1]
    return int(rows * sum(int(matrix.numel()) for matrix in matrices) + attention)


def _onednn_recurrence(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    rows = int(args[0][..., 0].numel())
    return rows * (int(args[1].numel()) + int(args[2].numel()))


def _cudnn_recurrence(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    rows = int(args[0][..., 0].numel())
    return rows * sum(int(weight.numel()) for weight in args[1] if weight.ndim > 1)


def _distances(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
    return int(out.numel()) * int(args[0].shape[-1])


def _fourier(times: int, signal: Callable[[Sequence[Any], Any], Tensor]) -> Rule:
    """Fast transforms over axes with P points in all: P log2 P, twice that for complex points."""

    def rule(args: Sequence[Any], named: Mapping[str, Any], out: Any) -> int:
        full = signal(args, out)
        points = math.prod(full.shape[axis] for axis in args[1])
        if points < 2:
            return 0
        transforms = full.numel() // points
        return int(times * transforms * round(points * math.log2(points)))

    return rule


def _given(args: Sequence[Any], out: Any) -> Tensor:
    tensor: Tensor = args[0]
    return tensor


def _result(args: Sequence[Any], out: Any) -> Tensor:
    tensor: Tensor = out
    return tensor


_FUSED_ATTENTION = (
    "_scaled_dot_product_attention_math",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_fused_attention_overrideable",
)
_RULES: dict[str, Rule] = {
    f"aten::{name}": rule
    for name, rule in {
        "convolution": _convolution,
        "_convolution": _convolution,
        "convolution_overrideable": _convolution,
        "mm": _product(0, 1),
        "bmm": _product(0, 1),
        "mv": _product(0, 1),
        "addmm": _product(1, 2),
        "addmm_": _product(1, 2),
        "addbmm": _product(1, 2),
        "addmv": _product(1, 2),
        "baddbmm": _product(1, 2),
        "baddbmm_": _product(1, 2),
        "_addmm_activation": _product(1, 2),
        "_int_mm": _product(0, 1),
        "_scaled_mm": _product(0, 1),
        "dot": _dot,
        "vdot": _dot,
        "linear": _linear,
        "_native_multi_head_attention": _multi_head,
        "_transformer_encoder_layer_fwd": _encoder_layer,
        "mkldnn_rnn_layer": _onednn_recurrence,
        "_cudnn_rnn": _cudnn_recurrence,
        "miopen_rnn": _cudnn_recurrence,
        "_cdist_forward": _distances,
        "_euclidean_dist": _distances,
        "_fft_r2c": _fourier(1, _given),
        "_fft_c2r": _fourier(1, _result),
        "_fft_c2c": _fourier(2, _given),
        **dict.fromkeys(_FUSED_ATTENTION, _attention),
    }.items()
}

_FREE_PREFIXES = (
    "_adaptive_avg_pool",
    "_local_scalar_dense",
    "_log_softmax",
    "_safe_softmax",
    "_softmax",
    "_thnn_fused",
    "_unsafe",
    "_upsample",
    "adaptive_",
    "avg_pool",
    "fractional_max_pool",
    "grid_sampler",
    "max_pool",
    "native_",
    "new_",
    "rand",
    "reflection_pad",
    "replication_pad",
    "scatter",
    "unsafe_",
    "upsample",
)
_FREE_NAMES = """
_assert_async _batch_norm_no_update _embedding_bag _fused_dropout _fused_rms_norm _index_put_impl
_prelu_kernel _resize_output _to_copy _weight_norm_interface alias_copy all amax amin aminmax any
arange argmax argmin argsort bernoulli bincount bucketize cat channel_shuffle clone col2im complex
constant_pad_nd copy count_nonzero cudnn_batch_norm cummax cummin cumprod cumsum detach diag_embed
diagonal_copy embedding empty empty_like empty_permuted empty_strided eye fill flip floor_divide
full full_like gather glu hamming_window hann_window im2col index index_add index_copy index_fill
index_put index_reduce index_select item kthvalue lift_fresh linalg_vector_norm linspace
logcumsumexp logsumexp masked_scatter masked_select max mean median min miopen_batch_norm mode
multinomial nansum nonzero norm ones ones_like pin_memory pixel_shuffle pixel_unshuffle polar prod
put renorm repeat repeat_interleave resize roll scalar_tensor searchsorted select_scatter set
slice_scatter sort squeeze stack std std_mean sum take topk transpose tril triu unfold_backward
unique_consecutive var var_mean zero zeros zeros_like
"""
_FREE = frozenset(_FREE_NAMES.split())
