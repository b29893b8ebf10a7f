"""Every language: an update equals a full run, and the order of files shows nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.dependencies.analyzer import DependencyAnalyzer
from glyphagent.dependencies.graph import DependencyGraph

State = dict[str, str]
# Files, and lines that any of them may hold: each language's ways to a name, with rings of
# includes and imports, names that several files define, and names that come and go.
LANGUAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "c": (
        ("a.h", "b.h", "in/c.h", "a.c", "in/b.c", "c.cc", "b.ixx"),
        (
            '#include "a.h"\n',
            '#include "b.h"\n',
            "#include <c.h>\n",
            "import m;\n",
            "export module m;\n",
            "int f(int);\n",
            "int f(int n) { return g(n); }\n",
            "static int g(int n) { return f(n); }\n",
            "int g(int n) { return n; }\n",
            "#ifdef ONE\nint f(int n) { return g(n); }\n#endif\n",
            "#ifdef ONE\n#define g memcpy\n#else\nint g(int);\n#endif\n",
            "#ifndef TWO\nextern void *malloc();\n#endif\n",
            "#define f(x) g(x)\n",
            "struct s { int m; struct s *next; };\n",
            "typedef struct s t;\n",
            "void h(t *x, struct s y) { f(x->next->m); g(y.m); malloc(1); }\n",
            "namespace n { class k : public j { public: int f(); }; }\n",
            "namespace n { class j { public: int g(); k *up; }; }\n",
            "using namespace n;\n",
            "int k::f() { return up->f() + g(); }\n",
            "int j::g() { k x; return x.up->g(); }\n",
        ),
    ),
    "go": (
        ("a/a.go", "a/b.go", "a/a_test.go", "a/c_windows.go", "b/a.go", "b/b.go", "main.go"),
        (
            'import "m/a"\n',
            'import "m/b"\n',
            'import . "m/a"\n',
            'import x "m/b"\n',
            "func F() *T { return G() }\n",
            "func G() *T { return a.F() }\n",
            "func init() { F().M() }\n",
            "type T struct { U; next *T }\n",
            "type U struct { b.T }\n",
            "type T = x.U\n",
            "func (t *T) M() *U { return t.next.M() }\n",
            "func (u U) N() (*T, error) { return F(), nil }\n",
            "var V = b.F()\n",
            "func h(t *T, u b.U) { v, _ := u.N(); v.M().N(); t.next.M(); V.M() }\n",
            "type I interface { M() *U }\n",
            "func i(x I) { x.M().N(); G().next.M() }\n",
        ),
    ),
    "java": (
        ("p/A.java", "p/B.java", "q/A.java", "q/C.java"),
        (
            "import p.*;\n",
            "import q.C;\n",
            "import static p.B.make;\n",
            "public class A extends B { C c; void go() { c.run().go(); make(); } }\n",
            "public class A { static class B { C run() { return new C(); } } }\n",
            "public class B extends C { public static A make() { return new A(); } }\n",
            "public class C { A.B b; public A run() { b.run(); return B.make(); } }\n",
            "class D { void x(A a) { a.go(); a.c.run(); new A.B().run(); } }\n",
        ),
    ),
    "rust": (
        ("src/lib.rs", "src/a.rs", "src/b.rs", "src/a/c.rs"),
        (
            "mod a;\n",
            "pub mod b;\n",
            "pub mod c;\n",
            "use crate::a::*;\n",
            "pub use crate::b::{f, T};\n",
            "pub use self::c::T as U;\n",
            "pub fn f() -> T { crate::b::g(); T::new() }\n",
            "pub fn g() { f().m(); crate::a::f().m().k(); }\n",
            "pub struct T { pub u: crate::a::c::T }\n",
            "impl T { pub fn new() -> Self { f() } pub fn m(&self) -> &T { &self.u.m() } }\n",
            "pub trait K { fn k(&self) { g() } }\n",
            "impl crate::b::K for T { fn k(&self) { self.u.k(); } }\n",
            "macro_rules! call { () => { f() } }\n",
            "fn z(t: T) { call!(); t.u.u.m(); K::k(&t); }\n",
        ),
    ),
}
FIXED = {
    "go": {"go.mod": "module m\n"},
    "rust": {"Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\n'},
}


def texts(language: str, path: str) -> st.SearchStrategy[str | None]:
    """A file's text, or none for no such file."""
    _, lines = LANGUAGES[language]
    head = ""
    if language == "go":
        head = f"package {path.split('/')[0] if '/' in path else 'main'}\n"
    if language == "java":
        head = f"package {path.split('/')[0]};\n"
    some = st.lists(st.sampled_from(lines), max_size=5, unique=True)
    return st.none() | some.map(lambda chosen: head + "".join(chosen))


def states(language: str) -> st.SearchStrategy[State]:
    paths, _ = LANGUAGES[language]
    every = st.fixed_dictionaries({path: texts(language, path) for path in paths})
    fixed = FIXED.get(language, {})
    return every.map(
        lambda found: fixed | {path: text for path, text in found.items() if text is not None}
    )


def parts(graph: DependencyGraph) -> tuple[object, ...]:
    return graph.nodes, graph.edges, graph.symbol_edges, graph.unresolved, graph.skipped


def full(state: State) -> tuple[object, ...]:
    return parts(DependencyAnalyzer(state, workers=0).graph)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_update_equals_a_full_run(language: str, data: st.DataObject) -> None:
    state = data.draw(states(language))
    analyzer = DependencyAnalyzer(state, workers=0)
    for _ in range(3):
        path = data.draw(st.sampled_from(LANGUAGES[language][0]))
        text = data.draw(texts(language, path))
        state = {key: old for key, old in state.items() if key != path}
        state |= {path: text} if text is not None else {}
        assert parts(analyzer.update({path: text})) == full(state)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_order_of_files_shows_nowhere(language: str, data: st.DataObject) -> None:
    state = data.draw(states(language))
    assert full(dict(reversed(state.items()))) == full(state)


@pytest.mark.parametrize(
    ("state", "path", "addition", "again"),
    [
        (
            {
                "a.h": "int f(int);\n",
                "b.h": '#include "a.h"\n',
                "a.c": '#include "b.h"\nint f(int n) { return n; }\n',
                "b.c": '#include "b.h"\nint g(int n) { return f(n); }\n',
                "c.c": '#include "a.h"\nint h(int n) { return late(n); }\n',
            },
            "a.h",
            "int late(int);\n",
            {"a.h", "c.c"},
        ),
        (
            {
                "go.mod": "module m\n",
                "a/a.go": "package a\nfunc F() {}\n",
                "a/b.go": "package a\nfunc g() { F() }\n",
                "a/c.go": "package a\nfunc h() { Late() }\n",
                "main.go": 'package main\nimport "m/a"\nfunc main() { a.F() }\n',
            },
            "a/a.go",
            "func Late() {}\n",
            {"a/a.go", "a/c.go"},
        ),
        (
            {
                "p/A.java": "package p; public class A { void g() {}",
                "p/B.java": "package p; class B { void f() { new A().g(); } }\n",
                "p/C.java": "package p; class C { void f() { new A().late(); } }\n",
            },
            "p/A.java",
            " void late() {} }\n",
            {"p/A.java", "p/C.java"},
        ),
        (
            {
                "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\n',
                "src/lib.rs": "mod a;\nmod b;\nmod c;\n",
                "src/a.rs": "pub fn f() {}\n",
                "src/b.rs": "fn g() { crate::a::f(); }\n",
                "src/c.rs": "fn h() { crate::a::late(); }\n",
            },
            "src/a.rs",
            "pub fn late() {}\n",
            {"src/a.rs", "src/c.rs"},
        ),
    ],
    ids=["c", "go", "java", "rust"],
)
def test_a_new_name_is_seen_by_those_alone_who_asked_for_it(
    state: State, path: str, addition: str, again: set[str]
) -> None:
    analyzer = DependencyAnalyzer(state, workers=0)
    analyzer.update({path: state[path] + addition})
    assert set(analyzer.relinked) == again


@pytest.mark.parametrize(
    ("files", "pairs"),
    [
        (
            {
                "a.py": "class A:\n    class I: ...\n",
                "b.py": (
                    "import a\nclass B(a.A): ...\nclass C(a.A):\n    class A(a.A.I): ...\n"
                    "class A(a.A): ...\n"
                ),
            },
            {("B", "A"), ("C", "A"), ("C.A", "A.I"), ("A", "A")},
        ),
        (
            {
                "Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\n',
                "src/lib.rs": "mod a;\nuse a::A;\nstruct B;\nimpl A for B {}\ntrait T: A {}\n",
                "src/a.rs": "pub trait A {}\n",
            },
            {("B", "A"), ("T", "A")},
        ),
        (
            {"a.rb": "class A\nend\n", "b.rb": 'require_relative "a"\nclass B < A\nend\n'},
            {("B", "A")},
        ),
    ],
    ids=["python", "rust", "ruby"],
)
def test_what_inherits_is_the_type_not_what_is_around_it(
    files: State, pairs: set[tuple[str, str]]
) -> None:
    edges = DependencyAnalyzer(files, workers=0).graph.symbol_edges
    assert {(e.source_symbol, e.target_symbol) for e in edges if e.kind == "inherit"} == pairs
