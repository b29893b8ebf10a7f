"""Every error that glyphagent raises, as one tree.

    GlyphError
    ├── SourceError   (OSError)       a folder, revision or file list that cannot be read
    ├── StyleError    (ValueError)    a style that no page can be drawn with
    ├── PageError     (ValueError)    a page, manifest or image that is not what it should be
    ├── PluginError   (LookupError)   a renderer, backend or command that is missing or broken
    ├── BackendError  (RuntimeError)  a model that cannot be loaded, reached or asked
    └── KernelError   (ValueError)    an input that a kernel refuses rather than approximates

A message says what went wrong, with which value, and what to do. The command line turns a
`GlyphError` into one line and exit code 2; any other exception is our own mistake and keeps
its traceback. Each class takes one message, so each survives pickling between processes.
"""


class GlyphError(Exception):
    """Anything that the user, the input or the surroundings did wrong."""

    def __init__(self, message: str) -> None:
        """Keep the one message, which is also what pickling sends."""
        super().__init__(message)


class SourceError(GlyphError, OSError):
    """A source set that cannot be opened or read."""


class StyleError(GlyphError, ValueError):
    """A style that contradicts itself, its atlas or its target model."""


class PageError(GlyphError, ValueError):
    """A page, page set or page image that cannot be understood."""


class PluginError(GlyphError, LookupError):
    """A plugin that is missing, named twice or broken."""


class BackendError(GlyphError, RuntimeError):
    """A backend that cannot load its model or answer."""


class KernelError(GlyphError, ValueError):
    """A shape, dtype or geometry that a kernel refuses."""
