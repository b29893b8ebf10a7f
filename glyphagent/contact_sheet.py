"""The contact sheet of a page set: one HTML file that shows every page, offline.

It loads nothing but the PNG files beside it and runs no script. Names come from repositories
that nobody vouches for, so all text is escaped and characters that do not show are spelled out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

from glyphagent.blobs import write_atomic
from glyphagent.document import Location
from glyphagent.errors import PageError
from glyphagent.manifest import Manifest, PageEntry
from glyphagent.tokens import compression_ratio

SHEET = "index.html"
SECOND_SHEET = "pages.html"
_GENERATOR = '<meta name="generator" content="glyphagent contact sheet">'
_HEAD_BYTES = 1024

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1.5rem; max-width: 90rem; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0; }
dt { font-size: .8rem; opacity: .7; } dd { margin: 0; font-size: 1.1rem; }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
figure { margin: 0; }
figure img { width: 100%; height: auto; border: 1px solid #8888; background: #fff; }
figcaption { font-size: .8rem; max-height: 7.5rem; overflow: auto; overflow-wrap: anywhere; }
figcaption ul { margin: 0; padding: 0; list-style: none; font-family: monospace; }
.close { display: none; }
figure:target { position: fixed; inset: 0; z-index: 1; overflow: auto; background: #222; }
figure:target img { width: auto; max-width: none; image-rendering: pixelated; display: block;
  margin: 2.5rem auto; border: 0; }
figure:target figcaption { display: none; }
figure:target .close { display: block; position: fixed; top: .4rem; right: 1rem; color: #fff; }
table { border-collapse: collapse; font-size: .85rem; }
td, th { text-align: left; padding: .15rem 1.5rem .15rem 0; overflow-wrap: anywhere; }
""".strip()


def write_contact_sheet(folder: Path, manifest: Manifest) -> Path:
    """Write the contact sheet beside the pages, as `sheet_path` names it, and give its path.

    Raises:
        PageError: If it cannot be written.
    """
    path = sheet_path(folder)
    try:
        write_atomic(path, contact_sheet(manifest).encode("utf-8"))
    except OSError as error:
        raise PageError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def sheet_path(folder: Path) -> Path:
    """Where the contact sheet of a folder stands, or would.

    It is called `index.html`, unless the folder has one that is not ours, which stays as it is;
    then it is called `pages.html`.
    """
    path = folder / SHEET
    return path if _is_ours(path) else folder / SECOND_SHEET


def contact_sheet(manifest: Manifest) -> str:
    """The HTML of the contact sheet."""
    return "\n".join(_lines(manifest)) + "\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    name = _shown(manifest.source) or "page set"
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    # Opened from a disk, the pages are file: URLs, which not every browser counts as 'self'.
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src 'self' file: data:; style-src 'unsafe-inline'\">"
    )
    yield _GENERATOR
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{name}: {len(manifest.pages)} pages</title>"
    yield f"<style>{_STYLE}</style>"
    yield "</head>"
    yield '<body id="top">'
    yield f"<h1>{name}</h1>"
    yield from _figures(manifest)
    yield from _skipped(manifest)
    yield "<main>"
    for number, page in enumerate(manifest.pages):
        yield from _page(number, page)
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _figures(manifest: Manifest) -> Iterator[str]:
    ratio = compression_ratio(manifest.text_tokens, manifest.visual_tokens)
    figures = {
        "pages": f"{len(manifest.pages):,}",
        "documents": f"{len(manifest.documents):,}",
        f"text tokens ({manifest.tokenizer})": f"{manifest.text_tokens:,}",
        f"visual tokens ({manifest.profile})": f"{manifest.visual_tokens:,}",
        "text tokens per visual token": f"{ratio:.2f}" if ratio else "none",
        "preset, layout": f"{manifest.style.preset}, {manifest.style.layout}",
        "font": f"{manifest.atlas.font} ({manifest.atlas.licence})",
        "revision": manifest.revision or "none",
    }
    yield "<dl>"
    for label, value in figures.items():
        yield f"<div><dt>{_shown(label)}</dt><dd>{_shown(value)}</dd></div>"
    yield "</dl>"


def _skipped(manifest: Manifest) -> Iterator[str]:
    if not manifest.skipped:
        return
    yield f"<details><summary>{len(manifest.skipped):,} paths left out</summary>"
    yield "<table><tr><th>path</th><th>reason</th></tr>"
    for skip in manifest.skipped:
        yield f"<tr><td>{_shown(skip.path)}</td><td>{_shown(skip.reason)}</td></tr>"
    yield "</table></details>"


def _page(number: int, page: PageEntry) -> Iterator[str]:
    yield f'<figure id="page-{number}">'
    yield (
        f'<a href="#page-{number}"><img src="{escape(quote(page.file))}" loading="lazy" '
        f'width="{page.width_px}" height="{page.height_px}" alt="page {number}"></a>'
    )
    # A link to nowhere would scroll to the top; this one leaves the reader at the page.
    yield f'<a class="close" href="#caption-{number}">close</a>'
    yield f'<figcaption id="caption-{number}"><b>Page {number}</b>, {page.visual_tokens:,} tokens'
    yield "<ul>"
    for part in page.parts:
        yield f"<li>{_place(part)}</li>"
    if not page.parts:
        yield "<li>dependency map</li>"
    yield "</ul></figcaption>"
    yield "</figure>"


def _place(part: Location) -> str:
    return _shown(str(part))


def _shown(text: str) -> str:
    """Text as HTML; characters that do not show, or that turn the writing round, spelled out."""
    spelled = (c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
    return escape("".join(spelled))


def _is_ours(path: Path) -> bool:
    """Whether the file may be replaced: it is not there, or it says that we made it."""
    if not os.path.lexists(path):
        return True
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as stream:
            return _GENERATOR.encode() in stream.read(_HEAD_BYTES)
    except OSError:
        return False
