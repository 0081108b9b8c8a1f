"""What a page says that cannot be shown, and a form that was not taken: what is wrong, and the way on."""

from __future__ import annotations

from pathlib import PurePath

from starlette.requests import Request

from crmsync.console.inside import page_asked_from
from crmsync.console.next_steps import Next, next_of
from crmsync.console.shown import Shown
from crmsync.console.visitor import Visitor
from crmsync.errors import ConfigurationError, CrmsyncError, UsageError
from crmsync.operations.edit.saved import ChangedMeanwhile
from crmsync.settings import Role
from crmsync.tongue import Tongue, to_say

_FILES_WRONG = to_say("The files of the configuration are not right.")
_MEND = to_say("Change the policy here")
_MAY_NOT = {
    "viewer": to_say("You have to sign in to see this."),
    "approver": to_say("This is for people who may approve."),
    "admin": to_say("This is for admins."),
}
_LOOKS_ONLY = to_say("This console only looks: `crmsync console --as admin` starts one that may do more.")
_ASK = to_say("Ask an admin for another role, if it should be yours.")


def told(error: CrmsyncError, tongue: Tongue, policy: str | None) -> Shown:
    """The message and the next step; what there is not is 404, what was changed meanwhile 409, the rest a state of
    this machine.

    `policy`: the name of the file that whoever asks can mend in the console; null = none.
    """
    if not isinstance(error, ConfigurationError):
        status = 409 if isinstance(error, ChangedMeanwhile) else 404 if isinstance(error, UsageError) else 503
        return Shown("trouble.html", {"message": error.message, "hint": next_of(error, tongue)}, status)
    mend = next((_MEND for each in error.findings if PurePath(each.file).name == policy), None)
    hint = None if mend is None else Next(tongue.say(mend), "/policy/edit")
    return Shown("trouble.html", {"message": tongue.say(_FILES_WRONG), "hint": hint, "wrong": error.findings}, 503)


def not_now(tongue: Tongue) -> Shown:
    """To somebody who is nobody yet nothing is told of files or store."""
    hint = tongue.say("Whoever runs it finds the reason in its log, and by `crmsync check`.")
    return Shown("trouble.html", {"message": tongue.say("The console cannot be used now."), "hint": hint}, 503)


def with_way_back(request: Request, given: Shown) -> Shown:
    """From a form to the page that it stands on, with what was typed there; what is looked at comes by itself once it
    can be shown.
    """
    if request.method == "POST":
        more = {"way_back": page_asked_from(request), "typed": getattr(request.state, "typed", ())}
        return Shown(given.template, {**given.values, **more}, given.status)
    return Shown(given.template, {**given.values, "again": given.status == 503}, given.status)


def may_not(visitor: Visitor, role: Role, tongue: Tongue) -> Shown:
    """Whose role is not enough, and whom to ask."""
    hint = tongue.say(_LOOKS_ONLY if visitor.name is None else _ASK)
    return Shown("trouble.html", {"message": tongue.say(_MAY_NOT[role]), "hint": hint}, 403)
