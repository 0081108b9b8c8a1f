"""A kind of import contract of our own: what some modules may reach, and nothing else.

import-linter's own kinds name what is forbidden, so whatever nobody thought of is allowed. This one names what is
allowed, and looks through our own modules: a permitted one must not bring along what is not. Packages from outside
are looked at by their name only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Reach(Contract):
    """`source_modules` (with all below them) reach each other, `may_reach`, and nothing else, by whatever way.

    What they may reach of ours is held to the same, whether they reach it today or not. `within`: only imports of
    these packages are looked at; left out = all, the standard library and third parties too.
    """

    type_name = "reach"

    source_modules = fields.ListField(subfield=fields.StringField())
    may_reach = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    within = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Called by import-linter. `chains`: the shortest way to each module that is out of reach."""
        sources, allowed, within = _texts(self.source_modules), _texts(self.may_reach), _texts(self.within)
        if missing := sorted({*sources, *within} - graph.modules):
            raise ValueError(f"there is no module {', '.join(missing)}")
        ours = [name for name in allowed if name in graph.modules and not graph.is_module_squashed(name)]
        begin = {module for name in [*sources, *ours] for module in (name, *graph.find_descendants(name))}
        chains = list(_chains(graph, begin, [*sources, *allowed], within))
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Called by import-linter. The ways, each on a line."""
        for chain in check.metadata["chains"]:
            output.print_error(f"{chain[0]} must not reach {chain[-1]}:", bold=False)
            output.print_error(f"-   {' -> '.join(chain)}", bold=False)
            output.new_line()


def _texts(value: Any) -> Sequence[str]:
    return value or []


def _chains(
    graph: ImportGraph, begin: Iterable[str], allowed: Sequence[str], within: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Breadth first, on from allowed modules only, so that each module out of reach is told once."""
    ways = {module: (module,) for module in sorted(begin)}
    waiting = list(ways)
    while waiting:
        module = waiting.pop(0)
        if graph.is_module_squashed(module):
            continue
        for imported in sorted(graph.find_modules_directly_imported_by(module) - ways.keys()):
            if within and not _below(imported, within):
                continue
            ways[imported] = (*ways[module], imported)
            if _below(imported, allowed):
                waiting.append(imported)
            else:
                yield ways[imported]


def _below(module: str, packages: Sequence[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
