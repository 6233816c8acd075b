"""Names of files stay in their folder."""

from __future__ import annotations

import pytest

from bench.core.names import check_file_name
from bench.errors import DataError


@pytest.mark.parametrize(
    "name", ["a", "6330_00011_1.5_7_-1.5", "a..b", ".hidden", "mit Leerzeichen"]
)
def test_names_of_files_are_returned(name: str) -> None:
    assert check_file_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/a", "a\\b", "a\0"])
def test_what_leaves_a_folder_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="cannot name a file"):
        check_file_name(name)
