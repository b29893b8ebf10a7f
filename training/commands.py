"""`glyphagent nano`: train the embedded reader, measure it, export it, write its card.

Figures go to standard output with `--json`, progress to standard error. A run lives in one
folder (`build/nano`): checkpoint, training tiles, metrics, and the exported checkpoint, which
`install` or `all` copies to where the package keeps it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from glyphagent.errors import BackendError

app = typer.Typer(
    name="nano",
    help="Train, measure and export the embedded reader.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_RUN_FOLDER = Path("build/nano")
_EXPORTED = "export"
_FIGURES = "evaluation.json"

Out = Annotated[Path, typer.Option("--out", help="Folder of the run.")]
Json = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
Minutes = Annotated[float, typer.Option(min=0.0, help="Budget in processor minutes.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads for arithmetic.")]
Fresh = Annotated[bool, typer.Option("--fresh/--resume", help="Start anew, or go on.")]
Characters = Annotated[int, typer.Option(min=10_000, help="Size of the text, in characters.")]


@app.command()
def train(
    minutes: Minutes = 20.0,
    out: Out = _RUN_FOLDER,
    fresh: Fresh = False,
    threads: Threads = 1,
    characters: Characters = 8_000_000,
    as_json: Json = False,
) -> None:
    """Train the reading stage; goes on where it stopped, and an interrupt saves first."""
    _print(_train(minutes, out, fresh, threads, characters), as_json)


@app.command("export")
def export_command(out: Out = _RUN_FOLDER, threads: Threads = 1, as_json: Json = False) -> None:
    """Write the checkpoint of the run in the form that the package bundles."""
    _print(_export(out, threads), as_json)


@app.command("eval")
def eval_command(
    out: Out = _RUN_FOLDER,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Exported checkpoint; the run's own if not given.")
    ] = None,
    characters: Characters = 300_000,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Read pages of held-out projects and count the errors."""
    _print(_evaluate(out, checkpoint or out / _EXPORTED, characters, threads), as_json)


@app.command("card")
def card_command(out: Out = _RUN_FOLDER, as_json: Json = False) -> None:
    """Write the model card of the exported checkpoint from its measured figures."""
    _print(_card(out), as_json)


@app.command()
def install(out: Out = _RUN_FOLDER, as_json: Json = False) -> None:
    """Copy the exported checkpoint to where the package keeps its reader."""
    _print(_install(out), as_json)


@app.command("all")
def all_command(
    minutes: Minutes = 20.0,
    out: Out = _RUN_FOLDER,
    fresh: Fresh = False,
    threads: Threads = 1,
    characters: Characters = 8_000_000,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the package's checkpoint as it is.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train, export, evaluate, write the card, and install the result."""
    trained = _train(minutes, out, fresh, threads, characters)
    exported = _export(out, threads)
    figures = _evaluate(out, out / _EXPORTED, 300_000, threads)
    found = {"train": trained, "export": exported, "eval": figures, "card": _card(out)}
    if not keep:
        found["install"] = _install(out)
    _print(found, as_json)


def _train(minutes: float, out: Path, fresh: bool, threads: int, characters: int) -> dict[str, Any]:
    import torch

    from .pools import prepare_pools
    from .pretrain import print_progress
    from .pretrain import train as run
    from .trainer import Recipe

    torch.set_num_threads(threads)
    pools = prepare_pools(out, characters=characters)
    trainer = run(Recipe(), pools.tiles, out, minutes=minutes, fresh=fresh, report=print_progress)
    return {"steps": trainer.steps, "cpu_seconds": trainer.cpu_seconds, "out": str(out)}


def _export(out: Path, threads: int) -> dict[str, Any]:
    import torch

    from .export import export, source_revision
    from .pools import CORPUS_FILE
    from .pretrain import CHECKPOINT
    from .trainer import load_trained

    torch.set_num_threads(threads)
    if not (out / CHECKPOINT).exists():
        raise BackendError(f"no run in {out}: it has no {CHECKPOINT}; train one first")
    trained = load_trained(out / CHECKPOINT)
    run = {
        "stage": "reading",
        "parameters": sum(weight.numel() for weight in trained.model.parameters()),
        "recipe": trained.recipe,
        "steps": trained.steps,
        "cpu_seconds": trained.cpu_seconds,
        "revision": source_revision(),
        "data": _read(out / CORPUS_FILE),
    }
    export(trained.model, trained.head, out / _EXPORTED, run)
    sizes = {path.name: path.stat().st_size for path in sorted((out / _EXPORTED).iterdir())}
    return {"out": str(out / _EXPORTED), "bytes": sum(sizes.values()), "files": sizes}


def _evaluate(out: Path, checkpoint: Path, characters: int, threads: int) -> dict[str, Any]:
    import torch

    from .evaluate import evaluate

    torch.set_num_threads(threads)
    figures = evaluate(checkpoint, characters=characters)
    out.mkdir(parents=True, exist_ok=True)
    (out / _FIGURES).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def _card(out: Path) -> dict[str, Any]:
    from .card import write_card
    from .export import RUN_FILE

    run, figures = _read(out / _EXPORTED / RUN_FILE), _read(out / _FIGURES)
    run["evaluation"] = figures
    (out / _EXPORTED / RUN_FILE).write_text(json.dumps(run, indent=1) + "\n", encoding="ascii")
    return {"card": str(write_card(out / _EXPORTED, run, figures))}


def _install(out: Path) -> dict[str, Any]:
    from .export import bundled_folder, install

    install(out / _EXPORTED, bundled_folder())
    return {"installed": str(bundled_folder())}


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BackendError(f"cannot read {path}: {error}; run the step before it") from error
    return found


def _print(figures: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        json.dump(figures, sys.stdout, indent=1)
        print()
        return
    for name, value in figures.items():
        if isinstance(value, Mapping):
            print(f"{name}:")
            for inner, figure in value.items():
                shown = figure.get("error_share") if isinstance(figure, Mapping) else None
                print(f"  {inner}: {figure if shown is None else f'{shown:.4%} wrong'}")
        else:
            print(f"{name}: {value}")
