"""Java: types by package, with and without imports, and what is called on them."""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.java.collecting import collect_java
from glyphagent.dependencies.languages.java.linking import link_java
from glyphagent.dependencies.world import World


class Java:
    """Java's collector and linker."""

    name = "java"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """What a file's text says by itself."""
        return collect_java(path, text, uses=uses)

    def link(self, facts: FileFacts, world: World) -> Linked:
        """What a file proves about others."""
        return link_java(facts, world)


LANGUAGE = Java()
