"""`avss-bench submit`: from finished runs to a folder that can be handed in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import JsonOption
from bench.cli.validate_verb import known_runs, print_report
from bench.core.jsonio import dumps_pretty
from bench.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from bench.board.submissions.writing import Draft
    from bench.run.result import Run

__all__ = ["register"]


RunsArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders of finished runs of one system; with --reveal, one submission."),
]
OutOption = Annotated[Path | None, typer.Option(help="New folder, usually submissions/<system>.")]
CardOption = Annotated[
    Path | None, typer.Option(help="TOML file on the system; --template prints one to fill in.")
]
TemplateOption = Annotated[
    bool, typer.Option("--template", help="Print a card to fill in, and stop.")
]
SystemOption = Annotated[str | None, typer.Option(help="Name in tables.")]
AuthorOption = Annotated[list[str] | None, typer.Option(help="Repeat it for several.")]
PaperTitleOption = Annotated[str | None, typer.Option(help="Title of the paper.")]
PaperVenueOption = Annotated[str | None, typer.Option(help="Where it appeared.")]
PaperYearOption = Annotated[int | None, typer.Option(help="When it appeared.")]
PaperUrlOption = Annotated[str | None, typer.Option(help="Its address.")]
CodeOption = Annotated[str | None, typer.Option(help="Address of the code.")]
CheckpointUrlOption = Annotated[
    str | None, typer.Option(help="Where the weights that the run loaded can be fetched.")
]
CheckpointSha256Option = Annotated[
    str | None, typer.Option(help="Their hash. Default: that of the run's checkpoint.")
]
SupersedesOption = Annotated[
    str | None, typer.Option(help="Name of the earlier submission that this one replaces.")
]
LicenceOption = Annotated[str | None, typer.Option(help="Of code and weights.")]
ModalityOption = Annotated[str | None, typer.Option(help="audio-visual or audio-only.")]
CausalOption = Annotated[
    bool | None,
    typer.Option("--causal/--not-causal", help="No output depends on later input."),
]
TrainingDataOption = Annotated[str | None, typer.Option(help="What it was trained on.")]
VisualPretrainingOption = Annotated[
    str | None, typer.Option(help="What its visual encoder was trained on; or 'none'.")
]
CheckpointChoiceOption = Annotated[
    str | None, typer.Option(help="How the checkpoint was chosen, on which data.")
]
TrainingSeedsOption = Annotated[int | None, typer.Option(help="How many times it was trained.")]
NoteOption = Annotated[list[str] | None, typer.Option(help="What else to know; repeat it.")]
FlagOption = Annotated[
    list[str] | None,
    typer.Option(help="Say that you know that a run is no ordinary result: quick-look, ..."),
]
ProfilesOption = Annotated[
    Path, typer.Option(help="Folder of profiles; those of the system are taken in.")
]
AnonymousOption = Annotated[
    bool, typer.Option("--anonymous", help="Withhold whose it is, provably for later.")
]
SecretOption = Annotated[
    Path | None,
    typer.Option(help="Where the proof of ownership goes. Default: <out>.secret.json."),
]
RevealOption = Annotated[
    Path | None, typer.Option(help="Secret file: say whose an anonymous submission is.")
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    example = "avss-bench submit RUN --card my-system.toml --out submissions/my-system"
    app.command("submit", epilog=f"Example: {example}")(submit)


def submit(
    runs: RunsArgument = None,
    out: OutOption = None,
    card: CardOption = None,
    template: TemplateOption = False,
    system: SystemOption = None,
    author: AuthorOption = None,
    paper_title: PaperTitleOption = None,
    paper_venue: PaperVenueOption = None,
    paper_year: PaperYearOption = None,
    paper_url: PaperUrlOption = None,
    code: CodeOption = None,
    checkpoint_url: CheckpointUrlOption = None,
    checkpoint_sha256: CheckpointSha256Option = None,
    supersedes: SupersedesOption = None,
    licence: LicenceOption = None,
    modality: ModalityOption = None,
    causal: CausalOption = None,
    training_data: TrainingDataOption = None,
    visual_pretraining: VisualPretrainingOption = None,
    checkpoint_choice: CheckpointChoiceOption = None,
    training_seeds: TrainingSeedsOption = None,
    note: NoteOption = None,
    flag: FlagOption = None,
    profiles: ProfilesOption = Path("results/local/profiles"),
    anonymous: AnonymousOption = False,
    secret: SecretOption = None,
    reveal: RevealOption = None,
    json: JsonOption = False,
) -> None:
    """Write what a board needs of finished runs, and nothing else of them.

    Scores, counts and hashes leave; transcripts, recognised texts, paths and names of
    machines stay.
    """
    from bench.board.submissions.card import TEMPLATE, author_card

    if template:
        typer.echo(TEMPLATE, nl=False)
        return
    if not runs or out is None:
        raise UsageError("name the folders of finished runs, and a new folder with --out.")
    if reveal is not None:
        _write(_revealed(runs, reveal), out, None, json=json)
        return
    paper = _filled(title=paper_title, venue=paper_venue, year=paper_year, url=paper_url)
    said = _filled(
        system=system,
        authors=author,
        paper=paper or None,
        code=code,
        checkpoints=[_filled(url=checkpoint_url, sha256=checkpoint_sha256)] * bool(checkpoint_url),
        supersedes=supersedes,
        licence=licence,
        modality=modality,
        causal=causal,
        training_data=training_data,
        visual_pretraining=visual_pretraining,
        checkpoint_choice=checkpoint_choice,
        training_seeds=training_seeds,
        notes=note,
    )
    flags = _flags(flag or [])
    loaded = _load(runs)
    entries = _with_hashes(_entries(card) | said, loaded)
    from bench.board.submissions.writing import draft_submission

    draft = draft_submission(
        loaded,
        author_card(entries),
        flags=flags,
        profiles=_profiles(profiles),
        anonymous=anonymous,
    )
    place = secret or out.with_name(f"{out.resolve().name}.secret.json")
    _write(draft, out, place if anonymous else None, json=json)


def _filled(**entries: Any) -> dict[str, Any]:
    """Keep what was said."""
    return {name: value for name, value in entries.items() if value not in (None, [])}


def _entries(card: Path | None) -> dict[str, Any]:
    from bench.board.submissions.card import read_author_card

    return read_author_card(card) if card else {}


def _load(folders: list[Path]) -> list[Run]:
    from bench.board.runs.collect import checked_run
    from bench.run.result import Run

    return [checked_run(Run.load(folder)) for folder in folders]


def _with_hashes(entries: dict[str, Any], runs: list[Run]) -> dict[str, Any]:
    """Take the hash of the only checkpoint from the runs, where they loaded one and the same."""
    found = {_checkpoint(run) for run in runs}
    known = found.pop() if len(found) == 1 else None
    given = entries.get("checkpoints")
    if known and isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):
        entries["checkpoints"] = [{"sha256": known, **_filled(**given[0])}]
    return entries


def _checkpoint(run: Run) -> str | None:
    files = run.plan.separator.get("files")
    return files.get("checkpoint") if isinstance(files, dict) else None


def _flags(given: list[str]) -> list[Any]:
    from bench.board.submissions.run_models import FLAGS

    for flag in given:
        if flag not in FLAGS:
            raise unknown_name("flag", flag, FLAGS)
    return given


def _profiles(folder: Path) -> list[Any]:
    if not folder.is_dir():
        return []
    from bench.efficiency.profile import read_profiles

    return list(read_profiles(folder))


def _revealed(folders: list[Path], secret: Path) -> Draft:
    from bench.board.submissions import read_submission
    from bench.board.submissions.anonymous import read_secret
    from bench.board.submissions.writing import reveal_submission

    if len(folders) != 1:
        raise UsageError("--reveal takes one anonymous submission; name its folder alone.")
    return reveal_submission(read_submission(folders[0]), read_secret(secret))


def _write(draft: Draft, out: Path, secret: Path | None, *, json: bool) -> None:
    """Write, look at what was written as a stranger would, and say what to do next."""
    from bench.board.submissions.validation import validate_submission
    from bench.board.submissions.writing import write_submission

    write_submission(draft, out, secret)
    report = validate_submission(out, others=known_runs())
    if json:
        typer.echo(dumps_pretty(report.plain()), nl=False)
    else:
        print_report(report)
        if secret is not None:
            typer.echo(
                f"Keep {secret} to yourself and do not lose it: it is the only proof that the "
                "submission is yours, and it must not be handed in."
            )
    if not report.valid:
        sys.exit(1)
