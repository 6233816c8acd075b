"""The process with MediaPipe: its version is checked, and no answer is taken for another's."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from bench.datasets.pictures.mediapipe_mouths import POINTS, FaceFinder
from bench.errors import UsageError

# Stands for the interpreter of that environment. Its points are the first pixel of each frame; a
# first pixel of 9 makes it wait for a file, one of 8 ends it.
CHILD = """#!{python}
import os, struct, sys, time
import numpy as np
out = sys.stdout.buffer
out.write(b"{version}".ljust(16)); out.flush()
while len(head := sys.stdin.buffer.read(16)) == 16:
    count, height, width, faces = struct.unpack("<4I", head)
    pixels = sys.stdin.buffer.read(count * height * width * 3)
    first = np.frombuffer(pixels, np.uint8).reshape(count, -1)[:, 0]
    if first[0] == 8:
        sys.exit(1)
    if first[0] == 9:
        open("{folder}/begun", "w").close()
        while not os.path.exists("{folder}/go"):
            time.sleep(0.001)
    points = np.broadcast_to(first[:, None, None, None], (count, faces, 468, 2))
    out.write(points.astype("<f4").tobytes()); out.flush()
"""


def interpreter(folder: Path, version: str = "0.10.21") -> Path:
    path = folder / "python"
    path.write_text(CHILD.format(python=sys.executable, version=version, folder=folder))
    path.chmod(0o755)
    return path


def pictures(first: int) -> np.ndarray:
    return np.full((2, 1, 1, 3), first, np.uint8)


def test_points_come_back(tmp_path: Path) -> None:
    with FaceFinder(interpreter(tmp_path)) as finder:
        for first in (1, 2):
            found = finder.find(pictures(first), faces=3)
            assert found.shape == (2, 3, POINTS, 2)
            assert (found == first).all()


def test_an_interrupted_call_leaves_no_points_for_the_next(tmp_path: Path) -> None:
    def interrupt() -> None:
        while not (tmp_path / "begun").exists():
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

    with FaceFinder(interpreter(tmp_path)) as finder:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            finder.find(pictures(9))
        (tmp_path / "go").touch()
        assert (finder.find(pictures(2)) == 2).all()


def test_a_process_that_died_is_started_again(tmp_path: Path) -> None:
    with FaceFinder(interpreter(tmp_path)) as finder:
        with pytest.raises(UsageError, match=r"stopped: it needs MediaPipe 0\.10\.21"):
            finder.find(pictures(8))
        assert (finder.find(pictures(2)) == 2).all()


def test_another_version_is_refused(tmp_path: Path) -> None:
    with (
        FaceFinder(interpreter(tmp_path, "0.10.14")) as finder,
        pytest.raises(UsageError, match=r"has MediaPipe 0\.10\.14: it needs MediaPipe 0\.10\.21"),
    ):
        finder.find(pictures(1))


def test_the_real_child_tells_its_version_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that is called MediaPipe, of another version, in place of the real one."""
    facts = tmp_path / "mediapipe-9.8.7.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: mediapipe\nVersion: 9.8.7\n")
    script = tmp_path / "python"
    script.write_text(
        f"#!{sys.executable}\nimport runpy, sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "runpy.run_path(sys.argv[2], run_name='__main__')\n"
    )
    script.chmod(0o755)
    with FaceFinder(script) as finder, pytest.raises(UsageError, match=r"has MediaPipe 9\.8\.7"):
        finder.find(pictures(1))
