"""The agent tools, each defined once: name, description, arguments, function over a session.

Adapters (LangChain and others) only translate `ToolResult` and `GlyphError` into their own
terms. A `Toolset` may be called from several threads.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from glyphagent.errors import GlyphError, PluginError

from . import tool_calls, tool_changes, tool_graph
from .tool_calls import (
    REGION_LINES,
    SEARCH_HITS,
    Arguments,
    EstimateArguments,
    PageArguments,
    QuestionArguments,
    RegionArguments,
    SearchArguments,
    ToolResult,
)
from .tool_changes import ChangesArguments
from .tool_graph import DependenciesArguments, ImpactArguments, PathArguments
from .tool_names import calling, checked_prefix, renamed

if TYPE_CHECKING:
    from glyphagent.session import Session
    from glyphagent.sources import Source


@dataclass(frozen=True, slots=True)
class Tool:
    """An agent tool: what a model is told about it, and what it does.

    Attributes:
        name: Name that the model calls.
        description: What the model is told.
        arguments: Schema of the arguments.
        call: The tool itself, given a session and checked arguments.
    """

    name: str
    description: str
    arguments: type[Arguments]
    call: Callable[[Session, Any], ToolResult]


class Toolset:
    """The tools over one session.

    Attributes:
        session: The session that every tool works on.
        prefix: What stands before each tool's name, for agents that have several toolsets.
    """

    def __init__(self, session: Session, prefix: str = "") -> None:
        """Offer the tools over this session.

        Raises:
            PluginError: If no tool can have a name with this prefix.
        """
        self.session = session
        self.prefix = prefix
        self._before = checked_prefix(prefix)
        self._turn = threading.Lock()

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Every tool there is, under the name that a model calls."""
        if not self._before:
            return TOOLS
        about = f"About the source {self.prefix!r}. "
        return tuple(
            replace(
                tool,
                name=self._before + tool.name,
                description=about + renamed(tool.description, self._before),
            )
            for tool in TOOLS
        )

    def run(self, name: str, values: Mapping[str, Any]) -> ToolResult:
        """Call a tool; calls from several threads take turns.

        Raises:
            GlyphError: If the tool or its target is not there, or the arguments do not fit. The
                message is written for the calling model: it says what to do instead.
        """
        tool = next((tool for tool in self.tools if tool.name == name), None)
        if tool is None:
            raise PluginError(
                f"no tool named {name!r}; there are: {', '.join(t.name for t in self.tools)}"
            )
        try:
            arguments = tool.arguments.model_validate(dict(values))
        except ValidationError as error:
            raise GlyphError(f"{name}: {invalid(error)}") from error
        with self._turn, calling(self._before):
            # One state for the whole call, also while the session is being refreshed.
            return tool.call(self.session.pinned(), arguments)


def open_session(source: str | Path | Source, options: Mapping[str, Any]) -> Session:
    """Open a session with options that come by name from elsewhere.

    Raises:
        GlyphError: If there is no such option, or the source cannot be opened.
    """
    from glyphagent.session import Session

    known = list(inspect.signature(Session.open).parameters)[1:]
    if unknown := [name for name in options if name not in known]:
        raise GlyphError(f"no option {', '.join(unknown)}; there are: {', '.join(known)}")
    return Session.open(source, **options)


def invalid(error: ValidationError) -> str:
    """One line that tells a model which arguments do not fit, and why."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    )


TOOLS: tuple[Tool, ...] = (
    Tool(
        "glyph_overview",
        "Lists the folders and files of the source with line counts and page numbers. "
        "Start here; paths and page numbers for the other tools come from this list.",
        Arguments,
        tool_calls.overview,
    ),
    Tool(
        "glyph_read_page",
        "Shows one page of the source as an image: many lines of code for few tokens, good for "
        "understanding. For exact text to quote or edit use glyph_read_region.",
        PageArguments,
        tool_calls.read_page,
    ),
    Tool(
        "glyph_read_region",
        "Returns the exact text of a range of lines of one file, at most "
        f"{REGION_LINES} lines a call.",
        RegionArguments,
        tool_calls.read_region,
    ),
    Tool(
        "glyph_search",
        "Finds literal text in all files, letter case ignored: the first "
        f"{SEARCH_HITS} lines with path, line and page.",
        SearchArguments,
        tool_calls.search,
    ),
    Tool(
        "glyph_ask",
        "Asks the reading model about the source: where a name is defined, its signature or "
        "docstring, a constant's value, what a file imports or contains, who imports a file or "
        "mentions a name, what a change reaches. Every citation says whether the source confirms "
        "it.",
        QuestionArguments,
        tool_calls.ask,
    ),
    Tool(
        "glyph_estimate",
        "Tells how many tokens the source costs as text and as page images, and which to send: "
        "for the reading model of this session, or the model that you name.",
        EstimateArguments,
        tool_calls.estimate,
    ),
    Tool(
        "glyph_dependencies",
        "Tells what a file imports and what imports it, within the source, each with the path:line "
        "that proves it, by static analysis.",
        DependenciesArguments,
        tool_graph.dependencies,
    ),
    Tool(
        "glyph_impact",
        "Tells what a change of a file, or of one function or class in it, can reach: files, "
        "callers and tests, each with the path:line that proves it. Use it before an edit.",
        ImpactArguments,
        tool_graph.impact,
    ),
    Tool(
        "glyph_path_between",
        "Gives the shortest chain of dependencies from one file or definition to another, each "
        "step with its path:line.",
        PathArguments,
        tool_graph.path_between,
    ),
    Tool(
        "glyph_changes_since",
        "Tells which files and pages changed since a revision: each result of these tools closes "
        "with its revision. Use it when a revision differs from one that you saw before.",
        ChangesArguments,
        tool_changes.changes_since,
    ),
)
