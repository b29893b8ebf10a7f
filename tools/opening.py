"""Options that the commands share, and how they become a source and a style."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphagent.errors import PageError, SourceError, StyleError

from .terminal import note, plain

if TYPE_CHECKING:
    from glyphagent.session import Session
    from glyphagent.sources import Source
    from glyphagent.style import Style

# More than this cannot be read at once, and no source file is so large.
MOST_BYTES = 1 << 30
_NEAR = 5


def named_path(text: str | Path) -> Path:
    """A path as typed; `Path("")` would quietly be the current folder.

    Raises:
        SourceError: If it is empty.
    """
    if not str(text):
        raise SourceError("empty path: name a folder or file, or . for the current folder")
    return Path(text)


def _named_model(model: str | None) -> str | None:
    if model is not None and not model.strip():
        raise StyleError("empty model name: name a model, or leave the option out")
    return model


PathArgument = Annotated[
    Path,
    typer.Argument(metavar="PATH", parser=named_path, help="Folder, git repository or file."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        callback=_named_model, help="local: checkpoint folder or hub id; chat: provider:name."
    ),
]
RevisionOption = Annotated[
    str | None, typer.Option("--rev", metavar="REV", help="Git revision; nothing is checked out.")
]
PresetOption = Annotated[str | None, typer.Option(help="How pages look: grid, grid-dense.")]
LayoutOption = Annotated[str | None, typer.Option(help="flow (dense) or lines (for people).")]
ThemeOption = Annotated[str | None, typer.Option(help="Colours: light, dark, mono.")]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="MODEL",
        callback=_named_model,
        help="Model that the pages are for; default: nano.",
    ),
]
ConeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cone",
        metavar="FILE",
        help="Pack this file, what it uses and what uses it; may repeat.",
    ),
]
HopsOption = Annotated[
    int, typer.Option("--hops", min=0, max=1000, help="How far --cone reaches, in imports.")
]
BudgetOption = Annotated[
    int | None,
    typer.Option(
        "--budget", min=1, metavar="TOKENS", help="Most visual tokens of pages; what matters most."
    ),
]
MapOption = Annotated[
    bool | None,
    typer.Option(
        "--map/--no-map", help="Draw who uses whom after the last page; default: with --cone."
    ),
]
IncludeOption = Annotated[
    list[str] | None, typer.Option("--include", metavar="GLOB", help="Take only these; may repeat.")
]
IgnoreOption = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="GLOB", help="Leave these out; may repeat.")
]
MaxBytesOption = Annotated[
    int | None,
    typer.Option("--max-bytes", min=1, max=MOST_BYTES, help="Skip files larger than this."),
]


def open_source(
    path: Path,
    revision: str | None,
    include: list[str] | None,
    ignore: list[str] | None,
    max_bytes: int | None,
    *,
    listed: bool = False,
    out: Path | None = None,
) -> Source:
    """Source at a path.

    Args:
        path: Folder, repository or file.
        revision: Git revision, or None for what lies there.
        include: Globs of what to take alone.
        ignore: Globs of what to leave out.
        max_bytes: Limit on a file's size.
        listed: Whether the files are those that stdin names.
        out: Folder that will be written to, which must not become part of the source.

    Raises:
        SourceError: If nothing readable is there.
    """
    import sys

    from glyphagent.sources import Source, SourceOptions

    ignored = [*(ignore or ()), *_own_output(path, out)]
    options = SourceOptions(include=tuple(include or ()), ignore=tuple(ignored))
    if max_bytes is not None:
        options = SourceOptions(max_bytes, options.max_line, options.include, options.ignore)
    if not listed:
        return Source.open(path, revision, options)
    if sys.stdin is None:
        raise SourceError("--stdin reads a list of files, and stdin is closed")
    if revision is not None:
        raise SourceError("--stdin lists files as they lie: it does not go with --rev")
    return Source.from_list(path, sys.stdin.buffer, options)


def styles_for(
    model: str | None,
    preset: str | None,
    layout: str | None,
    theme: str | None,
    budget: int | None = None,
) -> list[Style]:
    """Styles that suit a model (None: the embedded reader), save for what the user chose.

    The most legible one comes first; there are several only where a budget may choose.

    Raises:
        StyleError: If a name is unknown, or nothing can be drawn that way.
        PageError: If the model is a folder with a damaged configuration.
    """
    from glyphagent.profiles import profile_for
    from glyphagent.targets import EMBEDDED
    from glyphagent.targets import styles_for as fitting_styles

    profile = profile_for(model or EMBEDDED)
    if not profile.takes_images:
        note(
            f"warning: how {plain(model or profile.name)} sees images is not known, so its visual "
            f"tokens count as 0{plain(near_models(model or ''))}"
        )
    fitting = fitting_styles(profile, preset, layout, budget)
    return [style.with_changes(theme=theme) for style in fitting]


def near_models(model: str) -> str:
    """A hint at known models whose names are like this one; empty if there are none."""
    from difflib import get_close_matches

    from glyphagent.profiles import PROFILES, profile_for

    wanted = model.strip().lower().rpartition("/")[2]
    known: dict[str, str] = {}
    for pattern in (name for profile in PROFILES for name in (profile.name, *profile.models)):
        # Of a pattern, what stands before its first wild card; where that alone is no model's
        # name, a star says that more must follow.
        head = re.split(r"(?:-20)?[*?\[]", pattern)[0]
        name = head.rstrip("-.")
        if profile_for(name).takes_images:
            known.setdefault(name, name)
        elif profile_for(f"{head}x").takes_images:
            known.setdefault(name, f"{head}*")
    near = [name for name in known if wanted and name.startswith(wanted)]
    near = near or get_close_matches(wanted, known, n=_NEAR)
    return f"; known are {', '.join(known[name] for name in near[:_NEAR])}" if near else ""


def check_output(out: Path) -> None:
    """Refuse an output folder that cannot become one, before anything is rendered.

    Raises:
        PageError: If it is a file, cannot be made or written to, or holds a manifest of others.
    """
    from glyphagent.store import MANIFEST, read_manifest

    above = out
    while not os.path.lexists(above) and above != above.parent:
        above = above.parent
    problem = None
    if not above.is_dir():
        problem = f"{above} is a file" if above.exists() else f"{above} is a broken link"
    elif not os.access(above, os.W_OK | os.X_OK):
        problem = f"{above} is not writable"
    if problem:
        cannot = "" if above == out else f" {out} cannot be made:"
        raise PageError(f"--out:{cannot} {problem}: name another folder")
    if os.path.lexists(out / MANIFEST):
        try:
            read_manifest(out)
        except PageError as error:
            raise PageError(f"--out: {error}: name another folder") from error


def nothing_drawn(session: Session, path: Path, include: list[str] | None, listed: bool) -> str:
    """Why a session has no page and what to do, as a sentence for people."""
    if session.skipped:
        ((reason, count),) = Counter(skip.reason for skip in session.skipped).most_common(1)
        return (
            f"nothing to draw: all {len(session.skipped)} files were left out, {count} as "
            f"{reason!r}; render --json lists each"
        )
    if listed:
        return "nothing to draw: stdin named no file; give it one path a line, relative to PATH"
    if include:
        return f"nothing to draw: no file in {path} fits --include {' '.join(include)}"
    return (
        f"nothing to draw: no file in {path}; if there should be some, see what its ignore files "
        "and --ignore leave out"
    )


def _own_output(path: Path, out: Path | None) -> list[str]:
    """Globs that keep the folder that we write to out of the source."""
    if out is None or not path.is_dir():
        return []
    root, target = path.resolve(), out.resolve()
    if target == root:
        raise SourceError(
            f"--out {out} is the source itself, and pages would be read as part of it: "
            "name another folder"
        )
    if not target.is_relative_to(root):
        return []
    inside = re.sub(r"([\\*?\[\]!# ])", r"\\\1", target.relative_to(root).as_posix())
    return [f"/{inside}/"]
