"""What every language brings to the dependency graph, and which file is whose.

A language is a module or folder in here with a collector and a linker. They are loaded when
the first file of theirs is met: a grammar that is missing hurts its own language alone.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Protocol

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.world import World


class Language(Protocol):
    """A collector and a linker, pure functions both."""

    name: str

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """What a file's text says by itself; never raises for any text.

        Args:
            path: Path in the source set.
            text: The source, which need not parse.
            uses: Whether uses and bindings are wanted; without them it is faster.
        """
        ...

    def link(self, facts: FileFacts, world: World) -> Linked:
        """What a file proves about others; without uses there are no symbol edges."""
        ...


# Module that holds `LANGUAGE`, by file suffix. Suffixes are compared in lower case.
_MODULES = {
    "python": ("py", "pyi", "pyw"),
    "scripts": ("js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue"),
    "go": ("go",),
    "rust": ("rs",),
    "java": ("java",),
    "c": ("c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inl", "ipp", "tcc"),
    "csharp": ("cs",),
    "ruby": ("rb", "rake", "gemspec"),
    "php": ("php",),
    "kotlin": ("kt", "kts"),
}
_MODULE_OF = {suffix: module for module, suffixes in _MODULES.items() for suffix in suffixes}


def language_module(path: str) -> str | None:
    """Name of the language module that reads a path, None if none does."""
    base = path.rpartition("/")[2]
    return _MODULE_OF.get(base.rpartition(".")[2].lower()) if "." in base else None


@cache
def load_language(module: str) -> Language:
    """Give a language by its module's name.

    Raises:
        ImportError: Its grammar's wheel is not installed.
    """
    language: Language = import_module(f"glyphagent.dependencies.languages.{module}").LANGUAGE
    return language
