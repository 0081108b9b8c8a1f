"""What pages are made from: the files as they are now, the clock, and the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crmsync.console.access import Access, Looking
from crmsync.console.background import Background
from crmsync.console.drafts import Drafts
from crmsync.console.errands import Errands
from crmsync.console.trials import Trials
from crmsync.console.work import Works
from crmsync.languages.known import Language
from crmsync.languages.tongues import tongue_of
from crmsync.operations.status.needs import NextRun
from crmsync.settings import Settings
from crmsync.store import KeptSessions
from crmsync.tongue import Tongue


@dataclass(frozen=True, slots=True)
class Site:
    """`read_settings`: by the files as they are now; what a page tells is never older than them.

    `language`: null = that of the files. `access`: who may do what. `works`: what
    takes longer than a page. `sessions`: with the store's server, from one page to the next.
    """

    read_settings: Callable[[], Settings]
    now: Callable[[], datetime]
    next_run: NextRun
    language: Language | None = None
    access: Access = field(default_factory=Looking)
    background: Background = field(default_factory=Background)
    works: Works = field(default_factory=Works)
    drafts: Drafts = field(default_factory=Drafts)
    errands: Errands = field(default_factory=Errands)
    trials: Trials = field(default_factory=Trials)
    sessions: KeptSessions = field(default_factory=KeptSessions)

    def tongue(self, settings: Settings) -> Tongue:
        """The language of pages."""
        return tongue_of(self.language or settings.environment.language or settings.language)

    def close(self) -> None:
        """Nothing is at work here any longer."""
        self.trials.close()
        self.works.close()
        self.sessions.close()
