"""`glyphagent plugins`: what is installed behind each kind of plugin."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from glyphagent.errors import PluginError
from glyphagent.plugins import KINDS, Plugin, installed, load

from .terminal import JsonOption, plain, show, table, write_json


def plugins(
    check: Annotated[
        bool, typer.Option("--check", help="Import each one, and tell which are broken.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Lists renderers, backends, ingesters, analysers and commands that are installed.

    JSON: {"plugins": [{"kind", "name", "target", "distribution", "problem"}]}; "problem" is
    null unless a plugin is claimed twice or, with --check, cannot be imported.
    """
    found = [plugin for kind in KINDS for plugin in installed(kind)]
    problems = {plugin: problem(plugin, found, check) for plugin in found}
    if as_json:
        write_json({"plugins": [{**asdict(p), "problem": problems[p]} for p in found]})
        return
    shown = table("", "kind", "name", "target", "from", "problem")
    for plugin in found:
        cells = (plugin.kind, plugin.name, plugin.target, plugin.distribution)
        shown.add_row(*(plain(cell) for cell in (*cells, problems[plugin] or "")))
    empty = [kind for kind in KINDS if kind not in {plugin.kind for plugin in found}]
    show(shown, *([f"none of kind: {', '.join(empty)}"] if empty else []))


def problem(plugin: Plugin, others: list[Plugin], check: bool) -> str | None:
    """What is wrong with a plugin, or None; with `check` it is imported to find out."""
    same = Counter((other.kind, other.name) for other in set(others))
    if same[plugin.kind, plugin.name] > 1:
        return "claimed by several distributions"
    if not check:
        return None
    try:
        load(plugin.kind, plugin.name)
    except PluginError as error:
        return str(error)
    return None
