"""Published separators behind one interface, their weight files, and the baselines.

One module per system, one card per id in `cards/`; `registry` finds and loads them, `base` is the
interface, `checkpoints` reads weight files.
"""

from bench.separators.registry import find_card, list_separators, load_separator

__all__ = ["find_card", "list_separators", "load_separator"]
