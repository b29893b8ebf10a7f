"""Options that the commands share, and how they become a source and a style."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphagent.errors import SourceError

from .terminal import note

if TYPE_CHECKING:
    from glyphagent.sources import Source
    from glyphagent.style import Style

PathArgument = Annotated[
    Path, typer.Argument(metavar="PATH", help="Folder, git repository or file.")
]
RevisionOption = Annotated[
    str | None, typer.Option("--rev", metavar="REV", help="Git revision; nothing is checked out.")
]
PresetOption = Annotated[str | None, typer.Option(help="How pages look: grid, grid-dense.")]
LayoutOption = Annotated[str | None, typer.Option(help="flow (dense) or lines (for people).")]
ThemeOption = Annotated[str | None, typer.Option(help="Colours: light, dark, mono.")]
ForOption = Annotated[
    str | None,
    typer.Option("--for", metavar="MODEL", help="Model that the pages are for; default: nano."),
]
IncludeOption = Annotated[
    list[str] | None, typer.Option("--include", metavar="GLOB", help="Take only these; may repeat.")
]
IgnoreOption = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="GLOB", help="Leave these out; may repeat.")
]
MaxBytesOption = Annotated[
    int | None, typer.Option("--max-bytes", min=1, help="Skip files larger than this.")
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
    if revision is not None:
        raise SourceError("--stdin lists files as they lie: it does not go with --rev")
    return Source.from_list(path, sys.stdin.buffer, options)


def style_for(
    model: str | None, preset: str | None, layout: str | None, theme: str | None
) -> Style:
    """Style that suits a model (None: the embedded reader), save for what the user chose.

    Raises:
        StyleError: If a name is unknown, or nothing can be drawn that way.
        PageError: If the model is a folder with a damaged configuration.
    """
    from glyphagent.profiles import profile_for
    from glyphagent.targets import EMBEDDED
    from glyphagent.targets import style_for as fitting_style

    profile = profile_for(model or EMBEDDED)
    if not profile.takes_images:
        note(f"warning: how {model} sees images is not known, so its visual tokens count as 0")
    return fitting_style(profile, preset, layout).with_changes(theme=theme)


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
