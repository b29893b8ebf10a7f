"""Many ways to ask the same thing come out as the same request."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphagent.symbolic.wording import Request, understand

# Kind, subject, what narrows it; then questions that ask just that.
SAME = {
    ("definition", "load_graph", ""): """
        What's the path of the file that defines load_graph?
        Where would I find load_graph?
        I'm looking for load_graph
        In what file can I find load_graph?
        Which file should I open to see load_graph?
        Where is the code for load_graph?
        Where is the source of load_graph?
        location of load_graph?
        What line is load_graph on?
        Which line number is load_graph at?
        Name the file where load_graph is defined
        where does the definition of load_graph live?
        Where have we defined load_graph?
        Where is load_graph initialised?
        I need to find load_graph.
        Which file is home to load_graph?
        Where's the implementation of load_graph?
        Where was load_graph defined?
        What module does load_graph belong to?
        Which file does load_graph live in?
        Where in this repo can I find the definition of load_graph?
        Show me the definition of load_graph.
        Which package contains load_graph?
        Where can load_graph be found?
        Where, exactly, is load_graph defined?
        load_graph is defined in which file?
        Under which path is load_graph implemented?
        Where is load_graph defined?
        where is `load_graph` defined
        Where's load_graph?
        Which file defines load_graph?
        What file is load_graph defined in?
        In which file is load_graph defined?
        in what module does load_graph live?
        find the definition of load_graph
        Can you find the definition of "load_graph" for me?
        Please locate load_graph.
        Where can I find the load_graph function?
        Where does load_graph come from?
        where do we define load_graph
        Show me where load_graph is defined
        Could you tell me where the function load_graph is implemented in this repository?
        I want to know where load_graph() is declared.
        On which line is load_graph declared?
        What is the location of load_graph?
        which module contains the definition of load_graph
        who defines load_graph
        Where in the codebase is load_graph defined?
        Point me to load_graph
        definition of load_graph
        load_graph definition
        Does this project define a function called load_graph?
        Is there a function named load_graph?
        Hello, do you know where load_graph lives?
        Tell me the file in which load_graph is defined
        Give the file and line where load_graph is defined.
        Which file has load_graph?
        Which source file implements load_graph?
        """,
    ("definition", "Graph.load", ""): """
        Where is Graph.load defined?
        where is the method `Graph.load` implemented?
        Find Graph.load()
        """,
    ("definition", "load", "graph.py"): """
        Is load defined in graph.py?
        Which line of graph.py defines load?
        Where does graph.py define load?
        Does the file graph.py contain a function named load?
        Where is load defined in graph.py?
        Where in graph.py is load defined?
        where in the file `graph.py` is the function `load` defined?
        On which line of graph.py is load defined?
        At what line in graph.py does load sit?
        Does graph.py define load?
        """,
    ("definition", "load", "Graph"): """
        Where is the load method of Graph defined?
        Where is Graph's load method defined?
        where is `load` of class `Graph` defined?
        Does the class Graph have a method called load?
        """,
    ("signature", "load_graph", ""): """
        What are load_graph's parameters?
        what does load_graph expect?
        Arguments of load_graph?
        What are the inputs to load_graph?
        what is the type signature of load_graph
        how does one call load_graph?
        What do I need to pass to load_graph?
        What should I pass to load_graph?
        What does load_graph accept?
        Which options does load_graph take?
        What does the signature of load_graph look like?
        What is the exact signature of the function load_graph?
        Can you show me which parameters load_graph takes?
        What parameters are there in load_graph?
        What does load_graph need as input?
        What is load_graph called with?
        Tell me the arguments that load_graph takes.
        How should load_graph be called?
        What is the signature of load_graph?
        Show me the signature of `load_graph`
        signature of load_graph
        what arguments does load_graph take?
        Which parameters does load_graph accept?
        What are the parameters of load_graph?
        List the arguments of the function load_graph.
        What args does load_graph() expect
        what does load_graph take as arguments?
        How do I call load_graph?
        how is load_graph declared?
        What parameters can be passed to load_graph?
        which arguments can I pass to load_graph?
        What keyword arguments does load_graph support?
        load_graph signature
        Give me the full signature of load_graph, please.
        Print load_graph's signature
        What arguments are accepted by load_graph?
        what inputs does load_graph need
        With which arguments is load_graph defined?
        """,
    ("signature", "load", "Graph"): """
        What is the signature of the load method of Graph?
        what arguments does Graph's load method take?
        Which parameters does load in class Graph take?
        signature of load in Graph
        """,
    ("parameters", "load_graph", ""): """
        How many parameters does load_graph take?
        how many arguments does `load_graph` accept
        """,
    ("returns", "load_graph", ""): """
        What does load_graph return?
        What is the return type of load_graph?
        which type does load_graph return?
        What type is returned by load_graph?
        """,
    ("docstring", "load_graph", ""): """
        What's load_graph's docstring?
        Give me the docs on load_graph
        What is said about load_graph in its docstring?
        What does load_graph's docstring say?
        How does the docstring describe load_graph?
        what's the use of load_graph
        Explain what load_graph does
        Can you explain what load_graph does?
        What is the role of load_graph?
        what does the function load_graph do
        What's load_graph there for?
        What is load_graph meant to do?
        Is there documentation for load_graph?
        Which docstring does load_graph have?
        What does load_graph do?
        What is the docstring of load_graph?
        docstring of load_graph
        show the documentation for load_graph
        What is load_graph documented as?
        How is load_graph documented?
        What is load_graph for?
        What is the purpose of load_graph?
        What does the docstring of load_graph say?
        What does the documentation say about load_graph?
        What is load_graph used for?
        What is load_graph supposed to do?
        Quote the docstring of the function `load_graph`.
        load_graph docs
        Describe load_graph
        What do the docs say about load_graph?
        Read me the docstring for load_graph
        What is the load_graph function responsible for?
        """,
    ("value", "MAX_NODES", ""): """
        Which string is stored in MAX_NODES?
        what number does MAX_NODES hold?
        tell me MAX_NODES's value
        what was MAX_NODES set to?
        Look up the value of MAX_NODES
        How many is MAX_NODES?
        What is MAX_NODES's default?
        What value is MAX_NODES given?
        What is stored in MAX_NODES?
        Which number is behind MAX_NODES?
        MAX_NODES equals what?
        What is MAX_NODES defined as?
        At what value is MAX_NODES fixed?
        What limit is set by MAX_NODES?
        What is the value of MAX_NODES?
        what is MAX_NODES set to?
        How much is MAX_NODES?
        How big is MAX_NODES?
        value of MAX_NODES
        What value does MAX_NODES have?
        What's MAX_NODES's value?
        To what is MAX_NODES set?
        What does MAX_NODES equal?
        what is MAX_NODES equal to
        What is the default value of MAX_NODES?
        What is assigned to MAX_NODES?
        Which value is assigned to MAX_NODES?
        What is the constant MAX_NODES set to?
        what does MAX_NODES default to
        What number is MAX_NODES set to?
        Tell me what MAX_NODES is set to.
        Give me the value of the constant `MAX_NODES` please
        What is MAX_NODES initialised to?
        """,
    ("value", "limit", "Graph"): """
        What is the value of limit in Graph?
        What is Graph's limit set to?
        what is the default value of limit in class Graph?
        """,
    ("imports", "graph.py", ""): """
        What are graph.py's imports?
        Which modules are needed by graph.py?
        what is imported at the top of graph.py?
        On which modules does graph.py depend?
        what external libraries does graph.py pull in?
        List everything imported by graph.py
        List everything that graph.py imports.
        import list of graph.py
        What else does graph.py import?
        Which modules get imported in graph.py?
        Tell me all the things graph.py imports
        Show everything graph.py depends on
        What all does graph.py import?
        Which packages does graph.py rely on?
        From which modules does graph.py import?
        What are the import statements in graph.py?
        Which modules are used in graph.py?
        What does graph.py import?
        Which modules does graph.py import?
        dependencies of graph.py
        What are the dependencies of graph.py?
        What does graph.py depend on?
        List the imports of graph.py
        show all imports in graph.py
        What is imported by graph.py?
        Which packages are imported in graph.py?
        what imports does graph.py have?
        What modules does the file graph.py use?
        graph.py's imports
        Which libraries does graph.py depend on?
        Which names does graph.py import?
        What does the module graph.py require?
        What imports are in graph.py?
        Which files are imported by graph.py?
        """,
    ("importers", "graph.py", ""): """
        Who is importing graph.py?
        graph.py is imported by whom?
        Where do we import graph.py?
        who depends on graph.py
        Which files rely on graph.py?
        which files import anything from graph.py?
        Which files import from graph.py?
        What other modules import graph.py?
        Give me all files importing graph.py
        What code imports graph.py?
        Which modules are importing from graph.py?
        Where does graph.py get imported?
        List every file that depends on graph.py
        Which files have an import of graph.py?
        Who imports something from graph.py?
        In which modules is graph.py imported?
        What are the dependents of graph.py?
        Which files are dependent on graph.py?
        Who imports graph.py?
        Which files import graph.py?
        which modules depend on graph.py
        What imports graph.py?
        Where is graph.py imported?
        List the files that import graph.py
        Which other files import graph.py?
        importers of graph.py
        What depends on graph.py?
        By which files is graph.py imported?
        Is graph.py imported anywhere?
        Show all modules importing graph.py
        Find the files which require graph.py.
        What are the reverse dependencies of graph.py?
        From where is graph.py imported?
        """,
    ("users", "graph.py", ""): """
        What files use graph.py?
        Which modules use graph.py?
        Who uses graph.py?
        """,
    ("importers", "load_graph", "graph"): """
        Which files import load_graph from graph?
        who imports load_graph from the module graph?
        """,
    ("mentions", "load_graph", ""): """
        Who invokes load_graph?
        Which files reference load_graph?
        What are the callers of load_graph?
        show usages of load_graph
        where is load_graph being called from?
        Where does load_graph get called?
        Which classes use load_graph?
        Where are calls to load_graph?
        Which lines call load_graph?
        Which files call load_graph?
        In which functions is load_graph used?
        Where can I see load_graph being used?
        What are all the places where load_graph is used?
        show every use of load_graph
        Where do calls to load_graph happen?
        Which other functions call load_graph?
        Give me all places that call load_graph
        Where in the code is load_graph used?
        By whom is load_graph called?
        What uses of load_graph are there?
        Where is load_graph used?
        Where is load_graph mentioned?
        Where is `load_graph` called?
        where is load_graph referenced in the code?
        Who calls load_graph?
        Which files mention load_graph?
        Who mentions load_graph?
        What calls load_graph?
        List all usages of load_graph.
        Find all references to load_graph
        Show me the callers of load_graph.
        which functions call load_graph
        Where do we use load_graph?
        In which files is load_graph used?
        How often is load_graph used?
        Is load_graph used anywhere?
        From where is load_graph called?
        Which lines mention load_graph?
        where does load_graph appear?
        occurrences of load_graph
        In what files does load_graph occur?
        Which files contain load_graph?
        Where else is load_graph called from?
        """,
    ("outline", "graph.py", ""): """
        What's inside graph.py?
        Which symbols are exported by graph.py?
        What are the functions of graph.py?
        Functions in graph.py?
        Give me a list of the classes in graph.py
        show the structure of graph.py
        list everything in graph.py
        Show all definitions in graph.py
        Which things are defined in graph.py?
        What can I find in graph.py?
        Which names does graph.py define?
        What functions are available in graph.py?
        Tell me what graph.py contains
        What classes live in graph.py?
        Describe the contents of graph.py
        What is there in graph.py?
        how many classes are defined in graph.py
        Count the functions in graph.py
        What is in graph.py?
        what's in the file graph.py
        What does graph.py contain?
        What does graph.py define?
        List the classes in graph.py
        list all functions and classes in graph.py
        Which functions are defined in graph.py?
        What functions does graph.py have?
        which classes does graph.py define
        Show me the outline of graph.py
        contents of graph.py
        How many functions are in graph.py?
        What constants are there in graph.py?
        give me an overview of graph.py
        Which functions can be found in graph.py
        Name the functions that graph.py defines.
        What is defined in graph.py?
        Enumerate the methods of graph.py
        What all is inside graph.py?
        """,
    ("outline", "Graph", ""): """
        What methods are there on Graph?
        Which methods belong to Graph?
        methods of Graph
        What is in the class Graph?
        Show the methods defined on Graph
        Which methods does class Graph have?
        What methods does Graph define?
        list the methods of Graph
        What are the methods of the class Graph?
        Show me the attributes of Graph
        members of class Graph
        How many methods does the class Graph have?
        What are Graph's methods?
        which methods are defined in class Graph?
        What members does the Graph class have?
        """,
    ("bases", "Graph", ""): """
        What are the bases of Graph?
        Which classes does Graph inherit from?
        What is Graph's base class?
        Of which class is Graph a subclass?
        What is Graph a subclass of?
        What does Graph inherit from?
        Which class does Graph extend?
        what are the base classes of Graph
        What is the parent class of Graph?
        """,
    ("subclasses", "Graph", ""): """
        Which classes derive from Graph?
        Which exceptions inherit from Graph?
        Who inherits from Graph?
        What classes are based on Graph?
        Does anything inherit from Graph?
        Which classes inherit from Graph?
        What are the subclasses of Graph?
        who extends Graph
        List the subclasses of Graph
        Which classes subclass Graph?
        """,
    ("describe", "Graph", ""): """
        What is Graph?
        what's `Graph`
        Tell me about Graph
        """,
    ("signature", "Graph", ""): """
        What arguments does the constructor of Graph take?
        What does the Graph constructor take?
        signature of the constructor of Graph
        Which parameters does the Graph constructor accept?
        What do I pass to the constructor of Graph?
        """,
    ("mentions", "GraphError", ""): """
        Where is GraphError raised?
        Who raises GraphError?
        Which functions raise GraphError?
        Where do we raise GraphError?
        Where is GraphError thrown?
        Where is GraphError caught?
        """,
}
REASONING = """
    Why does load_graph fail on empty input?
    How does the cache work?
    Is Graph thread safe?
    Where is authentication handled?
    What is the difference between Graph and Tree?
    What happens when load_graph gets a wrong path?
    Explain how load_graph finds its edges.
    How would I add a new edge type?
    Should load_graph be async?
    Which design pattern does Graph follow?
    When is load_graph called before save_graph?
    Write a test for load_graph.
    Is there a bug in graph.py?
    Where is load_graph called with a negative limit?
    What does load_graph do when the file is missing?
    What is the value of the limit after two calls?
    Summarize this project.
    """


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


@pytest.mark.parametrize(
    ("expected", "question"),
    [(key, line) for key, text in SAME.items() for line in _lines(text)],
)
def test_every_phrasing_is_understood(expected: tuple[str, str, str], question: str) -> None:
    found = understand(question)
    assert [(each.kind, each.subject, each.within) for each in found] == [expected]


@pytest.mark.parametrize("question", _lines(REASONING))
def test_questions_that_need_reasoning_are_declined(question: str) -> None:
    assert understand(question) == ()


def test_the_words_around_a_name_are_kept() -> None:
    assert understand("Which methods does class Graph have?") == (
        Request("outline", "Graph", hint="class", members=("method",)),
    )
    assert understand("list the functions and constants in a/b.py")[0].members == (
        "function",
        "constant",
    )
    assert understand("Which third-party modules does a.py import?")[0].detail == "external"
    assert understand("Who calls `f`?")[0].detail == "call"
    assert understand("Does a.py import os.path?") == (
        Request("imports", "a.py", detail="ask", object="os.path"),
    )


def test_words_of_the_sentences_are_names_only_where_the_source_has_them() -> None:
    assert understand("Where is call defined?") == ()
    assert [e.subject for e in understand("Where is call defined?", {"call"}.__contains__)] == [
        "call"
    ]
    assert [e.subject for e in understand("Where is `call` defined?")] == ["call"]


def test_names_joined_by_and_are_asked_for_one_by_one() -> None:
    found = understand("Where are `load` and `save` defined?")
    assert [each.subject for each in found] == ["load", "save"]
    found = understand("What are the values of MAX_NODES, MAX_EDGES and MAX_DEPTH?")
    assert [each.subject for each in found] == ["MAX_NODES", "MAX_EDGES", "MAX_DEPTH"]


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Where is `def load(self, path)` defined?", "load"),
        ("where is 'class Graph' defined", "Graph"),
        ("What does “load_graph” do?", "load_graph"),
        ("Where is __init__ defined?", "__init__"),
        ("What is the signature of load_graph(path, limit=3)?", "load_graph"),
        ("Where is @cached defined?", "cached"),
        ("What does `import` do?", "import"),
        ("What does ./src/graph.py import?", "./src/graph.py"),
        ("where is $store defined", "$store"),
        ("What is in __init__.py?", "__init__.py"),
        ("Where is the class `Graph<T>` defined?", "Graph<T"),
    ],
)
def test_names_lose_the_marks_around_them(question: str, subject: str) -> None:
    assert [each.subject for each in understand(question)] == [subject]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("where is the what does of in `a.py'?,() "), max_size=400))
def test_any_text_is_understood_or_declined_quickly(question: str) -> None:
    start = time.process_time()
    found = understand(question)
    assert time.process_time() - start < 2
    assert all(each.subject for each in found)
