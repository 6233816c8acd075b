"""What a separator of ours really executes: every operator, counted as it is called.

Nothing is traced or replaced: the counter watches the operators that PyTorch dispatches, below
autograd and whatever kernel runs, so it sees functional calls, attention and recurrent layers as
well as modules. It also takes the time of each, which tells how much of the whole the operators
without multiply-accumulates take.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from bench.efficiency.operators import find_rule, is_free

__all__ = ["MacCount", "OperatorCount", "count_macs"]


@dataclass
class OperatorCount:
    """What one operator did.

    Attributes:
        macs: Multiply-accumulates; 0 for those that have none, and for unknown ones.
        calls: How often it was called.
        seconds: That it took, the counter's own time included.
    """

    macs: int = 0
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class MacCount:
    """The multiply-accumulates of one call.

    Attributes:
        operators: What each operator did.
        layers: Multiply-accumulates by the module that made them, largest first.
        unknown: Operators without a rule; with any, the count is a lower bound.
        used: Parameters of the model that took part, by name.
    """

    operators: Mapping[str, OperatorCount] = field(default_factory=dict)
    layers: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()

    @property
    def macs(self) -> int:
        """All of them."""
        return sum(operator.macs for operator in self.operators.values())

    @property
    def uncounted_time_share(self) -> float:
        """Share of the time that went into operators without multiply-accumulates."""
        whole = sum(operator.seconds for operator in self.operators.values())
        without = sum(op.seconds for op in self.operators.values() if op.macs == 0)
        return without / whole if whole > 0 else 0.0

    def slowest_uncounted(self, number: int) -> list[tuple[str, float]]:
        """Return the operators without multiply-accumulates that take longest.

        Returns:
            Pairs of a name and its share of the whole time.
        """
        whole = sum(operator.seconds for operator in self.operators.values()) or 1.0
        shares = {n: op.seconds / whole for n, op in self.operators.items() if op.macs == 0}
        return sorted(shares.items(), key=lambda item: -item[1])[:number]


def count_macs(call: Callable[[], Any], model: nn.Module | None = None) -> MacCount:
    """Count the multiply-accumulates of a call, which runs once.

    Args:
        call: Runs the network.
        model: Whose module names the layers get; without it all stand under "".

    Example:
        >>> layer = torch.nn.Linear(3, 5)
        >>> count_macs(lambda: layer(torch.zeros(2, 3))).macs
        30
    """
    counter = _Counter(model)
    with torch.no_grad(), counter.watching_modules(), counter:
        call()
    layers = dict(sorted(counter.layers.items(), key=lambda item: -item[1]))
    return MacCount(
        counter.operators, layers, tuple(sorted(counter.unknown)), frozenset(counter.used)
    )


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Watches every operator while it is entered."""

    def __init__(self, model: nn.Module | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operators: dict[str, OperatorCount] = {}
        self.layers: dict[str, int] = {}
        self.unknown: set[str] = set()
        self.used: set[str] = set()
        # A view of a parameter lies in the parameter's memory.
        self._parameters = {
            parameter.untyped_storage().data_ptr(): name
            for name, parameter in (model.named_parameters() if model else ())
        }
        self._names = {id(m): name for name, m in model.named_modules()} if model else {}
        self._inside: list[str] = [""]

    @contextmanager
    def watching_modules(self) -> Iterator[None]:
        """Follow which module is running."""
        handles = [
            hooks.register_module_forward_pre_hook(self._enter_module),
            hooks.register_module_forward_hook(self._leave_module, always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter_module(self, module: nn.Module, inputs: Any) -> None:
        self._inside.append(self._names.get(id(module), self._inside[-1]))

    def _leave_module(self, module: nn.Module, inputs: Any, outputs: Any) -> None:
        self._inside.pop()

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        rule = find_rule(func)
        if rule is None and not is_free(func):
            with self:
                # An operator that is made of others is counted by these.
                parts = func.decompose(*args, **named)
            if parts is not NotImplemented:
                return parts
            self.unknown.add(func._schema.name)
        if not func.is_view:
            self._note_parameters(args)
        _wait()
        start = time.perf_counter()
        out = func(*args, **named)
        _wait()
        seconds = time.perf_counter() - start
        self._note(func._schema.name, rule(args, named, out) if rule else 0, seconds)
        return out

    def _note_parameters(self, args: Sequence[Any]) -> None:
        for value in tree_leaves(args):
            if isinstance(value, torch.Tensor):
                name = self._parameters.get(value.untyped_storage().data_ptr())
                if name is not None:
                    self.used.add(name)

    def _note(self, name: str, macs: int, seconds: float) -> None:
        entry = self.operators.setdefault(name, OperatorCount())
        entry.macs += macs
        entry.calls += 1
        entry.seconds += seconds
        if macs:
            layer = self._inside[-1]
            self.layers[layer] = self.layers.get(layer, 0) + macs


def _wait() -> None:
    """Let a GPU finish, so that an operator's time is its own."""
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.synchronize()
