"""C and C++: includes by the preprocessor's rules, and what is called through them."""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.c.collecting import collect_c
from glyphagent.dependencies.languages.c.linking import link_c
from glyphagent.dependencies.world import World


class C:
    """The collector and linker of C and C++."""

    name = "c"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """What a file's text says by itself."""
        return collect_c(path, text, uses=uses)

    def link(self, facts: FileFacts, world: World) -> Linked:
        """What a file proves about others."""
        return link_c(facts, world)


LANGUAGE = C()
