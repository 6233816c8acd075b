"""Which files the code of a user's own module consists of, and which line of it failed.

Its code is its own file, and the neighbours that it imports.

The imports are read from the source, wherever in a file they stand. What a process has imported is
no guide: it depends on what else ran there, and on whether a line was reached yet. Followed are
`import a.b`, `from . import a` and `importlib.import_module("a")` with a literal name; a name that
is computed is not seen. Only files beside or below the first one count, installed packages never.
"""

from __future__ import annotations

import ast
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

import bench
from bench.core.hashing import hash_file

__all__ = ["hash_sources", "line_of"]

_OURS = Path(bench.__file__).resolve().parent
_STANDARD = Path(sysconfig.get_paths()["stdlib"]).resolve()
_INSTALLED = ("site-packages", "dist-packages")
_IMPORTERS = ("import_module", "__import__")


def hash_sources(source: Path) -> dict[str, str]:
    """Hash a file and every file beside or below it that it imports, directly or through others.

    Args:
        source: Absolute, without links.

    Returns:
        SHA-256 by path relative to the folder of `source`, sorted.
    """
    found, waiting = {source}, [source]
    while waiting:
        file = waiting.pop()
        new = {path for path in _imported(file, source.parent) if path not in found}
        found |= new
        waiting += new
    return {str(path.relative_to(source.parent)): hash_file(path) for path in sorted(found)}


def line_of(error: BaseException) -> str:
    """Say where in a user's own code an exception comes from, without telling where that lies.

    Args:
        error: As it was caught.

    Returns:
        Name of the file and number of the line, as "mine.py:42", of the innermost call that is
        neither ours nor installed; empty where there is none.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = ((Path(frame.filename), frame.lineno) for frame in reversed(frames))
    return next((f"{file.name}:{line}" for file, line in places if _is_users(file)), "")


def _is_users(file: Path) -> bool:
    """Whether a file is neither the project's, nor installed, nor Python's own."""
    if not file.is_file():  # compiled from a text: an exported program, an interpreter
        return False
    path = file.resolve()
    strange = any(path.is_relative_to(folder) for folder in (_OURS, _STANDARD))
    return not strange and not any(part in _INSTALLED for part in path.parts)


def _imported(file: Path, home: Path) -> Iterator[Path]:
    for folders, name in _imports(file, home):
        for folder in folders:
            for path in _files_of(folder, name):
                if path.is_file() and _is_neighbour(path := path.resolve(), home):
                    yield path


def _is_neighbour(path: Path, home: Path) -> bool:
    return path.is_relative_to(home) and not any(part in _INSTALLED for part in path.parts)


def _imports(file: Path, home: Path) -> Iterator[tuple[list[Path], str]]:
    """Yield what a file imports: the folders where it may lie, and its dotted name."""
    # A neighbour may be imported from its own folder, or from that of a package around it.
    roots = list(dict.fromkeys([file.parent, home, *home.parents]))
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):  # it cannot have been imported either
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((roots, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package of the file, each further one the package around it.
            folders = [file.parents[node.level - 1]] if node.level else roots
            for alias in node.names:
                yield folders, ".".join(filter(None, [node.module, alias.name]))
        elif isinstance(node, ast.Call) and (name := _literal_name(node)):
            yield roots, name


def _literal_name(call: ast.Call) -> str | None:
    """The module that a call imports by a name which stands there."""
    name = getattr(call.func, "attr", getattr(call.func, "id", None))
    first = call.args[0] if call.args else None
    if name in _IMPORTERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def _files_of(folder: Path, name: str) -> Iterator[Path]:
    """The files that importing a dotted name runs: of the module and of the packages around it."""
    yield folder / "__init__.py"
    for part in name.split("."):
        if not part.isidentifier():  # the star of `from a import *`
            return
        yield folder / f"{part}.py"
        folder /= part
        yield folder / "__init__.py"
