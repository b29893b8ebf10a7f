"""How many pages an edit draws anew, measured by replaying real histories in layout `flow`.

    python tests/bench/bench_stable_pages.py --group own_history --repository . \\
        --output tests/bench/results/stable_pages.json
    python tests/bench/bench_stable_pages.py --group unseen \\
        --releases NAME FOLDER/NAME-1.0 FOLDER/NAME-1.1 ... --releases OTHER ... \\
        --output tests/bench/results/stable_pages.json

A group of the results holds projects that are counted together: `unseen` are those that had no
part in the choice of a rule, `development` those that it was chosen on. Folders of built files are
taken out of releases first: minified lines, that each build writes anew. With `--counts FOLDER`
the raw counts of each project are kept there and not taken anew, so a long measurement can be
made in parts.

Every file that a commit (or release) changes in a single hunk, with three lines of context as git
has it, is one edit, replayed alone; everything else of the commit is drawn unmeasured. Counted
are pages of the whole session whose pixels no page had before: those that show the edited
document, before or after, and any other. The prompt prefix is the part of all visual tokens that
stands before the first page that differs. What stable breaks cost is told by the visual tokens of
the last state against breaks where the page is full.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from glyphagent.document import Document
from glyphagent.drawing import Drawing
from glyphagent.page import Page
from glyphagent.planning import Plan, first_plan, next_plan
from glyphagent.renderers import flow
from glyphagent.renderers.highlight import Highlighter
from glyphagent.renderers.syntax import CodeRenderer
from glyphagent.style import Style, preset

State = dict[str, str]
_LARGEST = 1_000_000
_LONG_PAGES = 5
_SMALL_CHARS = 2500  # about half a page: more than that may need three pages whatever the breaks


def history(repository: Path) -> Iterator[State]:
    """Yield the texts of each commit, oldest first, along first parents."""

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(repository), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    commits = git("rev-list", "--reverse", "--first-parent", "HEAD").decode().split()
    state: State = {}
    before = ""
    for commit in commits:
        range_ = [before, commit] if before else ["--root", commit]
        fields = git("diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", *range_).split(
            b"\0"
        )
        state = dict(state)
        for facts, name in zip(fields[::2], fields[1::2], strict=False):
            path = name.decode("utf-8", "surrogateescape")
            mode, blob = facts.split()[1].decode(), facts.split()[3].decode()
            text = _text(git("cat-file", "blob", blob)) if mode.startswith("100") else None
            state.pop(path, None)
            if text is not None:
                state[path] = text
        before = commit
        yield state


def releases(folders: Sequence[Path]) -> Iterator[State]:
    """Yield the texts of each folder."""
    for folder in folders:
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        texts = {str(file.relative_to(folder)): _text(file.read_bytes()) for file in files}
        yield {path: text for path, text in texts.items() if text is not None}


def _text(data: bytes) -> str | None:
    if len(data) > _LARGEST or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines from the first to the last that differs, of both texts."""
    old, new = before.split("\n"), after.split("\n")
    least = min(len(old), len(new))
    head = next((n for n in range(least) if old[n] != new[n]), least)
    least -= head
    tail = next((n for n in range(least) if old[-1 - n] != new[-1 - n]), least)
    return old[head : len(old) - tail], new[head : len(new) - tail]


def hunks(before: str, after: str) -> int:
    """Hunks of a diff with three lines of context."""
    old, new = changed(before, after)
    if max(len(old), len(new)) > 4000:
        return 2  # no edit of one place, and slow to tell
    return len(list(difflib.SequenceMatcher(None, old, new, False).get_grouped_opcodes(3))) or 1


@dataclass
class Counts:
    """What edits did to pages."""

    of_document: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    same: list[float] = field(default_factory=list)
    prefix: list[float] = field(default_factory=list)
    chars: list[int] = field(default_factory=list)  # that the document gained or lost
    written: list[int] = field(default_factory=list)  # characters of the changed lines after it
    paths: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add the counts of other edits."""
        self.of_document += other.of_document
        self.elsewhere += other.elsewhere
        self.same += other.same
        self.prefix += other.prefix
        self.chars += other.chars
        self.written += other.written
        self.paths += other.paths

    def facts(self) -> dict[str, Any]:
        """The figures."""
        edits = len(self.of_document)
        if not edits:
            return {"edits": 0}
        total = [a + b for a, b in zip(self.of_document, self.elsewhere, strict=True)]
        few = [n for n, size in zip(total, self.chars, strict=True) if size <= _SMALL_CHARS]
        small = [n for n, size in zip(total, self.written, strict=True) if size <= _SMALL_CHARS]
        return {
            "edits": edits,
            "at_most_2_pages_of_the_document": round(
                sum(n <= 2 for n in self.of_document) / edits, 4
            ),
            "at_most_2_pages_in_all": round(sum(n <= 2 for n in total) / edits, 4),
            f"of_edits_that_gain_or_lose_{_SMALL_CHARS}_characters_or_fewer": _share(few),
            f"of_edits_that_write_{_SMALL_CHARS}_characters_or_fewer": _share(small),
            "edits_that_changed_pages_without_the_document": sum(n > 0 for n in self.elsewhere),
            "pages_without_the_document_that_changed": sum(self.elsewhere),
            "more_than_2_pages": [
                {"path": path, "pages": n, "characters_written": written}
                for path, n, written in zip(self.paths, total, self.written, strict=True)
                if n > 2
            ],
            "pages_drawn": {str(n): count for n, count in sorted(Counter(total).items())},
            "pages_identical": _spread(self.same),
            "prompt_prefix_valid": _spread(self.prefix),
        }


def _share(drawn: Sequence[int]) -> list[float]:
    """How many edits, and the share of those that drew at most two pages."""
    return [len(drawn), round(sum(n <= 2 for n in drawn) / max(len(drawn), 1), 4)]


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 4),
        "p10": round(ordered[len(ordered) // 10], 4),
    }


def tokens(page: Page, style: Style) -> int:
    """Visual tokens: merged patches."""
    return page.width_px * page.height_px // style.patch_px**2


class Replay:
    """A session over a history."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.drawing = Drawing(CodeRenderer(Highlighter(workers=1)))
        self.plan = Plan()
        self.documents: dict[str, Document] = {}
        self.pages: tuple[Page, ...] = ()

    def turn_to(self, state: Mapping[str, str]) -> None:
        """Draw a state."""
        now = {
            path: known
            if (known := self.documents.get(path)) and known.text == text
            else Document(path, text)
            for path, text in sorted(state.items())
        }
        documents = list(now.values())
        first = not self.documents
        self.plan = (
            first_plan(documents) if first else next_plan(self.plan, self.documents, documents)
        )
        self.documents = now
        self.pages = self.drawing.draw(self.plan, now, self.style)

    def measure(self, path: str, text: str, counts: Counts) -> None:
        """Draw an edit of one document and count what it did."""
        before, old = self.pages, self.documents[path].text
        shown = {page.digest for page in before}
        self.turn_to({each: d.text for each, d in self.documents.items()} | {path: text})
        if not self.pages:
            return
        after = self.pages
        new = [page for page in after if page.digest not in shown]
        own = sum(any(d.path == path for d in page.source_map.documents) for page in new)
        counts.of_document.append(own)
        counts.elsewhere.append(len(new) - own)
        counts.chars.append(abs(len(text) - len(old)))
        counts.written.append(len("\n".join(changed(old, text)[1])))
        counts.paths.append(path)
        counts.same.append(1 - len(new) / len(after))
        valid = 0
        for one, other in zip(before, after, strict=False):
            if one.digest != other.digest:
                break
            valid += tokens(other, self.style)
        counts.prefix.append(valid / sum(tokens(page, self.style) for page in after))


def replayed(states: Iterator[State], style: Style) -> tuple[Counts, Replay]:
    """Counts of the single-hunk edits of a history, and the session at its end."""
    replay, counts = Replay(style), Counts()
    for number, state in enumerate(states):
        old = {path: document.text for path, document in replay.documents.items()}
        edits = [
            path
            for path, text in state.items()
            if path in old and old[path] != text and hunks(old[path], text) == 1
        ]
        replay.turn_to({path: old[path] if path in edits else text for path, text in state.items()})
        for path in edits:
            replay.measure(path, state[path], counts)
        print(f"\r{number + 1} states, {len(counts.same)} edits", end="", file=sys.stderr)
    print(file=sys.stderr)
    return counts, replay


def at_the_head(replay: Replay) -> Counts:
    """Counts of lines put before the first one of each long document, then taken out again."""
    pages = Counter(d.path for page in replay.pages for d in page.source_map.documents)
    counts = Counts()
    for path in [path for path, count in pages.items() if count >= _LONG_PAGES]:
        text = replay.documents[path].text
        replay.measure(path, "# one line more\n" + text, counts)
        replay.turn_to({p: d.text for p, d in replay.documents.items()} | {path: text})
    return counts


def against_full_pages(replay: Replay) -> Counter[str]:
    """Pages and visual tokens of the last state, and with breaks where the page is full."""
    documents = list(replay.documents.values())
    style = replay.style.with_changes(highlight=False)
    found: Counter[str] = Counter()
    rules = flow._LEAST_FILL, flow._ALONE
    # Nothing is fuller than full, nor longer than a thousand pages: no break is chosen then.
    for name, (least, alone) in (("", rules), ("_if_full", (2.0, 1000.0))):
        flow._LEAST_FILL, flow._ALONE = least, alone
        try:
            drawing = Drawing(CodeRenderer(Highlighter(workers=0)))
            pages = drawing.draw(first_plan(documents), replay.documents, style)
        finally:
            flow._LEAST_FILL, flow._ALONE = rules
        found[f"pages{name}"] = len(pages)
        found[f"visual_tokens{name}"] = sum(tokens(page, style) for page in pages)
    return found


def compared(found: Counter[str]) -> dict[str, Any]:
    """These numbers, with the share of visual tokens that stable breaks cost."""
    more = found["visual_tokens"] / found["visual_tokens_if_full"] - 1
    return {**found, "tokens_more": round(more, 4)}


def main() -> int:
    """Replay what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repository", type=Path, action="append", default=[])
    parser.add_argument(
        "--releases", nargs="+", action="append", default=[], metavar=("NAME", "FOLDER")
    )
    parser.add_argument("--preset", default="grid")
    parser.add_argument("--group", default="unseen", help="part of the results to renew")
    parser.add_argument("--counts", type=Path, help="folder that keeps the projects' raw counts")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    style = preset(given.preset)
    sources = {each.resolve().name: (history(each), ["every commit"]) for each in given.repository}
    for label, *names in given.releases:
        folders = [Path(name) for name in names]
        sources[label] = releases(folders), [folder.name for folder in folders]
    projects: dict[str, Any] = {}
    everything, heads, sizes = Counts(), Counts(), Counter[str]()
    for label, (states, versions) in sources.items():
        print(label, file=sys.stderr)
        kept = given.counts / f"{label}.json" if given.counts else None
        if kept and kept.exists():
            raw = json.loads(kept.read_bytes())
        else:
            measured, replay = replayed(states, style)
            raw = {
                "rules": [flow._LEAST_FILL, flow._ALONE],
                "versions": versions,
                "edits": asdict(measured),
                "heads": asdict(at_the_head(replay)),
                "sizes": against_full_pages(replay),
            }
            if kept:
                kept.write_text(json.dumps(raw), encoding="ascii")
        assert raw["rules"] == [flow._LEAST_FILL, flow._ALONE], "counts of another rule"
        counts, head, size = Counts(**raw["edits"]), Counts(**raw["heads"]), Counter(raw["sizes"])
        projects[label] = {
            "versions": raw["versions"],
            "edits": counts.facts(),
            "a_line_before_the_first_of_long_documents": head.facts(),
            "against_full_pages": compared(size),
        }
        everything.add(counts)
        heads.add(head)
        sizes.update(size)
    result = {
        "date": date.today().isoformat(),
        "least_fill": flow._LEAST_FILL,
        "alone": flow._ALONE,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "glyphagent": version("glyphagent"),
        "preset": given.preset,
        "edits": everything.facts(),
        "a_line_before_the_first_of_long_documents": heads.facts(),
        "against_full_pages": compared(sizes),
        "projects": projects,
    }
    groups = {given.group: result}
    if given.output and given.output.exists():
        groups = json.loads(given.output.read_bytes()) | groups
    text = json.dumps(groups, indent=1) + "\n"
    print(json.dumps(result["edits"], indent=1))
    if given.output:
        given.output.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
