"""Whose turn it is: the schedule goes before tellings, and neither stands in the other's way for long."""

from __future__ import annotations

import threading

from crmsync.operations.run.turn import TurnOfRuns

PATIENCE = 30.0


def begun(turn: TurnOfRuns) -> tuple[threading.Thread, threading.Event, threading.Event]:
    """A run of the schedule in a thread of its own; set when it has begun, and to be set for it to end."""
    began, over = threading.Event(), threading.Event()

    def run() -> None:
        with turn.of_schedule() as begins:
            if begins:
                began.set()
                over.wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, began, over


def test_tellings_have_no_turn_while_the_schedule_is_at_work() -> None:
    turn = TurnOfRuns()
    with turn.of_schedule() as begins:
        assert begins
        with turn.of_tellings() as other:
            assert not other
        with turn.of_schedule() as another:
            assert not another
    with turn.of_tellings() as begins:
        assert begins
        with turn.of_tellings() as other:
            assert not other


def test_the_schedule_waits_for_tellings_and_is_next() -> None:
    turn = TurnOfRuns()
    with turn.of_tellings() as begins:
        assert begins
        thread, began, over = begun(turn)
        for _ in range(3_000):
            if turn.awaited:
                break
            began.wait(0.01)
        assert turn.awaited
        assert not began.is_set()
        with turn.of_schedule() as another:
            assert not another, "one that waits is enough"
    assert began.wait(PATIENCE)
    with turn.of_tellings() as begins:
        assert not begins
    over.set()
    thread.join(PATIENCE)
    assert not turn.awaited
    with turn.of_tellings() as begins:
        assert begins


def test_who_waits_is_before_tellings_that_come_later() -> None:
    """Also in the moment in which the one before has ended and the one that waits has not woken up yet."""
    turn = TurnOfRuns()
    turn._awaited = True
    with turn.of_tellings() as begins:
        assert not begins
    turn._awaited = False
    with turn.of_tellings() as begins:
        assert begins
