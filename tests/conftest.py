"""What every test shares: how hypothesis runs, where caches lie. Other fixtures live in the
folders' own conftest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from glyphagent.dependencies.analyzer import DependencyAnalyzer

# A machine with a GPU may have neither a package index nor the extra [dev]: see `make gpu`.
if find_spec("hypothesis"):
    from hypothesis import settings

    # No deadline: the machines that run this are shared. In CI the same examples every time.
    settings.register_profile("glyphagent", deadline=None, derandomize="CI" in os.environ)
    settings.load_profile("glyphagent")

# A fault in a linker is listed for users; here it fails the test that meets it.
DependencyAnalyzer.strict = True


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of the tests' own: what the user has in theirs decides nothing here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLYPHAGENT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield
