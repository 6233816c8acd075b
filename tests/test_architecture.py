"""The house rules that a reader relies on, held by machine."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "bench"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Which rooms each room may import from, itself and the errors apart.
MAY_IMPORT = {
    "core": set(),
    "datasets": {"core"},
    "separators": {"core"},
    "metrics": {"core"},
    "asr": {"core"},
    "efficiency": {"core", "separators"},
    "execute": set(),
    "stats": set(),
    "run": {"core", "datasets", "separators", "metrics", "asr", "execute"},
    "board": {"core", "datasets", "separators", "metrics", "efficiency", "run", "stats", "execute"},
}


def _imports(path: Path) -> set[str]:
    """Rooms of the package that a module imports from, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found |= {name.split(".")[1] for name in names if name.startswith("bench.")}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_import_only_from_below(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    if room in MAY_IMPORT:
        allowed = MAY_IMPORT[room] | {room, "errors"}
        assert _imports(path) <= allowed
    else:
        assert room in ("cli", "__init__.py", "__main__.py", "errors.py")


def test_every_room_has_its_rule() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms - {"cli"} <= MAY_IMPORT.keys()


@pytest.mark.parametrize("name", ["bench", "bench.cli.app", "bench.datasets", "bench.metrics"])
def test_importing_stays_light(name: str) -> None:
    code = f"import sys, {name}; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_exports_exist_and_the_module_says_what_it_is(path: Path) -> None:
    if path.name == "__main__.py":
        return
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    exported = list(getattr(module, "__all__", []))
    assert len(set(exported)) == len(exported)
    assert all(hasattr(module, name) for name in exported)
    assert module.__doc__


def test_data_folders_are_not_packages() -> None:
    top = PACKAGE.parent
    for name in ("datasets", "submissions", "results"):
        assert not (top / name / "__init__.py").exists()


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import bench

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bench.nothing
    assert set(bench.__all__) <= set(dir(bench))
