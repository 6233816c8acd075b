"""What the counting tools of the field would print for a network.

`ours`
    every product of a weight or an attention matrix, whoever calls it (`bench.efficiency.operators`
    has the rules): the only count of multiply-accumulates here.
`torch`
    PyTorch's FlopCounterMode, halved: the same without LSTMs and Fourier transforms.
`thop`
    thop 0.1.1: modules only; a transposed convolution counts every output with the whole kernel;
    4 per output of a batch or layer norm, 1 of a PReLU.
`thop+sru`
    that, and the matrices of SRU layers.
`ptflops-0.7.5`
    ptflops with hooks for layers: modules with biases; 2 per output of a norm; PReLU, ReLU and GELU
    twice, as module and as function; resizing; matmul, but not einsum.
`ptflops-0.7.2`
    the same with resizing counted without its channels, and transposed convolutions by output.

The others are here to explain published figures. Their rules were read off the tools' releases and
are held to what the tools printed for the published code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bench.efficiency.graph import Graph, Kind, Layer

__all__ = ["CONVENTIONS", "count"]

Rule = Callable[[Layer], int]


def _products(layer: Layer) -> int:
    return layer.products


def _outputs(times: int) -> Rule:
    return lambda layer: times * layer.outputs


def _inputs(times: int) -> Rule:
    return lambda layer: times * layer.inputs


def _by_output(layer: Layer) -> int:
    return layer.outputs * layer.fan_in


def _with_bias(layer: Layer) -> int:
    return layer.products + layer.bias * layer.outputs


def _by_output_with_bias(layer: Layer) -> int:
    return layer.outputs * (layer.fan_in + layer.bias)


def _lstm_of_thop(layer: Layer) -> int:
    # Beside the products: two biases and one sum per gate, and four products per unit.
    return layer.products + 16 * layer.outputs


def _lstm_of_ptflops(layer: Layer) -> int:
    # Beside the products: two biases and one sum per gate, and six products per unit.
    return layer.products + 18 * layer.outputs


def _adaptive_pool_of_thop(layer: Layer) -> int:
    return layer.inputs + layer.outputs


def _same(rule: Rule, *kinds: Kind) -> dict[Kind, Rule]:
    return dict.fromkeys(kinds, rule)


_ALL_PRODUCTS: dict[Kind, Rule] = _same(
    _products,
    "conv",
    "transposed",
    "linear",
    "lstm",
    "conv-function",
    "transposed-function",
    "matmul",
    "einsum",
    "recurrent",
    "fourier",
    "cosine",
)
_THOP: dict[Kind, Rule] = {
    **_same(_by_output, "conv", "transposed", "linear"),
    **_same(_outputs(4), "batch-norm", "instance-norm", "layer-norm"),
    "lstm": _lstm_of_thop,
    "prelu": _outputs(1),
    "average-pool": _outputs(1),
    "adaptive-pool": _adaptive_pool_of_thop,
}
# What the hook of a module adds, and what the function that the module calls adds once more.
_PTFLOPS_MODULES: dict[Kind, Rule] = {
    **_same(_with_bias, "conv", "transposed", "linear"),
    **_same(_outputs(1), "prelu", "relu", "gelu", "leaky-relu"),
    **_same(_outputs(2), "batch-norm", "group-norm", "instance-norm", "layer-norm"),
    **_same(_inputs(1), "pool", "average-pool", "adaptive-pool"),
    "lstm": _lstm_of_ptflops,
}
_PTFLOPS_FUNCTIONS: dict[Kind, Rule] = {
    **_same(_products, "matmul", "recurrent"),
    **_same(_outputs(1), "prelu", "relu", "relu-function", "gelu", "silu"),
    **_same(_outputs(1), "softmax-function", "resize-function"),
    **_same(_inputs(1), "pool", "average-pool", "adaptive-pool", "pool-function"),
}


def _listed(rules: Mapping[Kind, Rule], power: int) -> dict[Kind, Rule]:
    """Count a module again for every name under which it is listed."""
    return {kind: partial(_times_listed, rule=rule, power=power) for kind, rule in rules.items()}


def _times_listed(layer: Layer, *, rule: Rule, power: int) -> int:
    return rule(layer) * int(layer.listed**power)


def _both(modules: Mapping[Kind, Rule], functions: Mapping[Kind, Rule]) -> dict[Kind, Rule]:
    """Add what hooks of modules and patched functions count."""
    modules = _listed(modules, 1)

    def added(kind: Kind) -> Rule:
        rules = [table[kind] for table in (modules, functions) if kind in table]
        return lambda layer: sum(rule(layer) for rule in rules)

    return {kind: added(kind) for kind in {**modules, **functions}}


CONVENTIONS: Mapping[str, Mapping[Kind, Rule]] = {
    "ours": _ALL_PRODUCTS,
    "torch": {k: rule for k, rule in _ALL_PRODUCTS.items() if k not in ("lstm", "fourier")},
    # A module that is listed twice gets its hook twice, and is added up twice.
    "thop": _listed(_THOP, 2),
    "thop+sru": {**_listed(_THOP, 2), "recurrent": _products},
    "ptflops-0.7.5": _both(_PTFLOPS_MODULES, _PTFLOPS_FUNCTIONS),
    "ptflops-0.7.2": _both(
        {**_PTFLOPS_MODULES, "transposed": _by_output_with_bias},
        {**_PTFLOPS_FUNCTIONS, "resize-function": lambda layer: layer.outputs // layer.channels},
    ),
}


def count(graph: Graph, convention: str) -> int:
    """Count a network as a convention does; the unit is its multiply-accumulate.

    Args:
        graph: The network.
        convention: A key of `CONVENTIONS`.
    """
    rules = CONVENTIONS[convention]
    return sum(
        layer.times * rules[layer.kind](layer) for layer in graph.layers if layer.kind in rules
    )
