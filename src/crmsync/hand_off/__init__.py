"""The hand-off as a process: watched until the receiver is in touch or gives the lead back. Pure.

`resolved_hand_overs` says where each hand-over counts and from whom it takes leads; `judge` what one hand-off under
way asks for; `step` completes a planned change by it, `task` words what the receiver gets; `clock` counts working
hours; `line_of` tells who stands above a hand-over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.hand_off.clock import Clock, clock_of
    from crmsync.hand_off.clocks import ClockReading, ClockRoom, Standing, stopped_by_receiver
    from crmsync.hand_off.judging import Setting, Verdict, judge, over
    from crmsync.hand_off.line import HandOverLine, hand_over_of_each, line_of
    from crmsync.hand_off.resolving import origin_findings, queue_of, resolved_hand_overs, target_findings
    from crmsync.hand_off.state import EndedBy, HandOffEvent, HandOffRecord, LiveHandOff
    from crmsync.hand_off.step import Completing
    from crmsync.hand_off.unmapped import unmapped_findings
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".clock": "Clock clock_of",
            ".clocks": "ClockReading ClockRoom Standing stopped_by_receiver",
            ".judging": "Setting Verdict judge over",
            ".line": "HandOverLine hand_over_of_each line_of",
            ".resolving": "origin_findings queue_of resolved_hand_overs target_findings",
            ".state": "EndedBy HandOffEvent HandOffRecord LiveHandOff",
            ".step": "Completing",
            ".unmapped": "unmapped_findings",
        },
    )

__all__ = [
    "Clock",
    "ClockReading",
    "ClockRoom",
    "Completing",
    "EndedBy",
    "HandOffEvent",
    "HandOffRecord",
    "HandOverLine",
    "LiveHandOff",
    "Setting",
    "Standing",
    "Verdict",
    "clock_of",
    "hand_over_of_each",
    "judge",
    "line_of",
    "origin_findings",
    "over",
    "queue_of",
    "resolved_hand_overs",
    "stopped_by_receiver",
    "target_findings",
    "unmapped_findings",
]
