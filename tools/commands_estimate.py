"""`glyphagent estimate`: what a source costs as text and as pages, before anything is written."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

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
    near_models,
    nothing_drawn,
    open_source,
)
from .terminal import JsonOption, QuietOption, note, plain, progress, show, table, write_json

if TYPE_CHECKING:
    from rich.table import Table

    from glyphagent.outcomes import Estimate

# In any currency; what is beyond would only overflow.
_DEAREST = 1e9


def _finite(price: float | None) -> float | None:
    if price is not None and not math.isfinite(price):
        raise typer.BadParameter(f"{price} is no price")
    return price


PriceInOption = Annotated[
    float | None,
    typer.Option(
        "--price-in",
        metavar="X",
        min=0,
        max=_DEAREST,
        callback=_finite,
        help="Price of a million input tokens.",
    ),
]
PriceImageOption = Annotated[
    float | None,
    typer.Option(
        "--price-image",
        metavar="X",
        min=0,
        max=_DEAREST,
        callback=_finite,
        help="Price of a million visual tokens, if another.",
    ),
]
PriceCachedOption = Annotated[
    float | None,
    typer.Option(
        "--price-cached",
        metavar="X",
        min=0,
        max=_DEAREST,
        callback=_finite,
        help="Price of a million cached tokens.",
    ),
]


def estimate(
    path: PathArgument,
    revision: RevisionOption = None,
    model: ForOption = None,
    price_in: PriceInOption = None,
    price_image: PriceImageOption = None,
    price_cached: PriceCachedOption = None,
    preset: PresetOption = None,
    layout: LayoutOption = None,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tells what a source costs a model as text and as page images, and which to send.

    JSON: {"text_tokens", "tokenizer", "visual_tokens", "compression_ratio", "pages",
    "documents", "model", "advice", "profile", "images_win", "margin", "break_even", "reasons",
    "warnings", "requests", "resampled_pages", "image_bytes", "prices", "text_cost",
    "image_cost", "text_cost_cached", "image_cost_cached", "text_cost_written",
    "image_cost_written", "revision"}; what is not known is null.
    Prices may also stand in your profiles.toml. Exit code 1 if there is no page.
    """
    from glyphagent.profiles import Prices, profile_for
    from glyphagent.session import Session
    from glyphagent.targets import EMBEDDED, style_for

    prices = None
    if price_in is not None:
        prices = Prices(price_in, price_image, price_cached)
    elif price_image is not None or price_cached is not None:
        raise typer.BadParameter("--price-image and --price-cached go with --price-in")
    source = open_source(path, revision, include, ignore, max_bytes)
    style = style_for(profile_for(model or EMBEDDED), preset, layout)
    with progress(quiet) as report:
        session = Session.open(source, model=model, style=style, progress=report)
        figures = session.estimate(model, prices=prices)
    near = near_models(figures.model) if "unknown model" in figures.reasons else ""
    for warning in figures.warnings:
        note(f"warning: {plain(warning + near)}")
    if not session.pages:
        note(plain(nothing_drawn(session, path, include, listed=False)))
    if as_json:
        write_json({**asdict(figures), "revision": session.revision})
    elif session.pages:
        show(_shown(figures))
    if not session.pages:
        raise typer.Exit(1)


def _shown(figures: Estimate) -> Table:
    """Figures for people: what is not known has no row."""
    shown = table("", "", "")
    shown.add_row("files", f"{figures.documents:,}")
    requests = f", {figures.requests:,} requests" if figures.requests > 1 else ""
    shown.add_row("pages", f"{figures.pages:,}{requests}")
    shown.add_row("text tokens", f"{figures.text_tokens:,} ({figures.tokenizer})")
    model = plain(figures.model)
    known = "" if figures.profile == figures.model else f", profile {plain(figures.profile)}"
    shown.add_row("visual tokens", f"{figures.visual_tokens:,} ({model}{known})")
    shown.add_row("compression ratio", f"{figures.compression_ratio:.2f}")
    if figures.image_bytes is not None:
        shown.add_row("bytes of pages", f"{figures.image_bytes:,}")
    for name, plainly, written, cached in (
        ("text costs", figures.text_cost, figures.text_cost_written, figures.text_cost_cached),
        ("pages cost", figures.image_cost, figures.image_cost_written, figures.image_cost_cached),
    ):
        if plainly is not None:
            dearer = "" if written in (None, plainly) else f"; {written:.4f} to put it in the cache"
            again = "" if cached is None else f", then {cached:.4f} from the cache"
            shown.add_row(name, f"{plainly:.4f}{dearer}{again}")
    if figures.visual_tokens:
        verdict = "win" if figures.images_win else "do not win"
        shown.add_row(
            "break-even",
            f"{figures.break_even:.2f}: images {verdict}, counted {figures.margin:.2f} times",
        )
    because = f" ({', '.join(figures.reasons)})" if figures.reasons else ""
    shown.add_row("advice", f"{figures.advice}{because}")
    return shown
