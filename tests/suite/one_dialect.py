"""Stores in files share what SQLAlchemy has compiled, however many of them a process opens one after the other.

crmsync keeps it for each place of a store, and a process of its own has one. Tests have thousands of stores: 60 ms
for each run over a new one went into compiling the same statements again. Importing this is enough.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory

from sqlalchemy import URL, Engine
from sqlalchemy.util import LRUCache

from crmsync.store.dialects import sqlite

_made = sqlite._engine
with TemporaryDirectory() as _folder:
    _FIRST = _made(URL.create("sqlite", database=f"{_folder}/first.db"))
    _FIRST.connect().close()  # a dialect learns at its first connection what the library at hand can do
    _FIRST.dispose()
_COMPILED = LRUCache[object, object](1000)  # more than there are statements


def _sharing(url: URL) -> Engine:
    engine = _made(url)
    engine.dialect = _FIRST.dialect  # part of the key that something compiled is found by
    engine.update_execution_options(compiled_cache=_COMPILED)
    return engine


sqlite._ENGINES = sqlite.SharedEngines(_sharing)
