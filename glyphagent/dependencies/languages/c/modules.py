"""C++20 modules: the file that declares a module or one of its partitions."""

from __future__ import annotations

from glyphagent.dependencies.facts import Interface
from glyphagent.dependencies.languages import language_module
from glyphagent.dependencies.world import World


def c_files(world: World) -> tuple[str, ...]:
    """All C and C++ files of the set, sorted."""
    return tuple(path for path in world.files() if language_module(path) == "c")


def module_file(world: World, asking: Interface, name: str) -> str:
    """Path of the file that declares a module, empty if the set has none."""
    whole = f"{asking.package.partition(':')[0]}{name}" if name.startswith(":") else name
    return _modules(world).get(whole, "")


def _modules(world: World) -> dict[str, str]:
    def make() -> dict[str, str]:
        found: dict[str, str] = {}
        for path in c_files(world):
            interface = world.interface(path)
            if interface is not None and interface.package and "module" in interface.extra:
                found.setdefault(interface.package, path)
        return found

    return world.memo("c.modules", "", make, {})
