"""Whole repositories as page images that a vision-language model can hold in context."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glyphagent.answer import Answer, Citation
    from glyphagent.document import Document, Location
    from glyphagent.errors import GlyphError
    from glyphagent.session import Session
    from glyphagent.sources import Source
    from glyphagent.style import Style

__version__ = "0.1.0"

# Names to their modules, imported when first used: `import glyphagent` stays light.
_HOMES = {
    "Answer": "answer",
    "Citation": "answer",
    "Document": "document",
    "GlyphError": "errors",
    "Location": "document",
    "Session": "session",
    "Source": "sources",
    "Style": "style",
}

__all__ = [
    "Answer",
    "Citation",
    "Document",
    "GlyphError",
    "Location",
    "Session",
    "Source",
    "Style",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'glyphagent' has no attribute {name!r}")
    return getattr(import_module(f"glyphagent.{_HOMES[name]}"), name)
