"""Which system a file is, and which files go together, from what was recognised of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.board.reproduce.files import FoundFile
from bench.board.reproduce.systems import System, assemble_systems
from bench.separators.card import known_cards
from bench.separators.recognition import Fit

RTFS = ("rtfsnet-12", "rtfsnet-4", "rtfsnet-6")
SHARED_LIPS = ("ctcnet", "iianet", "iianet-fast", *RTFS)
CTCNET_LIPS, IIANET_LIPS = "frcnn_128_512.backbone.pth.tar", "lrw_resnet18_mstcn_adamw_s3.pth.tar"


def _file(path: str, role: str, ids: tuple[str, ...], **more: object) -> FoundFile:
    files = {id: {file.role: file for file in known_cards()[id].files} for id in ids}
    fits = tuple(Fit(id, role, files[id][role].name) for id in ids)
    return FoundFile(Path(path), sha256=f"hash of {path}", fits=fits, **more)  # type: ignore[arg-type]


def _lips(path: str, **more: object) -> FoundFile:
    return _file(path, "lip_checkpoint", SHARED_LIPS, **more)


def _systems(*files: FoundFile, told: dict[str, str] | None = None) -> dict[str, System]:
    found = assemble_systems(files, {Path(path): id for path, id in (told or {}).items()})
    return {system.id: system for system in found}


def test_saved_arguments_tell_variants_apart() -> None:
    arguments = {"model_args.audio_params.repeats": 6, "model_args.video_params.repeats": 4}
    main = _file("a/best_model.pth", "checkpoint", RTFS, arguments=arguments)
    (system,) = _systems(main, _lips("lip.pth.tar")).values()
    assert system.id == "rtfsnet-6"
    assert not system.ambiguous
    assert "saved with them" in system.notes[0]


def test_a_name_is_a_hint_and_stated_as_one() -> None:
    main = _file("RTFS-Net_12/best_model.pth", "checkpoint", RTFS)
    (system,) = _systems(main, _lips("lip.pth.tar")).values()
    assert system.id == "rtfsnet-12"
    assert "guessed from the name" in system.doubts[0]


def test_saved_arguments_go_before_the_name() -> None:
    arguments = {"model_args.audio_params.repeats": 4}
    main = _file("rtfsnet-12/best_model.pth", "checkpoint", RTFS, arguments=arguments)
    assert _systems(main, _lips("lip.pth.tar")).keys() == {"rtfsnet-4"}


@pytest.mark.parametrize("path", ["a/best_model.pth", "rtfs/best_model.pth"])
def test_what_nothing_tells_apart_is_all_tried_and_says_so(path: str) -> None:
    found = _systems(_file(path, "checkpoint", RTFS), _lips("lip.pth.tar"))
    assert found.keys() == set(RTFS)
    assert found["rtfsnet-4"].ambiguous == ("rtfsnet-12", "rtfsnet-6")
    assert found["rtfsnet-4"].doubts[0].startswith("ambiguous")


def test_the_user_has_the_last_word() -> None:
    main = _file("rtfsnet-12/best_model.pth", "checkpoint", RTFS)
    found = _systems(main, _lips("lip.pth.tar"), told={"rtfsnet-12/best_model.pth": "rtfsnet-6"})
    assert found.keys() == {"rtfsnet-6"}


def test_the_longest_name_wins() -> None:
    ids = ("iianet", "iianet-fast")
    main = _file("iianet-fast/lrs2/best_model.pth", "checkpoint", ids)
    assert _systems(main, _lips(IIANET_LIPS)).keys() == {"iianet-fast"}
    main = _file("iianet/lrs2/best_model.pth", "checkpoint", ids)
    assert _systems(main, _lips(IIANET_LIPS)).keys() == {"iianet"}


def test_a_re_implementation_is_not_the_first_guess() -> None:
    main = _file("unet_best.pth", "checkpoint", ("mmmc", "visualvoice"))
    assert _systems(main).keys() == {"visualvoice"}


def test_each_system_gets_its_own_lip_encoder() -> None:
    found = _systems(
        _file("ctcnet/best_model.pth", "checkpoint", ("ctcnet",)),
        _file("iianet/best_model.pth", "checkpoint", ("iianet", "iianet-fast")),
        _lips(f"lips/{CTCNET_LIPS}"),
        _lips(f"lips/{IIANET_LIPS}"),
    )
    assert found["ctcnet"].files["lip_checkpoint"].path.name == CTCNET_LIPS
    assert found["iianet"].files["lip_checkpoint"].path.name == IIANET_LIPS


def test_another_system_s_lip_encoder_is_never_taken() -> None:
    main = _file("iianet/best_model.pth", "checkpoint", ("iianet",))
    (system,) = _systems(main, _lips(CTCNET_LIPS)).values()
    assert "another system's" in system.problem
    renamed = _lips("lip.pth.tar", pinned=frozenset({CTCNET_LIPS}))
    (system,) = _systems(main, renamed).values()
    assert "another system's" in system.problem


def test_a_lip_encoder_is_the_nearest_one_or_a_question() -> None:
    main = _file("a/best_model.pth", "checkpoint", ("ctcnet",))
    near, far = _lips("a/lip.pth"), _lips("b/lip.pth")
    (system,) = _systems(main, far, near).values()
    assert system.files["lip_checkpoint"] is near
    (system,) = _systems(main, far, _lips("c/lip.pth")).values()
    assert "2 files may be its lip_checkpoint" in system.problem


def test_copies_of_one_file_are_no_question() -> None:
    main = _file("a/best_model.pth", "checkpoint", ("ctcnet",))
    copies = [_lips("b/lip.pth"), FoundFile(Path("c/x.pth"), "hash of b/lip.pth", _lips("x").fits)]
    (system,) = _systems(main, *copies).values()
    assert not system.problem


def test_a_file_with_both_networks_needs_no_other() -> None:
    both = _file("last.ckpt", "checkpoint", ("ctcnet",))
    both = FoundFile(both.path, both.sha256, both.fits + _lips("last.ckpt").fits)
    (system,) = _systems(both).values()
    assert system.files["lip_checkpoint"] is both


def test_what_is_missing_is_named() -> None:
    (system,) = _systems(_file("best_model.pth", "checkpoint", ("ctcnet",))).values()
    assert system.problem == f"it needs {CTCNET_LIPS} as lip_checkpoint"
