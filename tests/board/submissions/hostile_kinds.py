"""Kinds of hostile submissions: what spoils an honest one, where it is found, in which words."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from submitted import (
    edit,
    edit_record,
    lines_of,
    put_lines,
    put_records,
    rescore,
)

Spoil = Callable[[Path], object]


def entry(*path: str | int, to: object) -> Spoil:
    """Change one entry of submission.json."""

    def spoil(folder: Path) -> None:
        def change(content: Any) -> None:
            for step in path[:-1]:
                content = content[step]
            content[path[-1]] = to

        edit(folder, change)

    return spoil


def _text(change: Callable[[str], str | bytes]) -> Spoil:
    """Change the text of submission.json."""

    def spoil(folder: Path) -> None:
        path = folder / "submission.json"
        made = change(path.read_text(encoding="utf-8"))
        path.write_bytes(made if isinstance(made, bytes) else made.encode())

    return spoil


def _record(**entries: object) -> Spoil:
    """Change entries of the third record; aggregates follow."""

    def spoil(folder: Path) -> None:
        edit_record(folder, 2, lambda record: record.update(entries))

    return spoil


def scores_moved(**entries: float | None) -> Spoil:
    def spoil(folder: Path) -> None:
        edit_record(folder, 2, lambda record: record.update(entries))
        rescore(folder)

    return spoil


def _line(change: Callable[[str], str | bytes]) -> Spoil:
    """Change the text of the third line of the records."""

    def spoil(folder: Path) -> None:
        lines: list[str | bytes] = list(lines_of(folder))
        lines[2] = change(str(lines[2]))
        put_lines(folder, lines)

    return spoil


def _link(name: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to("/etc/passwd")

    return spoil


def _pipe(folder: Path) -> None:
    (folder / "records.jsonl.gz").unlink()
    os.mkfifo(folder / "records.jsonl.gz")


def bomb(folder: Path) -> None:
    """Zeros, a thousand times as many as there are bytes in the file."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(bytes(2**20)) for _ in range(160)]
    put_records(folder, b"".join([*pieces, packer.flush()]))


def many_lines(folder: Path) -> None:
    put_records(folder, gzip.compress(b"{}\n" * 200_000), 200_000)


def _twice(folder: Path) -> None:
    lines = lines_of(folder)
    put_lines(folder, [*lines[:-1], lines[0]])


def _without_last(folder: Path) -> None:
    put_lines(folder, [*lines_of(folder)[:-2]])


def _other_mixture(folder: Path) -> None:
    name = "f01_00001_1_f02_00001_-1"
    for number in (2, 3):
        edit_record(
            folder,
            number,
            lambda r: r.update(mixture=name, id=f"{name}/s{r['target']}"),
        )


def _equal_scores(folder: Path) -> None:
    first = json.loads(lines_of(folder)[0])
    names = ("si_snr", "snr", "sdr_bsseval512")
    for number in range(0, 40, 2):
        edit_record(
            folder,
            number,
            lambda r: r.update({n: first[n] for n in names}),
        )
    rescore(folder)


def folder_of_files(folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.txt").write_text("x", encoding="utf-8")


def _trailing(folder: Path) -> None:
    content = (folder / "records.jsonl.gz").read_bytes()
    put_records(folder, content + b"MZ\x90 anything")


def _better_mean(content: dict[str, Any]) -> None:
    content["runs"][0]["aggregates"]["si_snr_i"]["mean"] += 2e-4


KINDS: dict[str, tuple[Spoil, str, str]] = {
    # what is done, where it is found, what is said
    "no submission.json": (
        lambda f: (f / "submission.json").unlink(),
        "submission.json",
        "there is no submission.json",
    ),
    "not JSON": (_text(lambda t: "<html>"), "submission.json", "not valid JSON"),
    "not an object": (_text(lambda t: "[]"), "submission.json#", "object"),
    "empty": (_text(lambda t: ""), "submission.json", "not valid JSON"),
    "duplicate key": (
        _text(lambda t: t.replace('"method"', '"files": {}, "method"', 1)),
        "submission.json",
        "stands twice",
    ),
    "NaN": (_text(lambda t: t.replace('"year": 2026', '"year": NaN')), "submission.json", "NaN"),
    "infinity": (
        _text(lambda t: t.replace('"year": 2026', '"year": -Infinity')),
        "submission.json",
        "Infinity",
    ),
    "number beyond floats": (
        _text(lambda t: t.replace('"year": 2026', '"year": 1e999')),
        "submission.json",
        "too large",
    ),
    "huge integer": (
        _text(lambda t: t.replace('"year": 2026', f'"year": {"9" * 5000}')),
        "submission.json",
        "too large",
    ),
    "large integer": (
        _text(lambda t: t.replace('"year": 2026', f'"year": {"9" * 300}')),
        "submission.json#/identity/paper/year",
        "less than or equal to 2100",
    ),
    "deep nesting": (
        _text(lambda t: "[" * 100_000 + "]" * 100_000),
        "submission.json",
        "not valid JSON",
    ),
    "nesting": (
        _text(lambda t: "[" * 30 + "]" * 30),
        "submission.json",
        "nested more than 12 levels",
    ),
    "invalid UTF-8": (
        _text(lambda t: t.encode().replace(b"Zw", b"\xff\xfe")),
        "submission.json",
        "is not UTF-8",
    ),
    "byte order mark": (
        _text(lambda t: b"\xef\xbb\xbf" + t.encode()),
        "submission.json",
        "byte order mark",
    ),
    "UTF-16": (_text(lambda t: t.encode("utf-16")), "submission.json", "is not UTF-8"),
    "half a surrogate pair": (
        _text(lambda t: t.replace("LipNet-Zwölf", "\\ud800", 1)),
        "submission.json#/identity/system",
        "U+D800",
    ),
    "escape sequence of a terminal": (
        entry("identity", "system", to="x\x1b[2J\x1b]0;y\x07"),
        "submission.json#/identity/system",
        "hidden character U+001B",
    ),
    "bidirectional override": (
        entry("identity", "system", to="CTC\u202eteN"),
        "submission.json#/identity/system",
        "U+202E",
    ),
    "zero width": (
        entry("identity", "system", to="CTC\u200bNet"),
        "submission.json#/identity/system",
        "U+200B",
    ),
    "blank that counts as a letter": (
        entry("identity", "system", to="CTCNet\u3164"),
        "submission.json#/identity/system",
        "hidden character U+3164",
    ),
    "blank that counts as a symbol": (
        entry("identity", "system", to="LipNet\u2800"),
        "submission.json#/identity/system",
        "hidden character U+2800",
    ),
    "line break in a name": (
        entry("identity", "authors", to=["a\nb"]),
        "submission.json#/identity/authors/0",
        "U+000A",
    ),
    "hidden character in a key": (
        entry("runs", 0, "plan", "packages", "num\u202epy", to="1"),
        "submission.json#/runs/0/plan/packages",
        "U+202E",
    ),
    "very long name": (
        entry("identity", "system", to="x" * 100_000),
        "submission.json#/identity/system",
        "at most",
    ),
    "wrong type": (
        entry("method", "causal", to="no"),
        "submission.json#/method/causal",
        "boolean",
    ),
    "number as text": (
        entry("method", "training_seeds", to="1"),
        "submission.json#/method/training_seeds",
        "integer",
    ),
    "unknown entry": (
        entry("method", "run_this", to="rm -rf /"),
        "submission.json#/method/run_this",
        "not permitted",
    ),
    "thousands of unknown entries": (
        lambda f: edit(f, lambda c: c["method"].update({f"x{k}": 1 for k in range(20_000)})),
        "submission.json",
        "more like these",
    ),
    "thousands of hidden characters": (
        entry("identity", "authors", to=["a\u202eb"] * 20_000),
        "submission.json",
        "more like these",
    ),
    "neither a number nor a text": (
        entry("runs", 0, "plan", "separator", "settings", to={"x": [1]}),
        "submission.json#/runs/0/plan/separator/settings/x",
        "a number, a short text, true or false",
    ),
    "missing entry": (
        lambda f: edit(f, lambda c: c.pop("method")),
        "submission.json#/method",
        "required",
    ),
    "address that is a script": (
        entry("identity", "code", to="javascript:alert(1)"),
        "submission.json#/identity/code",
        "pattern",
    ),
    "address with a password": (
        entry("identity", "code", to="https://a:b@example.org/"),
        "submission.json#/identity/code",
        "pattern",
    ),
    "address that ends an attribute": (
        entry("identity", "code", to='https://example.org/"onload="x'),
        "submission.json#/identity/code",
        "pattern",
    ),
    "path as id of a run": (
        entry("runs", 0, "id", to="../../../etc"),
        "submission.json#/runs/0/id",
        "pattern",
    ),
    "id with letters of another alphabet": (
        entry("runs", 0, "plan", "dataset", to="t\u0430lking-heads-2mix"),
        "submission.json#/runs/0/plan/dataset",
        "pattern",
    ),
    "id that the plan does not give": (
        entry("runs", 0, "plan", "threads", to=2),
        "submission.json#/runs/0/id",
        "is not the id that its plan gives",
    ),
    "unknown metric": (
        entry("runs", 0, "plan", "metrics", to={"sdr": "1"}),
        "submission.json#/runs/0/plan/metrics/sdr",
        "no such metric",
    ),
    "file outside the folder": (
        entry("files", "../../etc/passwd", to={"sha256": "0" * 64, "lines": 0}),
        "submission.json#/files/..~1..~1etc~1passwd",
        "no such file",
    ),
    "link to elsewhere": (_link("records.jsonl.gz"), "records.jsonl.gz", "symbolic link"),
    "linked description": (_link("submission.json"), "submission.json", "symbolic link"),
    "pipe": (_pipe, "records.jsonl.gz", "neither a plain file nor a folder"),
    "foreign file": (
        lambda f: (f / "setup.py").write_text("raise SystemExit", encoding="utf-8"),
        "setup.py",
        "not a file of a submission",
    ),
    "foreign folder": (lambda f: (f / ".git").mkdir(), ".git", "neither a plain file"),
    "foreign file with an odd name": (
        lambda f: (f / "a\x1b[2J\nb").write_text("x", encoding="utf-8"),
        "a<U+001B>[2J<U+000A>b",
        "not a file of a submission",
    ),
    "hundreds of files": (folder_of_files, ".", "more than 200 files"),
    "large description": (
        _text(lambda t: t + " " * 3_000_000),
        "submission.json",
        "is larger than",
    ),
    "gzip bomb": (bomb, "records.jsonl.gz", "holds more than"),
    "too many lines": (many_lines, "records.jsonl.gz", "more than 100000 lines"),
    "no gzip": (lambda f: put_records(f, b"hello"), "records.jsonl.gz", "is not a gzip file"),
    "half a gzip": (
        lambda f: put_records(f, (f / "records.jsonl.gz").read_bytes()[:-40]),
        "records.jsonl.gz",
        "ends in the middle",
    ),
    "something after the gzip": (_trailing, "records.jsonl.gz", "goes on after its end"),
    "other bytes than hashed": (
        lambda f: (f / "records.jsonl.gz").write_bytes(b"x"),
        "records.jsonl.gz",
        "has the SHA-256",
    ),
    "torn last line": (
        lambda f: put_records(f, gzip.compress(b'{"a":1')),
        "records.jsonl.gz",
        "ends in the middle of a line",
    ),
    "record that is no JSON": (_line(lambda t: "{"), "records.jsonl.gz:3", "not valid JSON"),
    "record that is a list": (_line(lambda t: "[]"), "records.jsonl.gz:3", "a JSON object"),
    "NaN in a record": (
        _line(lambda t: t.replace('"error":null', '"error":NaN')),
        "records.jsonl.gz:3",
        "NaN",
    ),
    "duplicate key in a record": (
        _line(lambda t: t.replace('{"', '{"snr":99,"', 1)),
        "records.jsonl.gz:3",
        "stands twice",
    ),
    "nested record": (
        _line(lambda t: "[" * 5000 + "]" * 5000),
        "records.jsonl.gz:3",
        "not valid JSON",
    ),
    "record in bad UTF-8": (
        _line(lambda t: t.encode() + b"\xff"),
        "records.jsonl.gz",
        "is not UTF-8",
    ),
    "very long line": (
        _line(lambda t: t + " " * 50_000),
        "records.jsonl.gz:3",
        "at most 16384",
    ),
    "other spelling of a record": (
        _line(lambda t: t.replace('":', '": ')),
        "records.jsonl.gz:3",
        "is not written as",
    ),
    "id of another target": (_record(id="x/s1"), "records.jsonl.gz:3", "is not written as"),
    "text where a score is": (_record(snr="9"), "records.jsonl.gz:3", "cannot be understood"),
    "score beyond anything": (_record(snr=1e300), "records.jsonl.gz:3", "is beyond 1e+06"),
    "score that nobody asked for": (
        _record(made_up=1.0),
        "records.jsonl.gz:3",
        "'made_up' is one too many",
    ),
    "record of another run": (
        _record(run="other"),
        "records.jsonl.gz:3",
        "which submission.json does not name",
    ),
    "record of another set": (
        _record(dataset="lrs2-2mix"),
        "records.jsonl.gz:3",
        "but its run is not",
    ),
    "mixture whose name is a path": (
        _record(mixture="../../x"),
        "records.jsonl.gz:3",
        "cannot be the name of a mixture",
    ),
    "transcript as a condition": (
        lambda f: edit_record(f, 2, lambda r: r["conditions"].update(said="good evening all")),
        "records.jsonl.gz:3",
        "a number or a label is expected",
    ),
    "hidden character in a record": (
        _record(target_cluster="f\u202e01"),
        "records.jsonl.gz:3",
        "U+202E",
    ),
    "thousands of wrong lines": (
        lambda f: put_lines(f, ["{}"] * 9000),
        "records.jsonl.gz",
        "8950 more like these",
    ),
    "duplicated item": (_twice, "records.jsonl.gz:200", "stands twice, first in line 1"),
    "missing items": (_without_last, "submission.json#/runs/0/expected", "there are 198 records"),
    "missing items, by name": (
        _without_last,
        "records.jsonl.gz",
        "mixtures of the list are absent",
    ),
    "foreign item": (_other_mixture, "records.jsonl.gz", "1 mixtures are not in the list"),
    "embellished aggregate": (
        lambda f: edit(f, _better_mean),
        "submission.json#/runs/0/aggregates/si_snr_i",
        "but the records give",
    ),
    "wrong count": (entry("runs", 0, "ok", to=199), "submission.json#/runs/0/ok", "records give"),
    "status that does not fit": (
        _record(status="failed", error="no"),
        "records.jsonl.gz:3",
        "0 of 10 scores are absent",
    ),
    "PESQ of 5": (scores_moved(pesq_wb=5.0), "records.jsonl.gz:3", "no value is above 4.999"),
    "PESQ of 0.5": (scores_moved(pesq_wb=0.5), "records.jsonl.gz:3", "no value is below 0.999"),
    "STOI of 1.2": (scores_moved(stoi=1.2), "records.jsonl.gz:3", "no value is above 1"),
    "PESQ improvement beyond the scale": (
        scores_moved(pesq_wb_i=3.4),
        "records.jsonl.gz:3",
        "so that the mixture would have",
    ),
    "improvement over another mixture": (
        scores_moved(snr_i=30.0),
        "records.jsonl.gz:3",
        "the improvement is not over this mixture",
    ),
    "SNR above what its SI-SNR allows": (
        scores_moved(si_snr=1.0),
        "records.jsonl.gz:3",
        "cannot be: an SI-SNR of 1.00 allows",
    ),
    "SDR below SI-SNR": (
        scores_moved(sdr_bsseval512=1.0),
        "records.jsonl.gz:3",
        "is below the SI-SNR",
    ),
    "equal scores of many items": (
        _equal_scores,
        "submission.json#/runs/0/aggregates/si_snr",
        "have exactly the same value",
    ),
    "one utterance of two speakers": (
        _record(target_cluster="m99"),
        "records.jsonl.gz",
        "was of another speaker",
    ),
    "number of targets cut down": (
        entry("runs", 0, "expected", to=100),
        "submission.json#/runs/0/expected",
        "but the list has 200 targets",
    ),
    "hash of other data": (
        entry("runs", 0, "data", to="0" * 64),
        "submission.json#/files",
        "fingerprint.json.gz is not named",
    ),
    "name of a known system": (
        entry("identity", "system", to="ctcnet"),
        "submission.json#/identity/system",
        "is the name of 'ctcnet'",
    ),
    "name in another alphabet": (
        entry("identity", "system", to="\u0421\u0422CNet"),
        "submission.json#/identity/system",
        "CYRILLIC CAPITAL LETTER ES",
    ),
    "name under a pile of accents": (
        entry("identity", "system", to="Net" + "\u0489" * 30),
        "submission.json#/identity/system",
        "it may look like another name",
    ),
    "name not composed": (
        entry("identity", "system", to="Zwo\u0308lf"),
        "submission.json#/identity/system",
        "composed form",
    ),
    "somebody's name under a commitment that proves nothing": (
        entry("commitment", to={"sha256": "1" * 64, "secret": None}),
        "submission.json#/identity",
        "names somebody",
    ),
    "several gzip members": (
        lambda f: put_records(
            f, b"".join(gzip.compress(f"{line}\n".encode()) for line in lines_of(f))
        ),
        "records.jsonl.gz",
        "goes on after its end",
    ),
    "zeros after the gzip": (
        lambda f: put_records(f, (f / "records.jsonl.gz").read_bytes() + bytes(512)),
        "records.jsonl.gz",
        "goes on after its end",
    ),
    "linked folder of data": (
        lambda f: (f / "data").symlink_to("/etc"),
        "data",
        "symbolic link",
    ),
    "linked folder inside that of the data": (
        lambda f: ((f / "data").mkdir(), (f / "data" / ("0" * 12)).symlink_to("/etc")),
        "data/000000000000",
        "symbolic link",
    ),
    "folder with the name of a file": (
        lambda f: ((f / "records.jsonl.gz").unlink(), (f / "records.jsonl.gz").mkdir()),
        "records.jsonl.gz",
        "neither a plain file",
    ),
    "count beyond the file": (
        entry("files", "records.jsonl.gz", "lines", to=10_000_000),
        "records.jsonl.gz",
        "200 lines, but submission.json says 10000000",
    ),
    "negative count": (
        entry("runs", 0, "failed", to=-1),
        "submission.json#/runs/0/failed",
        "greater than or equal to 0",
    ),
    "truth as a count": (
        entry("runs", 0, "failed", to=False),
        "submission.json#/runs/0/failed",
        "valid integer",
    ),
    "forged proof": (
        entry("commitment", to={"sha256": "1" * 64, "secret": "2" * 64}),
        "submission.json#/commitment",
        "does not prove",
    ),
}

MERELY_ODD = {
    "SDR below SI-SNR",
    "name of a known system",
    "name in another alphabet",
    "name under a pile of accents",
}
