"""What is done about a plan: made, approved in part or whole, dropped; a run taken back as a plan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from urllib.parse import quote

from starlette.requests import Request

from crmsync.console.chosen import number_in
from crmsync.console.forms import Form
from crmsync.console.saving import address
from crmsync.console.shown import Elsewhere, Shown, refused
from crmsync.console.site import Site
from crmsync.console.visitor import needs, visitor_of
from crmsync.errors import UsageError
from crmsync.operations.history.runs import run_line
from crmsync.operations.run.waiting_plans import LONGEST_REASON, Approval, carry_out, make_plan
from crmsync.progress import Progress
from crmsync.settings import Settings
from crmsync.store import KeptPlan, Store
from crmsync.tongue import to_say

_NO_REASON = to_say("Say why: whoever looks later reads it in the log.")
_NOBODY = to_say("No lead was chosen.")
_CHANGED = to_say("Another plan was made meanwhile. Look at this one, and approve it.")
_ONLY_ADMINS = to_say("Only an admin lets a plan through its guards.")
_WHOSE = to_say("Say whose leads go to others.")
_BUSY = to_say("Something is at work on this connection already.")


@needs("approver")
def made(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """The CRM is read, and the plan kept in the place of the one before."""
    connection, visitor = request.path_params["connection"], visitor_of(request)
    settings.connection(connection)

    def job(progress: Progress, _stop: Callable[[], bool]) -> object:
        return make_plan(settings, connection, by=visitor.name, now=site.now, progress=progress)

    return _begun(site, settings, connection, site.works.begin(connection, "making", visitor.name, job), form)


@needs("approver")
def taken_back(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """What would take the run back, as a plan. Raises `UsageError` for a run that there is not."""
    run, visitor = number_in(request), visitor_of(request)
    connection = run_line(settings, run).connection
    settings.connection(connection)

    def job(progress: Progress, _stop: Callable[[], bool]) -> object:
        return make_plan(settings, connection, undo_of=run, by=visitor.name, now=site.now, progress=progress)

    return _begun(
        site, settings, connection, site.works.begin(connection, "undoing", visitor.name, job, about=run), form
    )


@needs("approver")
def handed_on(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Who would get the leads of somebody who leaves, as a plan: what `crmsync redistribute` does."""
    connection, visitor = request.path_params["connection"], visitor_of(request)
    settings.connection(connection)
    leavers = tuple(filter(None, (each.strip() for each in form.all_of("from"))))
    if not leavers:
        return refused(site.tongue(settings).say(_WHOSE), address("routing", connection=connection), form)

    def job(progress: Progress, _stop: Callable[[], bool]) -> object:
        return make_plan(settings, connection, leavers=leavers, by=visitor.name, now=site.now, progress=progress)

    begun = site.works.begin(connection, "making", visitor.name, job, about=leavers)
    return _begun(site, settings, connection, begun, form)


@needs("approver")
def approved(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """What was ticked, or all of it, is written; what is not approved waits on."""
    connection, visitor = request.path_params["connection"], visitor_of(request)
    settings.connection(connection)
    tongue, reason = site.tongue(settings), form.get("reason", "").strip()
    everything, let_through = form.get("which") == "all", form.get("let_through") == "yes"
    leads = None if everything else frozenset(form.all_of("lead"))
    with closing(Store(settings.store)) as store:
        plan = store.plans.of(connection)
    refusal = None
    if plan is None or form.get("plan") != str(plan.id):
        refusal = _CHANGED
    elif not reason or len(reason) > LONGEST_REASON:
        refusal = _NO_REASON
    elif leads is not None and not leads:
        refusal = _NOBODY
    elif let_through and not visitor.may("admin"):
        refusal = _ONLY_ADMINS
    if refusal is not None or plan is None:
        return refused(tongue.say(refusal or _CHANGED), _path(connection), form)
    approval = Approval(plan.id, leads, visitor.name, reason, let_through)

    def job(progress: Progress, stop: Callable[[], bool]) -> object:
        return carry_out(settings, connection, approval, now=site.now, progress=progress, stop=stop)

    begun = site.works.begin(connection, "writing", visitor.name, job, about=approval)
    return _begun(site, settings, connection, begun, form)


@needs("approver")
def dropped(site: Site, settings: Settings, request: Request, form: Form) -> Shown | Elsewhere:
    """Nobody wants the plan. Raises `UsageError` where there is another one."""
    connection, visitor = request.path_params["connection"], visitor_of(request)
    settings.named((connection,))
    with closing(Store(settings.store)) as store:
        plan = _refuse_one_that_waits_no_longer(store.plans.of(connection), form)
        if plan.state == "at_work":  # cut off, unless somebody holds the connection, who is told then
            with store.hold(connection, now=site.now()):
                store.plans.carried_out(connection, plan.id, None, {})
        if not store.plans.drop(connection, plan.id):
            _refuse_one_that_waits_no_longer(store.plans.of(connection), form)
            raise UsageError("this plan is being carried out", hint="look at what became of it")
        about = {"plan": plan.id, "open": plan.open}
        store.console.note("plan_dropped", now=site.now(), person=visitor.name, connection=connection, about=about)
    return _to(connection)


@needs("approver")
def read(site: Site, settings: Settings, request: Request, _form: Form) -> Elsewhere:
    """How the last work ended was read."""
    connection = request.path_params["connection"]
    settings.named((connection,))
    site.works.forget(connection)
    return _to(connection)


def _refuse_one_that_waits_no_longer(plan: KeptPlan | None, form: Form) -> KeptPlan:
    """The plan that the form is about, if it waits."""
    if plan is None or form.get("plan") != str(plan.id):
        raise UsageError("this plan waits no longer", hint="look at the one that does")
    return plan


def _begun(site: Site, settings: Settings, connection: str, begun: bool, form: Form) -> Shown | Elsewhere:
    if begun:
        return _to(connection)
    return refused(site.tongue(settings).say(_BUSY), _path(connection), form)


def _to(connection: str) -> Elsewhere:
    return Elsewhere(_path(connection))


def _path(connection: str) -> str:
    return f"/plan/{quote(connection, safe='')}"
