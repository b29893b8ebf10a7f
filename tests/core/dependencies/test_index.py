"""Definitions, imports and mentions over several files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glyphagent.dependencies import SymbolIndex, extract

TEXTS = {
    "app/__init__.py": "from .client import Client\n",
    "app/client.py": (
        "from . import errors\n\n\nclass Base:\n    def get(self): ...\n\n"
        "    def close(self): ...\n\n\n"
        "class Client(Base):\n    def get(self, url):\n        return send(url)  # send\n\n\n"
        "def send(url): ...\n"
    ),
    "app/errors.py": "class ClientError(Exception): ...\n",
    "web/client.js": (
        'import { send } from "./send.js";\nexport class Client { get(u) { send(u) } }\n'
    ),
    "web/send.js": "export function send(u) {}\n",
    "README.md": "Call send, resend or self.send(x); Client.get too.\n",
}
INDEX = SymbolIndex.build(TEXTS)


def places(name: str) -> list[str]:
    return [str(each.header) for each in INDEX.definitions(name)]


def test_names_are_found_bare_dotted_and_qualified() -> None:
    assert places("Client") == ["app/client.py:10", "web/client.js:2"]
    assert places("Client.get") == ["app/client.py:11", "web/client.js:2"]
    assert places("app.client.Client.get") == ["app/client.py:11"]
    # The class is defined in app/client.py and taken into app/__init__.py.
    assert places("app.Client") == ["app/client.py:10"]
    assert places("Client#get") == places("Client::get") == places("Client.get")
    assert places("client") == places("Client.got") == places("") == []


def test_members_of_bases_are_inherited() -> None:
    assert places("Client.close") == []
    assert [str(each.header) for each in INDEX.inherited("Client.close")] == ["app/client.py:7"]
    assert INDEX.inherited("Client.missing") == ()


def test_circular_bases_end() -> None:
    index = SymbolIndex.build({"a.py": "class A(B): ...\nclass B(A): ...\n"})
    assert index.inherited("A.missing") == ()


def test_suggestions_begin_with_the_same_letters_in_other_case() -> None:
    assert INDEX.suggestions("client")[0] == "Client"
    assert "ClientError" in INDEX.suggestions("ClientEror")
    assert INDEX.suggestions("entirely_other") == ()


def test_imports_in_both_directions() -> None:
    assert [each.resolved for each in INDEX.imports_of("app/client.py")] == [("app/errors.py",)]
    assert [each.path for each in INDEX.importers_of("app/client.py")] == ["app/__init__.py"]
    assert [each.path for each in INDEX.importers_of("web/send.js")] == ["web/client.js"]
    assert INDEX.importers_of("README.md") == ()


def test_mentions_are_whole_words_in_every_file() -> None:
    found = [(each.path, each.line, each.count, each.defines) for each in INDEX.mentions("send")]
    assert found == [
        ("app/client.py", 12, 2, False),
        ("app/client.py", 15, 1, True),
        ("web/client.js", 1, 2, False),
        ("web/client.js", 2, 1, False),
        ("web/send.js", 1, 1, True),
        ("README.md", 1, 2, False),
    ]
    assert INDEX.mentions("send")[0].within == "Client.get"
    assert INDEX.mentions("sen") == ()


def test_paths_are_matched_by_tail_stem_and_module() -> None:
    assert INDEX.match_path("app/client.py") == ("app/client.py",)
    assert INDEX.match_path("client.py") == ("app/client.py",)
    assert INDEX.match_path("./app/errors.py") == ("app/errors.py",)
    assert INDEX.match_path("app.client") == ("app/client.py",)
    assert INDEX.match_path("app/client") == ("app/client.py",)
    assert INDEX.match_path("client") == ("app/client.py", "web/client.js")
    assert INDEX.match_path("app") == ("app/__init__.py",)
    assert INDEX.match_path("readme.md") == ("README.md",)
    assert INDEX.match_path("other/client.py") == ()
    assert INDEX.match_path("lient.py") == ()


def test_the_root_may_be_named() -> None:
    index = SymbolIndex.build(TEXTS, root_name="project")
    assert index.match_path("project/app/client.py") == ("app/client.py",)
    assert index.match_path("project.app.client") == ("app/client.py",)
    assert [d.path for d in index.definitions("project.app.client.Base")] == ["app/client.py"]
    assert index.match_path("other.app.client") == ()


def test_folders_are_matched() -> None:
    assert INDEX.match_folder("web") == ("web/client.js", "web/send.js")
    assert INDEX.match_folder("we") == ()


def test_members_of_a_class() -> None:
    (client,) = INDEX.definitions("app.client.Client")
    assert [each.name for each in INDEX.members(client)] == ["get"]


@given(st.sets(st.sampled_from(sorted(TEXTS))))
def test_extracts_at_hand_change_nothing(known: set[str]) -> None:
    extracted = {path: extract(path, TEXTS[path]) for path in known}
    assert SymbolIndex.build(TEXTS, extracted=extracted).files == INDEX.files
