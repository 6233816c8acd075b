"""The code of a user's own module is what it imports, whoever else imported what."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from bench.run.own_code import hash_sources, line_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project: `main` package with neighbours, and files that nobody imports."""
    files = {
        "main.py": "import os\nimport flat\nfrom pkg.deep import leaf\nimport main\n",
        "flat.py": "def late():\n    import lazy\n",
        "lazy.py": "import importlib\nimportlib.import_module('by_name')\n",
        "by_name.py": "print 'python 2'\n",
        "foreign.py": "",
        "pkg/__init__.py": "from .star import *\n",
        "pkg/star.py": "",
        "pkg/deep/__init__.py": "",
        "pkg/deep/leaf.py": "from .. import aside\nfrom . import *\n__import__('../flat')\n",
        "pkg/aside.py": "",
        "pkg/unused.py": "",
        "os/site-packages/x.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def test_imports_are_followed_wherever_they_stand(home: Path) -> None:
    assert list(hash_sources(home / "main.py")) == [
        "by_name.py",
        "flat.py",
        "lazy.py",
        "main.py",
        "pkg/__init__.py",
        "pkg/aside.py",
        "pkg/deep/__init__.py",
        "pkg/deep/leaf.py",
        "pkg/star.py",
    ]


def test_a_file_inside_a_package_finds_its_neighbours_by_the_name_of_the_package(
    home: Path,
) -> None:
    (home / "pkg" / "net.py").write_text("from pkg.aside import *\nimport pkg.deep.leaf\n")
    found = hash_sources(home / "pkg" / "net.py")
    assert list(found) == [
        "__init__.py",
        "aside.py",
        "deep/__init__.py",
        "deep/leaf.py",
        "net.py",
        "star.py",
    ]


def test_the_place_of_a_project_is_no_part_of_it(home: Path) -> None:
    before = hash_sources(home / "main.py")
    moved = home.rename(home.with_name("elsewhere"))
    assert hash_sources(moved / "main.py") == before


def test_the_line_that_failed_is_the_innermost_of_the_user(tmp_path: Path) -> None:
    source = tmp_path / "mine.py"
    source.write_text("import json\n\n\ndef read():\n    return json.loads('no')\n")
    spec = importlib.util.spec_from_file_location("mine_of_a_user", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(json.JSONDecodeError) as caught:
        module.read()
    assert line_of(caught.value) == "mine.py:5"


def test_without_a_line_of_the_user_none_is_named() -> None:
    assert line_of(ValueError("never raised")) == ""
