"""Who does what in sales: by what people are called, else by which leads they own."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.suggest.facts import TAKEN_FROM
from crmsync.suggest.names import phrases_in, words_in
from crmsync.suggest.shapes import OrgUser, PersonSuggestion, StageSuggestion
from crmsync.suggest.vocabulary import NamePhrases

_NO_ROLE = "none"
_COMPOUND = 9
"""Words so long may end a longer one, as in "Regionalverkaufsleiter"."""


def suggested_role(
    user: OrgUser, stage: StageSuggestion, late: Sequence[str], words: NamePhrases
) -> PersonSuggestion:
    """`late`: stages from which a receiver owns the lead."""
    for said, text in (("role", user.role), ("title", user.title), *(("team", team) for team in user.teams)):
        role = _role(text or "", words)
        if role is not None:
            found = None if role == _NO_ROLE else role
            return PersonSuggestion(user.id, found, 0.95, f"{said}: {text}")
    natives = {value for name in late for value in stage.values.get(name, ())}
    if user.owns_leads >= 5 and natives:
        far = sum(count for value, count in user.owns_by_stage if value in natives)
        share = far / user.owns_leads
        told = f"owns {user.owns_leads} leads, {far} of them at {late[0]} or later"
        if share >= 0.8:
            return PersonSuggestion(user.id, "ae", TAKEN_FROM, told)
        if share <= 0.2:
            return PersonSuggestion(user.id, "bdr", TAKEN_FROM, told)
        return PersonSuggestion(user.id, None, 0.0, told)
    return PersonSuggestion(user.id, None, 0.0, "nothing says what this person does")


def _role(text: str, words: NamePhrases) -> str | None:
    """The longest phrase counts: an account manager is no manager."""
    read = words_in(text)
    within = [*phrases_in(read, words.roles)]
    within += [
        phrase
        for phrase in words.roles
        if len(phrase) == 1 and len(phrase[0]) >= _COMPOUND and read and read[0].endswith(phrase[0])
    ]
    if not within:
        return _composed("".join(read), words)
    longest = max(within, key=lambda phrase: (len(phrase), len("".join(phrase))))
    sells = any(word.startswith(it) for word in read for it in words.selling)
    leads_others = words.roles[longest] == "manager" and len(longest) == 1 and len(read) > 1 and not sells
    return _NO_ROLE if leads_others and len(longest[0]) <= _COMPOUND else words.roles[longest]


def _composed(name: str, words: NamePhrases) -> str | None:
    """Of what a title is made: whom it leads, whom it calls or visits; what is beside sales has no role."""
    sells = words.has("sales", name)
    if words.has("aside", name):
        return _NO_ROLE
    if words.has("leading", name):
        return "manager" if sells else None
    if words.has("calling", name):
        return "bdr"
    return "ae" if words.has("closing", name) else None
