"""Every rule of the counter against a count by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from bench.efficiency.macs import count_macs
from bench.efficiency.operators import declare_cost


def macs_of(module: nn.Module, *inputs: Tensor) -> int:
    count = count_macs(lambda: module.eval()(*inputs), module)
    assert count.unknown == ()
    return count.macs


@pytest.mark.parametrize(
    ("module", "shape", "macs"),
    [
        (nn.Linear(7, 5), (2, 3, 7), 2 * 3 * 7 * 5),
        (nn.Linear(7, 5, bias=False), (7,), 7 * 5),
        (nn.Conv1d(4, 6, 3), (2, 4, 10), 2 * 6 * 8 * 4 * 3),
        (nn.Conv1d(4, 6, 3, padding="same"), (2, 4, 10), 2 * 6 * 10 * 4 * 3),
        (nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2), (1, 4, 10), 6 * 5 * 2 * 3),
        (nn.Conv1d(8, 8, 5, groups=8, dilation=2), (1, 8, 20), 8 * 12 * 5),
        (nn.Conv2d(2, 3, (4, 5)), (1, 2, 10, 11), 3 * 7 * 7 * 2 * 4 * 5),
        (nn.Conv3d(1, 4, (5, 7, 7), (1, 2, 2), (2, 3, 3)), (1, 1, 6, 8, 8), 4 * 6 * 16 * 245),
        (nn.ConvTranspose1d(512, 1, 21, 10, 10, 9), (1, 512, 32), 32 * 512 * 21),
        (nn.ConvTranspose1d(6, 4, 8, groups=2), (2, 6, 5), 2 * 6 * 5 * 2 * 8),
        (nn.ConvTranspose2d(4, 2, 3, padding=1), (1, 4, 5, 6), 5 * 6 * 4 * 2 * 9),
        (nn.Bilinear(3, 4, 5), None, None),
    ],
    ids=lambda value: str(value) if isinstance(value, nn.Module) else "",
)
def test_a_layer_costs_what_its_definition_says(
    module: nn.Module, shape: tuple[int, ...] | None, macs: int | None
) -> None:
    if shape is None:  # no rule: the count is a lower bound and says so
        count = count_macs(lambda: module(torch.ones(2, 3), torch.ones(2, 4)), module)
        assert count.unknown == ("aten::_trilinear",)
        assert count.macs == 0
    else:
        assert macs_of(module, torch.zeros(shape)) == macs


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch", [1, 3])
def test_recurrent_layers_cost_their_matrices_at_every_step(
    batch: int, bidirectional: bool
) -> None:
    steps, inputs, units = 9, 5, 4
    for kind, gates in ((nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)):
        layer = kind(inputs, units, num_layers=2, bidirectional=bidirectional)
        ways = 2 if bidirectional else 1
        second = units * ways
        per_step = gates * units * ways * ((inputs + units) + (second + units))
        assert macs_of(layer, torch.zeros(steps, batch, inputs)) == per_step * steps * batch


def test_a_cell_costs_its_matrices() -> None:
    assert macs_of(nn.LSTMCell(5, 4), torch.zeros(3, 5)) == 3 * 16 * (5 + 4)
    assert macs_of(nn.GRUCell(5, 4), torch.zeros(3, 5)) == 3 * 12 * (5 + 4)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("width", [8, 12])
def test_fused_attention_costs_both_products(causal: bool, width: int) -> None:
    query, key = torch.randn(2, 3, 10, 8), torch.randn(2, 3, 14, 8)
    value = torch.randn(2, 3, 14, width)

    def attend() -> Tensor:
        return functional.scaled_dot_product_attention(query, key, value, is_causal=causal)

    assert count_macs(attend).macs == 2 * 3 * 10 * 14 * (8 + width)


@pytest.mark.parametrize("fast", [False, True])
def test_multi_head_attention_costs_the_same_on_every_path(fast: bool) -> None:
    layer = nn.MultiheadAttention(16, 4, batch_first=True).eval().requires_grad_(not fast)
    source = torch.randn(2, 10, 16)
    linear, products = 2 * 10 * 16 * 16 * 4, 2 * 2 * 10 * 10 * 16

    def attend() -> object:
        return layer(source, source, source, need_weights=not fast)

    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(fast)
    try:
        count = count_macs(attend, layer)
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
    assert count.unknown == ()
    assert count.macs == linear + products


def test_a_fused_encoder_layer_costs_what_its_parts_cost() -> None:
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True).eval().requires_grad_(False)
    linear, products = 2 * 10 * (16 * 16 * 4 + 2 * 16 * 32), 2 * 2 * 10 * 10 * 16
    assert macs_of(layer, torch.randn(2, 10, 16)) == linear + products


PRODUCTS: dict[str, tuple[Callable[[], Tensor], int]] = {
    "matmul": (lambda: torch.ones(2, 3, 4) @ torch.ones(4, 5), 2 * 3 * 4 * 5),
    "batched": (lambda: torch.ones(6, 3, 4) @ torch.ones(6, 4, 5), 6 * 3 * 4 * 5),
    "vector": (lambda: torch.ones(3, 4) @ torch.ones(4), 3 * 4),
    "dot": (lambda: torch.ones(4) @ torch.ones(4), 4),
    "addmm": (lambda: torch.addmm(torch.ones(5), torch.ones(3, 4), torch.ones(4, 5)), 60),
    "addmv": (lambda: torch.addmv(torch.ones(3), torch.ones(3, 4), torch.ones(4)), 12),
    "baddbmm": (
        lambda: torch.baddbmm(torch.ones(2, 3, 5), torch.ones(2, 3, 4), torch.ones(2, 4, 5)),
        2 * 60,
    ),
    "einsum": (
        lambda: torch.einsum("bhie,bhje->bhij", torch.ones(2, 3, 4, 8), torch.ones(2, 3, 5, 8)),
        2 * 3 * 4 * 5 * 8,
    ),
    "distances": (lambda: torch.cdist(torch.ones(2, 30, 4), torch.ones(2, 40, 4)), 2 * 1200 * 4),
    "outer product": (lambda: torch.outer(torch.ones(3), torch.ones(4)), 0),
    "functional": (
        lambda: functional.conv1d(torch.ones(1, 2, 9), torch.ones(3, 2, 4), stride=3),
        3 * 2 * 2 * 4,
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_count_however_they_are_written(name: str) -> None:
    call, macs = PRODUCTS[name]
    count = count_macs(call)
    assert count.unknown == ()
    assert count.macs == pytest.approx(macs, rel=0.5 if name == "distances" else 0)


def test_transforms_follow_the_stated_rule() -> None:
    real, whole = torch.ones(5, 64), torch.ones(5, 64, dtype=torch.complex64)
    stages = 64 * math.log2(64)
    assert count_macs(lambda: torch.fft.rfft(real)).macs == 5 * stages
    assert count_macs(lambda: torch.fft.irfft(torch.fft.rfft(real))).macs == 2 * 5 * stages
    assert count_macs(lambda: torch.fft.fft(whole)).macs == 2 * 5 * stages
    window = torch.hann_window(64)
    spectrum = count_macs(
        lambda: torch.stft(torch.ones(640), 64, 16, window=window, return_complex=True)
    )
    assert spectrum.macs == 41 * stages


@pytest.mark.parametrize("inference", [False, True])
def test_the_count_does_not_depend_on_the_mode(inference: bool) -> None:
    network = nn.Sequential(nn.Conv1d(2, 4, 3), nn.PReLU(), nn.BatchNorm1d(4), nn.Linear(8, 3))

    def run() -> None:
        with torch.inference_mode(inference):
            network.eval()(torch.zeros(1, 2, 10))

    count = count_macs(run, network)
    assert count.macs == 4 * 8 * 6 + 4 * 8 * 3
    assert count.unknown == ()
    assert count.layers == {"0": 4 * 8 * 6, "3": 4 * 8 * 3}


@pytest.mark.parametrize("way", ["exported", "traced"])
def test_programs_are_counted_as_modules_are(way: str) -> None:
    network = nn.Sequential(nn.Conv1d(2, 4, 3), nn.GELU(), nn.Linear(8, 3)).eval()
    numbers = torch.zeros(1, 2, 10)
    if way == "exported":
        program: nn.Module = torch.export.export(network, (numbers,)).module()
    else:
        program = torch.fx.symbolic_trace(network)
    count = count_macs(lambda: program(numbers), program)
    assert count.macs == 4 * 8 * 6 + 4 * 8 * 3
    assert count.unknown == ()


def test_parameters_that_take_part_are_named() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, numbers: Tensor) -> Tensor:
            _ = self.idle.weight.view(-1)  # looking at it is not using it
            out: Tensor = functional.conv1d(numbers[..., None], self.used.weight[..., None])
            return out * self.used.bias[:, None]

    module = Half()
    count = count_macs(lambda: module(torch.ones(1, 3)), module)
    assert count.used == {"used.weight", "used.bias"}


def test_agreement_with_pytorch_where_it_counts() -> None:
    network = nn.Sequential(
        nn.Conv2d(2, 8, 3, stride=2, groups=2), nn.GELU(), nn.ConvTranspose2d(8, 3, 4, stride=2)
    )
    image = torch.zeros(2, 2, 17, 19)
    with FlopCounterMode(display=False) as counter:
        network(image)
    assert macs_of(network, image) == counter.get_total_flops() // 2


@pytest.fixture
def own_operator() -> Iterator[Callable[[Tensor], Tensor]]:
    @torch.library.custom_op("bench_test::scan", mutates_args=())
    def scan(numbers: Tensor) -> Tensor:
        return numbers.cumsum(0)

    yield scan


def test_an_operator_of_ones_own_is_a_lower_bound_until_its_cost_is_declared(
    own_operator: Callable[[Tensor], Tensor],
) -> None:
    numbers = torch.ones(4, 3)
    assert count_macs(lambda: own_operator(numbers)).unknown == ("bench_test::scan",)
    declare_cost("bench_test::scan", lambda args, named, out: 7 * out.numel())
    count = count_macs(lambda: own_operator(numbers))
    assert count.unknown == ()
    assert count.macs == 7 * 12


def test_shares_of_time_are_shares() -> None:
    count = count_macs(lambda: torch.ones(200, 200).sin() @ torch.ones(200, 200))
    assert 0 < count.uncounted_time_share < 1
    name, share = count.slowest_uncounted(1)[0]
    assert name in count.operators
    assert 0 < share <= count.uncounted_time_share


def test_a_call_that_fails_leaves_no_hook_behind() -> None:
    layer = nn.Linear(3, 3)
    with pytest.raises(RuntimeError):
        count_macs(lambda: layer(torch.ones(4)), layer)
    assert count_macs(lambda: layer(torch.ones(3)), layer).macs == 9
