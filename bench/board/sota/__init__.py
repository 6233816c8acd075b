"""The state of the art: every printed figure of a mixture list beside what was measured on it."""

from __future__ import annotations

from bench.board.sota.build import build_sota
from bench.board.sota.tables import Mark, Printed, SotaCell, SotaColumn, SotaRow, SotaTable

__all__ = ["Mark", "Printed", "SotaCell", "SotaColumn", "SotaRow", "SotaTable", "build_sota"]
