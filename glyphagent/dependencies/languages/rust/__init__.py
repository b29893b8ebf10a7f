"""Rust: modules, `use` declarations, Cargo workspaces, and what names mean in them."""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.rust.collecting import collect
from glyphagent.dependencies.languages.rust.linking import link
from glyphagent.dependencies.world import World


class Rust:
    """Collector and linker of Rust."""

    name = "rust"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """What a Rust file's text says by itself; never raises for any text."""
        return collect(path, text, uses=uses)

    def link(self, facts: FileFacts, world: World) -> Linked:
        """What a Rust file proves about others."""
        return link(facts, world)


LANGUAGE = Rust()
