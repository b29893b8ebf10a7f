"""What the files of a source set say of each other: definitions, imports and mentions.

`extract` reads one file by itself; `SymbolIndex` puts the files together.
"""

from glyphagent.dependencies.extraction import extract
from glyphagent.dependencies.guarded import extract_all
from glyphagent.dependencies.index import SymbolIndex
from glyphagent.dependencies.symbols import Definition, FileSymbols, Import, Mention

__all__ = [
    "Definition",
    "FileSymbols",
    "Import",
    "Mention",
    "SymbolIndex",
    "extract",
    "extract_all",
]
