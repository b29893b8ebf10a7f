"""What the agent tools are called: `glyph_search`, or `shop_glyph_search` with a prefix.

An agent that works on two sources has each tool twice, so one of the two toolsets needs a prefix.
What a tool tells a model (use this tool, call that one) then has to name the tools of its own
toolset: it writes such names with `named`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from glyphagent.errors import PluginError

# Providers take 64 letters, digits, underscores and hyphens; our own longest name takes 30.
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_OWN = re.compile(r"\bglyph_[a-z_]+")
_current: ContextVar[str] = ContextVar("prefix", default="")


def checked_prefix(prefix: str) -> str:
    """What stands before each tool's name: nothing, or the prefix and an underscore.

    Raises:
        PluginError: If providers would refuse such names.
    """
    if not prefix:
        return ""
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        raise PluginError(
            f"no prefix for tool names: {prefix!r}; it is a letter, then at most 31 letters, "
            "digits, underscores and hyphens"
        )
    return f"{prefix.rstrip('_')}_"


def bare(name: str) -> str:
    """Name of a tool without any prefix; of a tool that is not ours as it is."""
    found = re.fullmatch(r"(?:.*[_-])?(glyph_[a-z_]+)", name)
    return found[1] if found else name


def renamed(text: str, before: str) -> str:
    """A text of ours in which every tool has its prefix."""
    return _OWN.sub(lambda found: before + found[0], text) if before else text


def named(tool: str) -> str:
    """Name of a tool for the model that called the tool which is running."""
    return _current.get() + tool


@contextmanager
def calling(before: str) -> Iterator[None]:
    """Within this, `named` puts `before` before names."""
    token = _current.set(before)
    try:
        yield
    finally:
        _current.reset(token)
