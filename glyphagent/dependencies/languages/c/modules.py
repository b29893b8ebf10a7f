"""C++20 modules: the file that declares a module or one of its partitions."""

from __future__ import annotations

from glyphagent.dependencies.languages import language_module
from glyphagent.dependencies.names import head_of
from glyphagent.dependencies.world import World


def c_files(world: World) -> tuple[str, ...]:
    """All C and C++ files of the set, sorted."""
    return tuple(path for path in world.files() if language_module(path) == "c")


def module_file(world: World, package: str, name: str) -> str:
    """Path of the file that declares a module, empty if the set has none.

    Args:
        world: The set.
        package: Module that the asking file belongs to.
        name: The module's name; `:part` is one of the asking file's own.
    """
    whole = f"{package.partition(':')[0]}{name}" if name.startswith(":") else name
    return _modules(world).get(whole, "")


def _modules(world: World) -> dict[str, str]:
    def make() -> dict[str, str]:
        found: dict[str, str] = {}
        for path in c_files(world):
            head = head_of(world, path)
            if head is not None and head.package and "module" in head.extra:
                found.setdefault(head.package, path)
        return found

    return world.memo("c.modules", "", make, {})
