"""Which file an import names, among a set of paths."""

from __future__ import annotations

import pytest

from glyphagent.dependencies import SymbolIndex


def resolved(texts: dict[str, str], path: str, root_name: str = "") -> list[tuple[str, ...]]:
    index = SymbolIndex.build(texts, root_name=root_name)
    return [each.resolved for each in index.imports_of(path)]


def with_import(paths: list[str], path: str, statement: str) -> tuple[str, ...]:
    texts = dict.fromkeys(paths, "") | {path: statement}
    (found,) = resolved(texts, path)
    return found


PACKAGE = [
    "app/__init__.py",
    "app/core.py",
    "app/web/__init__.py",
    "app/web/views.py",
    "app/json.py",
]


@pytest.mark.parametrize(
    ("path", "statement", "expected"),
    [
        ("app/main.py", "import app.core", ("app/core.py",)),
        ("app/main.py", "from app import core", ("app/core.py",)),
        ("app/main.py", "from app import VERSION", ("app/__init__.py",)),
        ("app/main.py", "from app import VERSION, core", ("app/core.py", "app/__init__.py")),
        ("app/main.py", "from . import core", ("app/core.py",)),
        ("app/main.py", "from .core import run", ("app/core.py",)),
        ("app/web/x.py", "from ..core import run", ("app/core.py",)),
        ("app/web/x.py", "from . import views, y", ("app/web/views.py", "app/web/__init__.py")),
        ("app/web/x.py", "from .. import *", ("app/__init__.py",)),
        ("app/main.py", "import json", ()),
        ("app/main.py", "import numpy", ()),
        ("app/main.py", "from ....far import x", ()),
        ("tests/test_app.py", "from app.web.views import page", ("app/web/views.py",)),
        ("app/main.py", "import importlib; importlib.import_module('app.core')", None),
    ],
)
def test_python(path: str, statement: str, expected: tuple[str, ...] | None) -> None:
    if expected is None:
        texts = dict.fromkeys(PACKAGE, "") | {path: statement}
        assert resolved(texts, path) == [(), ("app/core.py",)]
    else:
        assert with_import(PACKAGE, path, statement) == expected


def test_python_src_layout_and_scripts_beside_each_other() -> None:
    paths = ["src/app/__init__.py", "src/app/core.py", "tools/shared.py"]
    assert with_import(paths, "tests/t.py", "import app.core") == ("src/app/core.py",)
    assert with_import(paths, "tools/run.py", "import shared") == ("tools/shared.py",)
    assert with_import(paths, "tests/t.py", "import shared") == ()


def test_python_folders_without_init() -> None:
    paths = ["app/__init__.py", "app/plain/deep.py", "space/one.py"]
    assert with_import(paths, "app/x.py", "from .plain.deep import a") == ("app/plain/deep.py",)
    assert with_import(paths, "app/x.py", "from app.plain import deep") == ("app/plain/deep.py",)
    assert with_import(paths, "app/x.py", "import space.one") == ("space/one.py",)


def test_a_package_opened_at_its_own_folder_knows_its_name() -> None:
    texts = {
        "__init__.py": "from app._core import run",
        "_core.py": "from app import errors\nimport numpy\ndef run(): ...",
        "errors.py": "",
    }
    assert resolved(texts, "_core.py") == [("errors.py",), ()]
    assert SymbolIndex.build(texts).root_name == "app"
    few = {"__init__.py": "import app", "_core.py": ""}
    assert resolved(few, "__init__.py", root_name="app") == [("__init__.py",)]


@pytest.mark.parametrize("root_name", ["requests", "reqs", "my-checkout", "", "urllib3", "email"])
def test_a_library_with_modules_of_the_same_names_is_not_the_package(root_name: str) -> None:
    texts = {
        "__init__.py": "import urllib3\nfrom .adapters import send",
        "adapters.py": "from urllib3.exceptions import HTTPError, PoolError\n"
        "from urllib3.util import Timeout\nfrom email.utils import quote\n"
        "from idna.exceptions import IDNAError\nfrom .exceptions import HTTPError",
        "exceptions.py": "from urllib3.exceptions import HTTPError as Base\n"
        "class HTTPError(Base): ...",
        "utils.py": "",
    }
    index = SymbolIndex.build(texts, root_name=root_name)
    assert [each.resolved for each in index.imports_of("adapters.py")] == [
        (), (), (), (), ("exceptions.py",),
    ]  # fmt: skip
    assert [each.line for each in index.importers_of("exceptions.py")] == [5]


def test_the_folders_own_name_is_preferred_to_that_of_a_library_which_fits() -> None:
    texts = {
        "__init__.py": "",
        "a.py": "from mine.b import one",
        "b.py": "one = 1\nfrom other.a import mine_too",
        "c.py": "from other.b import one\nfrom other.d import two\nfrom other.d import two",
        "d.py": "two = 2",
    }
    assert resolved(texts, "a.py", "mine") == [("b.py",)]
    assert resolved(texts, "c.py", "mine") == [(), (), ()]


def test_a_renamed_package_is_known_by_what_its_files_import() -> None:
    texts = {
        "__init__.py": "from app.core import run, __version__",
        "core.py": "from app.errors import Broken\ndef run(): ...",
        "errors.py": "class Broken(Exception): ...",
    }
    assert resolved(texts, "core.py", "checkout") == [("errors.py",)]
    assert resolved(texts, "core.py", "my-checkout") == [("errors.py",)]
    assert resolved(texts | {"errors.py": ""}, "core.py", "checkout") == [()]


SCRIPTS = [
    "src/a.ts",
    "src/b/index.ts",
    "src/c.tsx",
    "src/d.mts",
    "src/e.js",
    "src/data.json",
    "lib/f.js",
]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("./a", "src/a.ts"),
        ("./a.js", "src/a.ts"),
        ("./c.js", "src/c.tsx"),
        ("./d.mjs", "src/d.mts"),
        ("./b", "src/b/index.ts"),
        ("./b/", "src/b/index.ts"),
        ("./e.js", "src/e.js"),
        ("./data.json", "src/data.json"),
        ("../lib/f", "lib/f.js"),
        ("./a?raw", "src/a.ts"),
        ("a", None),
        ("../../lib/f", None),
    ],
)
def test_scripts(module: str, expected: str | None) -> None:
    found = with_import(SCRIPTS, "src/main.ts", f'import "{module}";')
    assert found == ((expected,) if expected else ())


def test_scripts_by_the_aliases_of_tsconfig() -> None:
    texts = {
        "web/tsconfig.json": '{ // paths\n "compilerOptions": {"baseUrl": ".",\n'
        ' "paths": {"@/*": ["src/*"], "@/deep/*": ["other/*"],},}}',
        "web/src/a.ts": "",
        "web/other/b.ts": "",
        "web/src/main.ts": 'import "@/a"; import "@/deep/b"; import "src/a"; import "react";',
    }
    assert resolved(texts, "web/src/main.ts") == [
        ("web/src/a.ts",),
        ("web/other/b.ts",),
        ("web/src/a.ts",),
        (),
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"compilerOptions": 3}', '{"compilerOptions": {"paths": []}}']
)
def test_a_strange_tsconfig_is_passed_over(text: str) -> None:
    texts = {"tsconfig.json": text, "a.ts": 'import "./b";', "b.ts": ""}
    assert resolved(texts, "a.ts") == [("b.ts",)]
