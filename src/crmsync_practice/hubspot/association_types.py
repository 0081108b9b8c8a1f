"""HubSpot-defined association types: which numbers join which objects, and how they are called.

Numbers: wire notes, section 3.1 (SRC: hubspot-api-client's association_type.py and the documentation's table).
Each row: from, to, type number from -> to, type number back, label (None = unlabelled).
"""

from __future__ import annotations

from dataclasses import dataclass

_TABLE: tuple[tuple[str, str, int, int | None, str | None], ...] = (
    ("contact", "company", 279, 280, None),
    ("contact", "company", 1, 2, "Primary"),
    ("contact", "deal", 4, 3, None),
    ("deal", "company", 341, 342, None),
    ("deal", "company", 5, 6, "Primary"),
    ("contact", "ticket", 15, 16, None),
    ("ticket", "company", 339, 340, None),
    ("ticket", "company", 26, 25, "Primary"),
    ("deal", "ticket", 27, 28, None),
    ("contact", "call", 193, 194, None),
    ("contact", "email", 197, 198, None),
    ("contact", "meeting", 199, 200, None),
    ("contact", "note", 201, 202, None),
    ("contact", "task", 203, 204, None),
    ("contact", "communication", 82, 81, None),
    ("contact", "quote", 70, 69, None),
    ("contact", "feedback_submission", 97, 98, None),
    ("contact", "postal_mail", 454, 453, None),
    ("company", "quote", 72, 71, None),
    ("company", "postal_mail", 460, 459, None),
    ("company", "communication", 88, 87, None),
    ("deal", "line_item", 19, 20, None),
    ("deal", "quote", 63, 64, None),
    ("deal", "postal_mail", 458, 457, None),
    ("deal", "communication", 86, 85, None),
    ("ticket", "feedback_submission", 99, 100, None),
    ("ticket", "postal_mail", 456, 455, None),
    ("ticket", "communication", 84, 83, None),
    ("quote", "line_item", 67, 68, None),
    ("quote", "task", 217, 218, None),
    ("company", "call", 181, 182, None),
    ("company", "email", 185, 186, None),
    ("company", "meeting", 187, 188, None),
    ("company", "note", 189, 190, None),
    ("company", "task", 191, 192, None),
    ("deal", "call", 205, 206, None),
    ("deal", "email", 209, 210, None),
    ("deal", "meeting", 211, 212, None),
    ("deal", "note", 213, 214, None),
    ("deal", "task", 215, 216, None),
    ("ticket", "call", 219, 220, None),
    ("ticket", "email", 223, 224, None),
    ("ticket", "meeting", 225, 226, None),
    ("ticket", "note", 227, 228, None),
    ("ticket", "task", 229, 230, None),
    ("lead", "contact", 608, 609, None),
    ("lead", "contact", 578, 579, "Primary"),
    ("lead", "company", 610, 611, None),
    ("lead", "company", 580, 581, "Primary"),
    ("lead", "call", 596, 597, None),
    ("lead", "email", 598, 599, None),
    ("lead", "meeting", 600, 601, None),
    ("lead", "note", 854, 855, None),
    ("lead", "task", 646, 647, None),
    ("lead", "deal", 1037, 1038, None),
    ("company", "company", 450, 450, None),
    ("contact", "contact", 449, 449, None),
    ("call", "meeting", 399, 400, None),
)
"""Numbers of communications with companies, deals and tickets, and the back numbers of 578, 580 and 598, are not
documented (MEM); 449 and 450 are contact/company to its own kind.
"""


@dataclass(frozen=True)
class AssociationType:
    """One directed association type; `inverse` is its number in the other direction."""

    origin: str
    target: str
    number: int
    inverse: int
    label: str | None
    category: str = "HUBSPOT_DEFINED"

    @property
    def v3_name(self) -> str:
        """The name v3 answers use, e.g. `contact_to_company` (primary) and `contact_to_company_unlabeled`."""
        name = f"{self.origin}_to_{self.target}"
        has_primary = any(t.label for t in types_between(self.origin, self.target))
        return f"{name}_unlabeled" if has_primary and self.label is None else name


def _expand() -> dict[tuple[str, str], list[AssociationType]]:
    found: dict[tuple[str, str], list[AssociationType]] = {}
    for origin, target, there, back, label in _TABLE:
        inverse = there if back is None else back
        found.setdefault((origin, target), []).append(AssociationType(origin, target, there, inverse, label))
        if origin != target:
            found.setdefault((target, origin), []).append(AssociationType(target, origin, inverse, there, label))
    return found


_BETWEEN = _expand()


def types_between(origin: str, target: str) -> list[AssociationType]:
    """The defined types between two singular object names, the unlabelled default first; empty if none."""
    return _BETWEEN.get((origin, target), [])
