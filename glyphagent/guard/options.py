"""Options of a command line, as an answer writes them: `-d`, `--buf-size 64`, `--app NAME`."""

from __future__ import annotations

import re

from glyphagent.document import Location
from glyphagent.guard.regions import Region
from glyphagent.guard.setting import Setting

_OPTION = re.compile(
    r"(?P<name>--?[A-Za-z][\w-]*)(?:[ =](?:[A-Z][A-Z_]*|<[\w -]+>|\[[\w -]+\]|\d+))?"
)


def option_place(text: str, setting: Setting) -> Location | None:
    """Where an option stands: in the cited lines, or else in a document that the answer cites.

    Dashes and underscores within it may stand for each other, as they do for argument parsers.
    """
    found = _OPTION.fullmatch(text.strip())
    if found is None:
        return None
    name = found["name"]
    inner = name.lstrip("-")
    dashes = name[: len(name) - len(inner)]
    wanted = re.compile(rf"(?<![\w-]){dashes}{re.sub('[-_]', '[-_]', inner)}(?![\w-])")
    for region in (*setting.regions, *setting.every):
        if wanted.search(region.text):
            return region.location
    for region in (*setting.regions, *setting.every):
        if match := wanted.search(region.document.text):
            return _line(region, match.start())
    return None


def _line(region: Region, offset: int) -> Location:
    line = region.document.line_at(offset)
    return Location(region.document.path, line, line)
