"""What generated leads have done: for each stage of the ladder, facts and an activity history that earn it.

The evidence follows the examples of the lead-qualification articles (an e-book is early interest, a demo
with a pricing talk and a request for a proposal is an opportunity …), so that common policies agree on
most of these leads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crmsync_practice.firm import GOALS, NEED_DETAILS
from crmsync_practice.records import Value


@dataclass(frozen=True, slots=True)
class Step:
    """One activity to be: `actor` is who did it (`lead`, `bdr` or `ae`)."""

    kind: str
    direction: str | None
    outcome: str | None
    actor: str
    subject: str


def _by_lead(kind: str, subject: str) -> Step:
    return Step(kind, "inbound", None, "lead", subject)


NO_ANSWER = (
    Step("call", "outbound", "no_answer", "bdr", "Call: introduction"),
    Step("call", "outbound", "left_voicemail", "bdr", "Call: introduction"),
    Step("email", "outbound", None, "bdr", "Following up on your visit"),
    Step("task", None, None, "bdr", "Research the account"),
)
TOUCHES = (
    _by_lead("page_view", "Visited the product page"),
    _by_lead("intent_signal", "Viewed our profile on a review site"),
    _by_lead("social_follow", "Follows our company page"),
    *NO_ANSWER,
)
NURTURE = (
    _by_lead("newsletter_signup", "Joined the newsletter"),
    _by_lead("content_download", "Downloaded the e-book on strategy"),
    _by_lead("webinar", "Attended the webinar"),
    _by_lead("webinar_registered", "Registered for the webinar"),
    _by_lead("gated_content", "Read the benchmark report"),
    Step("event", "inbound", "completed", "lead", "Attended our conference session"),
    Step("social_connect", "inbound", None, "bdr", "Connected on LinkedIn"),
)
CONTACT_FORM = (_by_lead("form_submission", "Contact form: please call me back"),)
BDR_TALKS = (
    Step("call", "outbound", "connected", "bdr", "Call: qualification"),
    Step("email", "inbound", "replied", "bdr", "Re: Following up"),
    Step("discovery_call", "outbound", "completed", "bdr", "Discovery call"),
)
REQUESTS = (
    _by_lead("demo_request", "Asked for a demo"),
    _by_lead("pricing_request", "Asked what it costs to implement"),
    _by_lead("consultation_request", "Asked for a consultation"),
)
DEALS = (
    Step("demo", "outbound", "completed", "ae", "Product demo"),
    Step("pricing_talk", "outbound", "completed", "ae", "Pricing talk"),
    _by_lead("proposal_request", "Asked for a proposal"),
    Step("discovery_workshop", "outbound", "completed", "ae", "Discovery workshop"),
    _by_lead("rfp_received", "Sent a detailed RFP"),
    Step("meeting", "outbound", "completed", "ae", "Meeting with the project team"),
)
REFUSALS = (
    Step("call", "outbound", "connected", "bdr", "Call: no project planned"),
    Step("email", "inbound", "replied", "bdr", "Re: not for us"),
    Step("note", None, None, "bdr", "No need, asked not to be called"),
    Step("meeting", "outbound", "no_show", "bdr", "First meeting"),
    Step("meeting", "outbound", "canceled", "bdr", "First meeting"),
)
PLANNED = (
    Step("meeting", "outbound", "scheduled", "bdr", "First meeting"),
    Step("demo", "outbound", "scheduled", "ae", "Product demo"),
    Step("call", "outbound", "scheduled", "bdr", "Call: agreed call-back"),
)

EARNED = ("lead", "mql", "sal", "sql", "sqo", "disqualified", "unmanaged")
SHARES = (0.30, 0.17, 0.17, 0.12, 0.09, 0.09, 0.06)
"""How the generated leads are spread over what they have earned."""


def history(earned: str, pick: Callable[[tuple[Step, ...]], Step], draw: Callable[[], float]) -> list[Step]:
    """The past activities of one lead, oldest first. `pick` chooses a step, `draw` gives 0 to 1."""
    steps = [pick(TOUCHES) for _ in range(int(draw() * 3))]
    if earned == "lead":
        return steps
    if earned == "disqualified":
        return [*steps, pick(REFUSALS), pick(REFUSALS)]
    if earned == "unmanaged":
        return [*steps, pick(NURTURE), *(DEALS[:3] if draw() < 0.5 else ())]
    if earned == "sal" and draw() < 0.7:
        steps += [pick(NURTURE) for _ in range(1 + int(draw() * 3))]
    else:
        steps += CONTACT_FORM
    if earned == "sal":
        steps += [pick(NURTURE), BDR_TALKS[int(draw() * 2)]]
    if earned in {"sql", "sqo"}:
        steps += [pick(NURTURE), pick(NURTURE), BDR_TALKS[0], pick(REQUESTS), BDR_TALKS[2]]
    if earned == "sqo":
        steps += DEALS[:3]
        if draw() < 0.6:
            steps.append(pick(DEALS[3:]))
    return steps


def facts(earned: str, draw: Callable[[], float]) -> dict[str, Value]:
    """What is known of one lead's budget, authority, need, timeline and interest; gaps are frequent
    below SQL.
    """

    def one(*options: str) -> str:
        return options[int(draw() * len(options))]

    if earned == "sqo":
        known: dict[str, Value] = {
            "budget": "available",
            "authority": "decision_maker",
            "need": "clear",
            "timeline": one("now", "this_quarter"),
            "interest": "strong",
            "need_detail": one(*NEED_DETAILS),
        }
        if draw() < 0.4:
            known |= {"business_owner": "yes", "goals": one(*GOALS)}
        return known
    if earned == "sql":
        known = {"authority": one("decision_maker", "influencer"), "need": one("some", "clear"), "interest": "strong"}
        if draw() < 0.5:
            known["timeline"] = one("this_quarter", "this_year", "later")
        if draw() < 0.2:
            known["budget"] = one("available", "none")
        return known
    if earned == "disqualified":
        return {"interest": "none", "need": "none", "budget": one("none", "none", "available"), "timeline": "none"}
    known = {}
    if draw() < 0.35:
        known["interest"] = one("some", "some", "strong") if earned != "lead" else one("none", "some")
    if draw() < 0.2:
        known["need"] = one("none", "some", "some")
    if draw() < 0.15:
        known["authority"] = one("influencer", "user", "none")
    if draw() < 0.1:
        known["timeline"] = one("this_year", "later", "none")
    return known
