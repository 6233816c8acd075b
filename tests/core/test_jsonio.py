"""JSON is strict in both directions."""

from __future__ import annotations

import pytest

from bench.core.hashing import hash_settings
from bench.core.jsonio import dumps, dumps_pretty, loads
from bench.errors import DataError


def test_keys_are_sorted_and_a_line_is_one_line() -> None:
    assert dumps({"b": 1, "a": "x\ny"}) == '{"a":"x\\ny","b":1}'
    assert dumps_pretty({"b": 1, "a": 2}).splitlines()[1] == '  "a": 2,'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have_are_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        dumps(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": -1e999}', "-1e999 is too large"),
        ('{"a": 1' + "0" * 400 + "}", "is too large"),
        ('{"a": ', "Expecting value"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_what_is_not_json_is_one_sentence_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DataError, match=rf"run\.json is not valid JSON: .*{problem}"):
        loads(text, "run.json")


def test_numbers_come_back_as_they_were() -> None:
    values = [0, -1, 2**60, 1.5, -1e-300, 1e308]
    assert loads(dumps(values), "here") == values
    assert [type(value) for value in loads("[1, 1.0]", "here")] == [int, float]


def test_hashes_do_not_depend_on_the_order_of_keys() -> None:
    assert hash_settings({"a": 1, "b": 2}) == hash_settings({"b": 2, "a": 1})
    assert hash_settings({"a": 1}) != hash_settings({"a": 1.5})
