"""Our names of tensors are turned back into those of the published files."""

from __future__ import annotations

from functools import partial

import pytest
from vectors import read_vectors

from bench.separators.checkpoints import published_tensors, rename_tensors
from bench.separators.published_names import published_name
from bench.separators.registry import find_card


def renamed(file, name):
    return next(iter(rename_tensors({name: None}, file)))


# Where layouts differ, what is missing may have been spelled in another way than its neighbours.
@pytest.mark.parametrize(
    ("system", "least"),
    [("ctcnet", 1), ("iianet", 1), ("av-tfgridnet", 1), ("rtfsnet-4", 0.95), ("swift-net", 0.95)],
)
def test_names_of_a_published_file_are_found_again(system, least):
    file = next(file for file in find_card(system).files if file.role == "checkpoint")
    shapes = dict.fromkeys(read_vectors(system).shapes("sep"))
    names = list(published_tensors(shapes, file))
    missing = names[::5]
    found = [
        published_name(
            renamed(file, name),
            file.renames,
            partial(renamed, file),
            [other for other in names if other != name],
        )
        for name in missing
    ]
    assert sum(map(str.__eq__, missing, found)) >= least * len(missing)


def test_a_name_that_no_pair_made_stays_as_it_is():
    pairs = [(r"^encoder\.(\d+)\.", r"coder.\1.")]
    assert published_name("mask.weight", pairs, str) == "mask.weight"


def test_a_pair_that_is_not_plain_is_left_alone():
    assert published_name("coder.weight", [(r"^en.*der\.", "coder.")], str) == "coder.weight"


def test_of_two_layouts_that_of_the_file_is_taken():
    pairs = [(r"^new\.(?:norm\.)?", "layer."), (r"^old\.", "layer.")]

    def rename(name):
        return "layer." + name.rpartition(".")[2]

    for beside, found in (
        (["old.bias"], "old.weight"),
        (["new.bias"], "new.weight"),
        (["new.norm.bias"], "new.norm.weight"),
    ):
        assert published_name("layer.weight", pairs, rename, beside) == found
