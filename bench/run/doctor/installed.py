"""What is installed: the packages that the project requires, its extras, and programs beside it."""

from __future__ import annotations

import importlib
import platform
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from bench.core.environment import COMPUTING_PACKAGES
from bench.core.plugins import plugin_folder, plugins
from bench.datasets.pictures.mediapipe_mouths import MEDIAPIPE_VERSION
from bench.errors import UsageError
from bench.execute.guest import Guest, GuestDiedError
from bench.metrics.fourier import find_compiler
from bench.run.doctor.finding import Finding

__all__ = ["examine_installed"]

_GROUP = "installed"
_OURS = "avss-bench"
# Packages around a library of the system: that they can be loaded says that it is there.
_LOADED = {"av": "av", "h5py": "h5py", "numpy": "numpy", "pesq": "pesq", "soundfile": "soundfile"}
_CODECS = {"aac", "h264"}
_PLUGIN_GROUPS = ("bench.separators", "bench.datasets", "bench.metrics", "bench.recognisers")


def examine_installed(mediapipe: Path | None) -> Iterator[Finding]:
    """Look at packages and programs."""
    yield Finding(_GROUP, "python", "ok", platform.python_version(), needed=True)
    try:
        named = [Requirement(text) for text in metadata.requires(_OURS) or ()]
    except metadata.PackageNotFoundError:
        mend = "in the repository: pip install -e ."
        yield Finding(_GROUP, _OURS, "broken", "its package is not installed", mend, needed=True)
        return
    yield Finding(_GROUP, _OURS, "ok", metadata.version(_OURS), needed=True)
    yield from _packages([r for r in named if r.marker is None or r.marker.evaluate()])
    yield from _extras([r for r in named if r.marker is not None and not r.marker.evaluate()])
    yield _ffmpeg()
    yield _compiler()
    yield _fast_pesq()
    yield _mediapipe(mediapipe)
    yield from _plugins()


def _packages(named: list[Requirement]) -> Iterator[Finding]:
    """One line for each package that can move a number or is wrong, one for all others."""
    found = [_package(requirement) for requirement in named]
    told = [f for f in found if f.state != "ok" or f.name in (*COMPUTING_PACKAGES, *_LOADED)]
    yield from told
    if others := len(found) - len(told):
        yield Finding(_GROUP, "other packages", "ok", f"{others}, as required", needed=True)


def _package(wanted: Requirement) -> Finding:
    mend = f"pip install '{wanted.name}{wanted.specifier}'"
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return Finding(_GROUP, wanted.name, "missing", "", mend, needed=True)
    if not wanted.specifier.contains(version, prereleases=True):
        found = f"{version}, where {wanted.specifier} is expected"
        return Finding(_GROUP, wanted.name, "broken", found, mend, needed=True)
    try:
        importlib.import_module(_LOADED.get(wanted.name, "bench"))
    except Exception as error:  # whatever a broken library does when it is loaded
        found = f"{version} cannot be loaded ({_first_line(error)})"
        mend = f"pip install --force-reinstall '{wanted.name}{wanted.specifier}'"
        return Finding(_GROUP, wanted.name, "broken", found, mend, needed=True)
    return Finding(_GROUP, wanted.name, "ok", version, needed=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _extras(named: list[Requirement]) -> Iterator[Finding]:
    """One line for each extra of the project."""
    for extra in metadata.metadata(_OURS).get_all("Provides-Extra") or ():
        wanted = [r for r in named if r.marker is not None and r.marker.evaluate({"extra": extra})]
        missing = [r.name for r in wanted if _package(r).state != "ok"]
        if missing:
            mend = f"if wanted: pip install '{_OURS}[{extra}]'"
            found = f"without {', '.join(missing)}"
            yield Finding(_GROUP, f"extra {extra}", "missing", found, mend)
        else:
            yield Finding(_GROUP, f"extra {extra}", "ok", f"{len(wanted)} packages")


def _ffmpeg() -> Finding:
    """PyAV brings its own FFmpeg; one that was built without these codecs reads no video."""
    try:
        import av
        from av.codec import codecs_available
    except ImportError:
        return Finding(_GROUP, "ffmpeg", "missing", "it comes with av", "pip install av")
    version = str(getattr(av, "ffmpeg_version_info", "of av"))
    if lacking := sorted(_CODECS - set(codecs_available)):
        found = f"{version}, without {', '.join(lacking)}"
        return Finding(_GROUP, "ffmpeg", "broken", found, "pip install --force-reinstall av")
    return Finding(_GROUP, "ffmpeg", "ok", f"{version}, with {', '.join(sorted(_CODECS))}")


def _compiler() -> Finding:
    """PESQ is built from C where it is installed; what is built needs no compiler any more."""
    place = find_compiler()
    if place is not None:
        return Finding(_GROUP, "C compiler", "ok", place)
    mend = "to install pesq anew, get your system's (Debian: build-essential)"
    return Finding(_GROUP, "C compiler", "missing", "no cc, gcc or clang", mend)


def _fast_pesq() -> Finding:
    """Ask where PESQ is computed, in a process of its own, whether our transforms serve it."""
    try:
        why, mend = Guest("bench.metrics.fourier:why_pesq_is_alone")()
    except GuestDiedError as ending:
        why, mend = f"its process {ending}", "report this as a bug"
    if why:
        found = f"same scores, half as fast: {why}"
        return Finding(_GROUP, "fast pesq", "missing", found, mend)
    return Finding(_GROUP, "fast pesq", "ok", "its transforms by ours, equal to the last bit")


def _mediapipe(python: Path | None) -> Finding:
    mend = "to compute mouth crops, make it as `avss-bench prepare --help` says"
    if python is None:
        found = "not named by --mediapipe"
        return Finding(_GROUP, "mediapipe", "missing", found, mend)
    code = "from importlib.metadata import version; print(version('mediapipe'))"
    try:
        command = [str(python), "-I", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except OSError as error:
        found = f"{python} cannot be started ({error.strerror})"
        return Finding(_GROUP, "mediapipe", "broken", found, mend)
    except subprocess.SubprocessError:
        found = f"the environment of {python} has no mediapipe"
        return Finding(_GROUP, "mediapipe", "broken", found, mend)
    version = done.stdout.strip()
    if version != MEDIAPIPE_VERSION:
        found = f"{version} in {python}, where {MEDIAPIPE_VERSION} is expected"
        return Finding(_GROUP, "mediapipe", "broken", found, mend)
    return Finding(_GROUP, "mediapipe", "ok", f"{version} in {python}")


def _plugins() -> Iterator[Finding]:
    for group in _PLUGIN_GROUPS:
        try:
            for name, point in plugins(group).items():
                found = f"{point.value} from {plugin_folder(point)}"
                yield Finding(_GROUP, f"plug-in {name}", "ok", found)
        except UsageError as error:
            mend = "reinstall or uninstall its package"
            yield Finding(_GROUP, f"plug-ins of {group}", "broken", str(error), mend, needed=True)
