"""How people, agents and chat models reach a session: command line, tools, adapters.

`from glyphagent.tools import GlyphToolkit` imports LangChain when the name is first used, so
that the command line does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chat_glyph import ChatGlyph
    from .chat_model import ChatModelBackend
    from .guard_middleware import GuardMiddleware
    from .langchain_tools import GlyphToolkit
    from .loader import GlyphLoader
    from .middleware import PageImageMiddleware
    from .retriever import GlyphRetriever
    from .toolset import Toolset

_HOMES = {
    "ChatGlyph": "chat_glyph",
    "ChatModelBackend": "chat_model",
    "GlyphLoader": "loader",
    "GlyphRetriever": "retriever",
    "GlyphToolkit": "langchain_tools",
    "GuardMiddleware": "guard_middleware",
    "PageImageMiddleware": "middleware",
    "Toolset": "toolset",
}

__all__ = [
    "ChatGlyph",
    "ChatModelBackend",
    "GlyphLoader",
    "GlyphRetriever",
    "GlyphToolkit",
    "GuardMiddleware",
    "PageImageMiddleware",
    "Toolset",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
