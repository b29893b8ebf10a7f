"""`glyphagent render`: a source to page images, with the figures that decide whether it pays."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .opening import (
    BudgetOption,
    ConeOption,
    ForOption,
    HopsOption,
    IgnoreOption,
    IncludeOption,
    LayoutOption,
    MapOption,
    MaxBytesOption,
    PathArgument,
    PresetOption,
    RevisionOption,
    ThemeOption,
    check_output,
    named_path,
    near_models,
    nothing_drawn,
    open_source,
    styles_for,
)
from .terminal import JsonOption, QuietOption, note, plain, progress, show, table, write_json

if TYPE_CHECKING:
    from glyphagent.session import Session

DEFAULT_OUT = Path("glyphagent-pages")
STAGES = ("read", "highlight", "layout", "paint", "encode", "total")
_SHOWN_SKIPS = 20


def render(
    path: PathArgument,
    revision: RevisionOption = None,
    preset: PresetOption = None,
    layout: LayoutOption = None,
    theme: ThemeOption = None,
    model: ForOption = None,
    out: Annotated[
        Path,
        typer.Option(
            parser=named_path,
            metavar="PATH",
            help="Folder for pages, manifest.json and index.html.",
        ),
    ] = DEFAULT_OUT,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    cone: ConeOption = None,
    hops: HopsOption = 2,
    budget: BudgetOption = None,
    dependency_map: MapOption = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Take the files that stdin names, relative to PATH.")
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Renders a source to page images.

    JSON: {"pages", "documents", "skipped": [{"path", "reason"}], "text_tokens", "tokenizer",
    "visual_tokens", "compression_ratio", "seconds": {"read", "highlight", "layout", "paint",
    "encode", "total"}, "out", "revision", "model", "warnings", "map_pages", "cone"}; "out" is
    null if nothing was written. "cone" is null without --cone and --budget, else {"files",
    "hops", "budget", "tokens", "outside", "packed": [{"path", "distance", "direction",
    "importance", "tokens"}] in page order, "left_out": [{"path", "tokens", "reason"}]}. Exit
    code 1 if there is no page.
    """
    from glyphagent.contact_sheet import sheet_path
    from glyphagent.session import Session

    source = open_source(path, revision, include, ignore, max_bytes, listed=stdin, out=out)
    check_output(out)
    styles = styles_for(model, preset, layout, theme, budget)
    with progress(quiet) as report:
        session = Session.open(
            source,
            model=model,
            style=styles,
            progress=report,
            cone=cone or (),
            hops=hops,
            budget=budget,
            dependency_map=dependency_map,
        )
        if session.pages:
            session.save(out)
    facts = render_facts(session, out, model)
    if not session.pages:
        reason = nothing_drawn(session, path, include, listed=stdin)
        facts["warnings"].append(reason)
        note(plain(reason))
    if as_json:
        write_json(facts)
    elif session.pages:
        _show(facts, sheet_path(out))
    if not session.pages:
        raise typer.Exit(1)


def render_facts(session: Session, out: Path, model: str | None) -> dict[str, Any]:
    """What `render --json` tells."""
    estimate = session.estimate(model)
    near = near_models(estimate.model) if "unknown model" in estimate.reasons else ""
    return {
        "pages": len(session.pages),
        "documents": len(session.documents),
        "skipped": [{"path": s.path, "reason": s.reason} for s in session.skipped],
        "text_tokens": estimate.text_tokens,
        "tokenizer": estimate.tokenizer,
        "visual_tokens": estimate.visual_tokens,
        "compression_ratio": round(estimate.compression_ratio, 3),
        "seconds": {stage: round(session.seconds.get(stage, 0.0), 4) for stage in STAGES},
        "out": str(out) if session.pages else None,
        "revision": session.revision,
        "model": estimate.model,
        "warnings": [warning + near for warning in estimate.warnings],
        "map_pages": session.map_pages,
        "cone": None if session.cone is None else asdict(session.cone),
    }


def _show(facts: dict[str, Any], sheet: Path) -> None:
    figures = table("", "", "")
    files = "file" if facts["documents"] == 1 else "files"
    figures.add_row("pages", f"{facts['pages']:,}, from {facts['documents']:,} {files}")
    figures.add_row("text tokens", f"{facts['text_tokens']:,} ({facts['tokenizer']})")
    figures.add_row("visual tokens", f"{facts['visual_tokens']:,} ({plain(facts['model'])})")
    figures.add_row("compression ratio", f"{facts['compression_ratio']:.2f}")
    seconds = ", ".join(f"{stage} {taken:.2f}" for stage, taken in facts["seconds"].items())
    figures.add_row("seconds", seconds)
    if cone := facts["cone"]:
        about = "what matters most"
        if cone["files"]:
            hops = "1 hop" if cone["hops"] == 1 else f"{cone['hops']} hops"
            about = f"cone of {', '.join(cone['files'])}, {hops}"
        rest = f"; {cone['outside']} files are outside of it" if cone["outside"] else ""
        figures.add_row("packed", plain(f"{about}{rest}"))
    if facts["map_pages"]:
        count = facts["map_pages"]
        figures.add_row("dependency map", "last page" if count == 1 else f"last {count} pages")
    figures.add_row("revision", facts["revision"])
    figures.add_row("look at", plain(str(sheet)))
    show(figures)
    if cone and cone["left_out"]:
        _show_left_out("did not fit the budget", cone["left_out"])
    if facts["skipped"]:
        _show_left_out("left out", facts["skipped"])


def _show_left_out(title: str, skipped: list[dict[str, Any]]) -> None:
    left_out = table(f"{title}: {len(skipped)}", "path", "reason")
    for skip in skipped[:_SHOWN_SKIPS]:
        left_out.add_row(plain(skip["path"]), plain(skip["reason"]))
    rest = len(skipped) - _SHOWN_SKIPS
    show(left_out, *([f"... and {rest} more; --json lists all"] if rest > 0 else []))
