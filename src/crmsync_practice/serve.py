"""Starts the practice CRMs: reads or makes the world, loads the sides, listens, says that it is ready."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.types import ASGIApp

from crmsync_practice import server
from crmsync_practice.backend import Backend, PracticeContext
from crmsync_practice.clock import Clock
from crmsync_practice.configuration import (
    FILES,
    ConfigurationRefused,
    Setting,
    hook_of,
    refuse_existing,
    write_configuration,
)
from crmsync_practice.control import control_app
from crmsync_practice.faults import Faults
from crmsync_practice.generate import generate_world
from crmsync_practice.next_steps import next_steps
from crmsync_practice.records import Crm, World
from crmsync_practice.traffic import Traffic, TrafficMiddleware
from crmsync_practice.world import ImportRefused, read_world, shift_world

USAGE_EXIT = 2


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of `crmsync practice serve`; `today` None means the present day in `timezone`.

    `lead_objects`: which object of each CRM holds the leads; the usual one where none is named.
    `hooks`: where changes are told, as an address without a path. `change_events`: whether Salesforce has an
    event bus.
    """

    crms: tuple[Crm, ...]
    port: int
    leads: int
    seed: int
    import_directory: Path | None
    today: date | None
    timezone: str
    database: Path | None
    config_directory: Path | None
    profile: str
    record: bool
    hooks: str | None = None
    change_events: bool = False
    quiet: bool = False
    lead_objects: Mapping[Crm, str] = field(default_factory=dict)


def serve(options: ServeOptions) -> int:
    """Serves until SIGTERM; gives the exit code. stdout gets the ready line only, refusals and the next steps go to
    stderr.
    """
    try:
        if options.config_directory is not None:
            refuse_existing(options.config_directory, options.crms)
        contexts = {crm: _context(options, crm) for crm in options.crms}
        sides = {crm: _side(context) for crm, context in contexts.items()}
        try:
            sockets = server.bind(options.port, len(options.crms))
        except OSError as error:
            sys.stderr.write(f"cannot listen on port {options.port}: {error.strerror or error}\n")
            return USAGE_EXIT
        world = _load(options, sides, contexts)
        if options.hooks is not None:
            for crm, side in sides.items():
                side.switch(hook_of(crm, options.hooks))
        urls: dict[Crm, str] = {}
        apps: dict[int, ASGIApp] = {}
        for crm, listening in zip(options.crms, sockets, strict=True):
            port = listening.getsockname()[1]
            urls[crm] = contexts[crm].base_url = f"http://{server.LOOPBACK}:{port}"
            apps[port] = application(sides[crm], contexts[crm], record_bodies=options.record)
        bus = _event_bus(sides) if options.change_events else None
        if options.config_directory is not None:
            write_configuration(
                options.config_directory, replace(_setting(options, sides, urls, world), event_bus=bus)
            )
    except ImportError as error:
        sys.stderr.write(f"--change-events needs packages: pip install 'crmsync-salesforce[pubsub]' ({error.name})\n")
        return USAGE_EXIT
    except (ImportRefused, ConfigurationRefused) as refused:
        sys.stderr.write(f"{refused}\n")
        return USAGE_EXIT
    except sqlite3.DatabaseError as error:
        sys.stderr.write(f"{options.database}: not a practice CRM's database ({error})\n")
        return USAGE_EXIT

    def ready() -> None:
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        if not options.quiet:
            written = options.config_directory if "crmsync.yaml" in FILES else None
            sys.stderr.write(next_steps(len(options.crms), written))
            sys.stderr.flush()

    server.run(apps, sockets, ready)
    return 0


def _event_bus(sides: Mapping[Crm, Backend]) -> str:
    """Its address. Raises ImportError without its packages."""
    side: Any = sides["salesforce"]
    return f"{server.LOOPBACK}:{side.serve_event_bus()}"


def application(side: Backend, context: PracticeContext, *, record_bodies: bool = False) -> ASGIApp:
    """One CRM as an ASGI app: its routes, the control API, faults and recording around them."""
    traffic = Traffic(context, record_bodies=record_bodies)
    faults = Faults(context.crm, context.profile, context.seed)
    return TrafficMiddleware(
        Starlette(routes=list(side.routes())),
        control=control_app(side, context, traffic, faults),
        side=side,
        context=context,
        traffic=traffic,
        faults=faults,
    )


def _context(options: ServeOptions, crm: Crm) -> PracticeContext:
    clock = Clock()
    return PracticeContext(
        crm=crm,
        timezone=options.timezone,
        today=options.today or clock.today(ZoneInfo(options.timezone)),
        seed=options.seed,
        profile=options.profile,
        database=options.database,
        clock=clock,
        lead_object=options.lead_objects.get(crm),
    )


def _side(context: PracticeContext) -> Backend:
    if context.crm == "salesforce":
        from crmsync_practice.salesforce import SalesforceSide  # noqa: PLC0415 - only what is served

        return SalesforceSide(context)
    from crmsync_practice.hubspot import HubSpotSide  # noqa: PLC0415

    return HubSpotSide(context)


def _load(options: ServeOptions, sides: dict[Crm, Backend], contexts: dict[Crm, PracticeContext]) -> World | None:
    """Loads the sides that are empty; None when a database file held the data of all of them."""
    empty = [side for side in sides.values() if not side.holds_data()]
    if not empty:
        return None
    context = next(iter(contexts.values()))
    if options.import_directory is not None:
        world = shift_world(read_world(options.import_directory), context.today, context.zone)
    else:
        world = generate_world(options.leads, options.seed, context.today, options.timezone)
    for side in empty:
        side.load(world)
    return world


def _setting(options: ServeOptions, sides: dict[Crm, Backend], urls: dict[Crm, str], world: World | None) -> Setting:
    users = {crm: side.users() for crm, side in sides.items()}
    activities = world.activities if world is not None else ()
    return Setting(
        hooks=options.hooks,
        urls=urls,
        timezone=options.timezone,
        users=next(iter(users.values())),
        attribute_fields={crm: side.attribute_fields() for crm, side in sides.items()},
        lead_fields={crm: side.lead_fields() for crm, side in sides.items()},
        lead_objects={crm: side.lead_object for crm, side in sides.items()},
        native_users={crm: {user["id"]: user["native_id"] for user in here} for crm, here in users.items()},
        activity_words={
            "kind": {activity.kind for activity in activities},
            "outcome": {activity.outcome for activity in activities if activity.outcome is not None},
        },
    )
