"""Writing what a session holds into a folder: page set, contact sheet, exact tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from glyphagent.contact_sheet import write_contact_sheet
from glyphagent.document import Document, Skipped
from glyphagent.manifest import Manifest
from glyphagent.page import Page
from glyphagent.profiles import Profile
from glyphagent.raster import palette_pixels, palette_png
from glyphagent.sidecar import write_sidecar
from glyphagent.store import write_page_set
from glyphagent.style import Style


def save_pages(
    folder: Path,
    pages: Sequence[Page],
    *,
    documents: Sequence[Document],
    skipped: Sequence[Skipped],
    style: Style,
    revision: str,
    source: str,
    text_tokens: int,
    profile: Profile,
    on_page: Callable[[int], None],
    drawn_as: Mapping[str, str],
) -> tuple[Manifest, dict[str, float]]:
    """Write pages, `manifest.json`, `sidecar.txt` and a contact sheet.

    Args:
        folder: Where to.
        pages: The pages, in order.
        documents: All documents that the pages show.
        skipped: What was left out, and why.
        style: Style of the pages.
        revision: State of the source.
        source: Name of the source, as the user gave it.
        text_tokens: Tokens of the documents as text.
        profile: Model profile that visual tokens are counted for.
        on_page: Called with the number of pages done, after each.
        drawn_as: Paths that headers show of documents that were renamed since, by present path.

    Returns:
        The manifest, and the seconds that went into painting and encoding.

    Raises:
        PageError: If the folder cannot be written to; an older page set stays valid.
    """
    spent = {"paint": 0.0, "encode": 0.0}

    def encode(page: Page) -> bytes:
        start = time.perf_counter()
        pixels = palette_pixels(page)
        painted = time.perf_counter()
        data = palette_png(pixels, page.palette)
        spent["paint"] += painted - start
        spent["encode"] += time.perf_counter() - painted
        return data

    manifest = write_page_set(
        folder,
        pages,
        documents=documents,
        skipped=skipped,
        style=style,
        revision=revision,
        source=source,
        text_tokens=text_tokens,
        profile=profile,
        on_page=on_page,
        encode=encode,
        drawn_as=drawn_as,
    )
    write_contact_sheet(folder, manifest)
    write_sidecar(folder, pages, documents)
    return manifest, spent
