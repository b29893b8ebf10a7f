"""Python: imports as the interpreter's path rules have them, uses by scopes and light types."""

from __future__ import annotations

from glyphagent.dependencies.edges import Linked
from glyphagent.dependencies.facts import FileFacts
from glyphagent.dependencies.languages.python.collecting import Collector
from glyphagent.dependencies.languages.python.linking import link
from glyphagent.dependencies.world import World


class Python:
    """The Python language."""

    name = "python"

    def collect(self, path: str, text: str, *, uses: bool = True) -> FileFacts:
        """Give what a file's text says by itself."""
        return Collector(path, text, uses=uses).facts()

    def link(self, facts: FileFacts, world: World) -> Linked:
        """Give what a file proves about others."""
        return link(facts, world)


LANGUAGE = Python()
