"""`glyphagent read`: the embedded reader turns page images back into source text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphagent.errors import BackendError, GlyphError
from glyphagent.plugins import Reader, load

from .opening import named_path
from .terminal import (
    JsonOption,
    QuietOption,
    note,
    plain,
    progress,
    to_terminal,
    write,
    write_json,
)

if TYPE_CHECKING:
    from glyphagent.plugins import PageText

UNSURE = 0.5


def read(
    images: Annotated[
        list[Path], typer.Argument(metavar="PAGE.png...", parser=named_path, help="Page images.")
    ],
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reads page images back to source text, from their pixels alone.

    JSON: {"pages": [{"file", "text", "confidence"}]}, confidence being the mean over the page's
    cells, and beside these "lowest", "unsure" (cells below one half), "parts" and "error". Exit
    code 1 if a page could not be read or has no text, 2 if none could be read.
    """
    reader = load("backends", "local")()
    if not isinstance(reader, Reader):
        raise BackendError("backend 'local' cannot read pages")
    pages: list[dict[str, Any]] = []
    with progress(quiet) as report:
        for file in images:
            pages.append(_page(reader, file))
            if report:
                report("read", len(pages), len(images))
    failed = [page for page in pages if page["error"]]
    if len(failed) == len(pages):
        raise BackendError("; ".join(page["error"] for page in failed))
    if as_json:
        write_json({"pages": pages})
    else:
        _show(pages)
    if failed or not any(page["text"] for page in pages):
        raise typer.Exit(1)


def _page(reader: Reader, file: Path) -> dict[str, Any]:
    from glyphagent.raster import decode_png

    try:
        (seen,) = reader.read([decode_png(file)])
        return {**_facts(file, seen), "error": None}
    except GlyphError as error:  # one bad page does not stop the others
        named = str(error)
        if named.startswith("image 0 "):  # the reader counts what it is given: one at a time
            named = f"{file} {named.removeprefix('image 0 ')}"
        elif str(file) not in named:
            named = f"{file}: {named}"
        empty = {"text": "", "confidence": 0.0, "lowest": 0.0, "unsure": 0, "parts": []}
        return {"file": str(file), **empty, "error": named}


def _facts(file: Path, page: PageText) -> dict[str, Any]:
    from glyphagent.atlas import bundled_atlas
    from glyphagent.transcript import transcribe

    parts = transcribe(page.codes, bundled_atlas(page.atlas).characters)
    return {
        "file": str(file),
        "text": "".join(part.text for part in parts),
        "confidence": round(float(page.confidence.mean()), 6),
        "lowest": round(float(page.confidence.min()), 6),
        "unsure": int((page.confidence < UNSURE).sum()),
        "parts": [{"path": part.path, "text": part.text} for part in parts],
    }


def _show(pages: list[dict[str, Any]]) -> None:
    """Write the text alone to stdout, so that it can be piped; all else to stderr."""
    for page in pages:
        if page["error"]:
            note(f"error: {plain(page['error'])}")
            continue
        if page["text"]:
            write(plain(page["text"]) if to_terminal() else page["text"])
        shown = [part for part in page["parts"] if part["path"] or part["text"]]
        paths = ", ".join(part["path"] or "(no header)" for part in shown)
        if not page["text"]:
            paths = f"{paths}: no text on this page" if paths else "no text on this page"
        state = f"mean confidence {page['confidence']:.4f}"
        if page["unsure"]:
            state += f", {page['unsure']} cells unsure"
        note(f"{plain(page['file'])}: {plain(paths)}; {state}")
