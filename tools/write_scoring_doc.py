"""Fill in the tables of docs/scoring.md from the registries, and on request from a measurement.

Each table stands between `<!-- NAME -->` and `<!-- end -->`; what is between them is replaced.
`python tools/write_scoring_doc.py` writes the tables that follow from the code, with `--benchmark`
that of the speed too, with `--pesq` that of PESQ with and without our transforms (a quarter of an
hour); `--check` writes nothing and fails if the file is not up to date.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tabulate import tabulate

from bench.metrics import find_metric, list_metrics
from bench.metrics.as_published import list_protocols, list_published

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENT = REPOSITORY / "docs" / "scoring.md"


def metrics_table() -> str:
    """Every metric by id."""
    rows = []
    for metric in map(find_metric, list_metrics()):
        rows.append(
            (f"`{metric.id}`", metric.name, metric.definition, metric.undefined, metric.version)
        )
    return _pipe(rows, ("id", "in tables", "definition", "no value for", "version"))


def protocols_table() -> str:
    """Every column of every paper's code."""
    rows = [
        (protocol, f"`{column.id}`", column.column, column.definition, f"`{column.standard}`")
        for protocol in list_protocols()
        for column in list_published(protocol)
    ]
    return _pipe(rows, ("protocol", "id", "printed as", "what it computes", "taken for"))


def measured_table(script: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, REPOSITORY / "tests" / "benchmarks" / script],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```\n{done.stdout.strip()}\n```"


def filled(document: str, tables: Mapping[str, str]) -> str:
    """Replace the tables of a document by name."""
    for name, table in tables.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not place.search(document):
            raise SystemExit(f"{DOCUMENT} has no place for '{name}'.")
        document = place.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", document)
    return document


def _pipe(rows: Sequence[Sequence[str]], headers: Sequence[str]) -> str:
    return tabulate(rows, headers, "github", disable_numparse=True)


def main() -> None:
    """Write or check the document."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--benchmark", action="store_true", help="measure the speed anew")
    parser.add_argument("--pesq", action="store_true", help="compare PESQ both ways anew")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    options = parser.parse_args()
    tables = {"metrics": metrics_table(), "protocols": protocols_table()}
    if options.benchmark:
        tables["benchmark"] = measured_table("bench_scorer.py")
    if options.pesq:
        tables["pesq"] = measured_table("bench_pesq_equal.py")
    before = DOCUMENT.read_text(encoding="utf-8")
    after = filled(before, tables)
    if options.check:
        sys.exit(f"{DOCUMENT} is not up to date." if before != after else 0)
    DOCUMENT.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
