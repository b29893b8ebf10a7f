"""`glyphagent estimate`: what a source costs as text and as pages, before anything is written."""

from __future__ import annotations

from dataclasses import asdict

import typer

from .opening import (
    ForOption,
    IgnoreOption,
    IncludeOption,
    LayoutOption,
    MaxBytesOption,
    PathArgument,
    PresetOption,
    RevisionOption,
    open_source,
    style_for,
)
from .terminal import JsonOption, QuietOption, progress, show, table, write_json


def estimate(
    path: PathArgument,
    revision: RevisionOption = None,
    model: ForOption = None,
    preset: PresetOption = None,
    layout: LayoutOption = None,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tells how many tokens a source costs as text and as page images.

    JSON: {"text_tokens", "tokenizer", "visual_tokens", "compression_ratio", "pages",
    "documents", "model", "advice", "revision"}. Exit code 1 if there is no page.
    """
    from glyphagent.session import Session

    source = open_source(path, revision, include, ignore, max_bytes)
    style = style_for(model, preset, layout, None)
    with progress(quiet) as report:
        session = Session.open(source, model=model, style=style, progress=report)
        figures = session.estimate(model)
    if as_json:
        write_json({**asdict(figures), "revision": session.revision})
    else:
        shown = table("", "", "")
        shown.add_row("files", f"{figures.documents:,}")
        shown.add_row("pages", f"{figures.pages:,}")
        shown.add_row("text tokens", f"{figures.text_tokens:,} ({figures.tokenizer})")
        shown.add_row("visual tokens", f"{figures.visual_tokens:,} ({figures.model})")
        shown.add_row("compression ratio", f"{figures.compression_ratio:.2f}")
        shown.add_row("advice", figures.advice)
        show(shown)
    if not session.pages:
        raise typer.Exit(1)
