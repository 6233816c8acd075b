"""A static site of the board: readable from the file system, without scripts, without network."""

from __future__ import annotations

from bench.board.site.build import build_site, site_files
from bench.board.site.sources import Sources, read_sources

__all__ = ["Sources", "build_site", "read_sources", "site_files"]
