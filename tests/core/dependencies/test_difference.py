from __future__ import annotations

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.difference import Difference, compare

from .drawn_graphs import drawn, road


def test_edges_and_cycles_that_came_and_went() -> None:
    old = drawn("a -> b\nb -> a\nc -> gone\ntests/test_c -> c")
    new = drawn("a -> b\nc -> d\nd -> e\ne -> c\ntests/test_c -> c")
    texts = dict.fromkeys(["a", "b", "c", "gone", "tests/test_c"], "x\n")
    now = {**dict.fromkeys(["a", "c", "d", "tests/test_c"], "x\n"), "b": "y\n", "e": "e\n"}
    found = compare(old, new, texts, now)
    assert [(e.source, e.target) for e in found.edges_added] == [("c", "d"), ("d", "e"), ("e", "c")]
    assert [(e.source, e.target) for e in found.edges_removed] == [("b", "a"), ("c", "gone")]
    assert [road(c.example) for c in found.cycles_added] == ["c > d > e > c"]
    assert [c.files for c in found.cycles_removed] == [("a", "b")]
    # `gone` has the text of `d`, so it moved there; who used it before is known from before.
    assert ("d", "moved", "gone") in [(c.path, c.status, c.old_path) for c in found.changes]
    assert "c" in [each.path for each in found.lost.affected]
    assert found.tests == ("tests/test_c",)


def both(before: dict[str, str], now: dict[str, str], **skipped: str) -> Difference:
    """Two states compared; a skipped file is named by its stem."""
    old = DependencyAnalyzer(before, workers=0).graph
    left_out = [(f"{stem}.py", reason) for stem, reason in skipped.items()]
    new = DependencyAnalyzer(now, skipped=left_out, workers=0).graph
    return compare(old, new, before, now)


def test_a_manifest_that_leads_imports_elsewhere_reaches_their_users() -> None:
    config = '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["%s/*"]}}}'
    texts = {
        "tsconfig.json": config % "src",
        "src/a.ts": "export const a = 1\n",
        "lib/a.ts": "export const a = 2\n",
        "use.ts": "import { a } from '@/a'\nexport function two() { return a }\n",
        "use.test.ts": "import { two } from './use'\ntwo()\n",
        "apart.test.ts": "import { a } from './src/a'\n",
    }
    found = both(texts, texts | {"tsconfig.json": config % "lib"})
    assert found.redirected == ("use.ts",)
    assert found.tests == ("use.test.ts",)
    assert ("use.ts", "two") in found.impact.symbols
    assert [e.target for e in found.edges_added] == ["lib/a.ts"]
    # An import that leads nowhere now is one too.
    assert both(texts, texts | {"tsconfig.json": "{}"}).redirected == ("use.ts",)
    assert both(texts, texts).redirected == ()


def test_a_file_that_is_not_read_now_is_not_removed() -> None:
    texts = {
        "big.py": "import low\ndef f(): return 1\n",
        "low.py": "",
        "user.py": "from big import f\n",
        "test_user.py": "import user\n",
    }
    now = {path: text for path, text in texts.items() if path != "big.py"}
    found = both(texts, now, big="too large (9 MB)")
    (change,) = found.changes
    assert (change.status, change.reason) == ("unread", "not read now (too large (9 MB))")
    assert (found.edges_removed, found.edges_added, found.redirected) == ((), (), ())
    assert found.tests == ("test_user.py",)
    graph = DependencyAnalyzer(now, skipped=[("big.py", "binary")], workers=0).graph
    back = compare(graph, DependencyAnalyzer(texts, workers=0).graph, now, texts)
    assert [change.reason for change in back.changes] == ["not read before (binary)"]
    assert not back.edges_added
    assert back.tests == ("test_user.py",)
