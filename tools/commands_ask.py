"""`glyphagent ask`: a question about a source, answered with citations that were checked."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from glyphagent.answer import Answer

from .answers import answer_facts, place
from .opening import (
    BudgetOption,
    ConeOption,
    HopsOption,
    IgnoreOption,
    IncludeOption,
    LayoutOption,
    MaxBytesOption,
    ModelOption,
    PathArgument,
    PresetOption,
    RevisionOption,
    nothing_drawn,
    open_source,
)
from .terminal import JsonOption, QuietOption, mark, note, plain, progress, show, write_json

# No model answers at such length; larger numbers do not fit into what counts tokens.
_MOST_TOKENS = 1 << 20


def ask(
    path: PathArgument,
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="What to ask, in plain words.")
    ],
    backend: Annotated[
        str, typer.Option(help="local (embedded reader, or a Glm4v checkpoint), or chat.")
    ] = "local",
    model: ModelOption = None,
    revision: RevisionOption = None,
    preset: PresetOption = None,
    layout: LayoutOption = None,
    include: IncludeOption = None,
    ignore: IgnoreOption = None,
    max_bytes: MaxBytesOption = None,
    cone: ConeOption = None,
    hops: HopsOption = 2,
    budget: BudgetOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Send all pages, not those of what QUESTION names.")
    ] = False,
    max_tokens: Annotated[int, typer.Option(min=1, max=_MOST_TOKENS, help="Longest answer.")] = 512,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answers a question about a source; every citation is checked against it.

    A model that is sent pages gets those of what the question names, of what that uses and of
    what uses it, as far as its limits and --budget go; all pages if they are few, or with
    --whole. --cone limits any question to a file's neighbourhood; --budget is then for its pages.

    JSON: {"answer", "found", "citations": [{"path", "line_start", "line_end", "page",
    "verified"}], "backend", "model", "visual_tokens", "pages", "seconds", "revision",
    "warnings"}; "pages" are those that were read or sent. Exit code 1 if the answer was not found.
    """
    from glyphagent.session import Session

    source = open_source(path, revision, include, ignore, max_bytes)
    with progress(quiet) as report:
        session = Session.open(
            source,
            backend=backend,
            model=model,
            preset=preset,
            layout=layout,
            progress=report,
            cone=cone or (),
            hops=hops,
            budget=budget if cone else None,
        )
        answer = session.ask(
            question, max_tokens=max_tokens, budget=None if cone else budget, whole=whole
        )
    if not session.pages:
        note(plain(nothing_drawn(session, path, include, listed=False)))
    if as_json:
        write_json(answer_facts(answer))
    elif session.pages:
        show(*lines(answer))
    if not answer.found:
        raise typer.Exit(1)


def lines(answer: Answer) -> list[Text]:
    """An answer for people: its text, its citations with a mark each, its warnings."""
    shown = [Text(plain(answer.text))]
    for citation in answer.citations:
        sign = Text(f"{mark('✓', 'verified')} ", "green")
        if not citation.verified:
            sign = Text(f"{mark('✗', 'unverified')} ", "bold red")
        shown.append(sign + Text(plain(place(citation))))
    shown += [
        Text(f"warning: {plain(warning)}", "yellow")
        for warning in answer.warnings
        if f"[{warning}]" not in answer.text
    ]
    made = f"{answer.backend} ({answer.model}), {answer.visual_tokens:,} visual tokens, "
    shown.append(Text(f"{made}{answer.seconds:.1f} s, revision {answer.revision}", "dim"))
    return shown
