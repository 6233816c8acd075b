"""What other installed packages add: separators and data sets, found by entry point.

A plug-in is found by name and imported only when it is used.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from bench.errors import UsageError

__all__ = ["load_plugin", "plugin_folder", "plugins"]


@cache
def plugins(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group ("bench.separators") by name.

    Raises:
        UsageError: Two installed packages offer the same name.
    """
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        if point.name in found and found[point.name].value != point.value:
            raise UsageError(
                f"two installed packages offer '{point.name}' in {group} "
                f"({found[point.name].value} and {point.value}); uninstall one of them."
            )
        found[point.name] = point
    return found


def plugin_folder(point: EntryPoint) -> Path:
    """Return the folder of a plug-in's module, without importing the module itself.

    Raises:
        UsageError: There is no such module.
    """
    try:
        spec = importlib.util.find_spec(point.module)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        raise UsageError(
            f"the plug-in '{point.name}' names the module {point.module}, which does not exist; "
            "reinstall the package that offers it."
        )
    return Path(spec.origin).parent


def load_plugin(point: EntryPoint) -> ModuleType:
    """Import a plug-in's module.

    Raises:
        UsageError: It cannot be imported.
    """
    try:
        return importlib.import_module(point.module)
    except Exception as error:
        raise UsageError(
            f"the plug-in '{point.name}' cannot be imported from {point.module} "
            f"({type(error).__name__}: {error}); reinstall or uninstall its package."
        ) from error
