"""The command line: one module per verb that parses, calls and prints."""

from bench.cli.app import main

__all__ = ["main"]
