"""A reviewer's desk: a running service with its own empty database, and a browser that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipelines.evidence.store import EvidenceStore
from pipelines.incident import Incident, Kind
from service import keys
from service.api.context import Context
from service.app import create_app
from service.filters import IncidentFilters
from service.ingest import ingest
from service.listing import find_incident, list_incidents
from service.places import Place, import_places
from service.review import Verdict, give_verdict
from service.schemas import IncidentModel
from service.settings import Settings
from service.wire import incident_model
from tests.service.browser import serve
from tests.service.scene import CLIP_RATE, judgement

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

PATIENCE_MS = 10_000
WINDOW = {"width": 1280, "height": 800}
READY = ".headline, .incident .notice:not(.quiet), .card"


@dataclass  # no slots: Playwright hangs its wrapper of a handler onto the object
class Desk:
    """`hosts`: all the page has asked for anything; `complaints`: what the browser's console got."""

    page: Page
    address: str
    context: Context
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @property
    def store(self) -> EvidenceStore:
        return self.context.evidence

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def ingest(self, *incidents: Incident) -> None:
        with self.context.database.write() as session:
            ingest(session, judgement(*incidents))

    def import_places(self, *places: Place) -> None:
        with self.context.database.write() as session:
            import_places(session, places)

    def judge(self, kind: Kind, verdict: Verdict, **details: Any) -> None:
        """The verdict of another reviewer on the newest of its kind."""
        with self.context.database.write() as session:
            row = find_incident(session, self.incident(kind).id)
            give_verdict(session, row, verdict, datetime.now(UTC), **details)

    def add_key(self) -> str:
        with self.context.database.write() as session:
            return keys.add_key(session, "reviewer", datetime.now(UTC))

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.address + path)
        self.page.locator(READY).first.wait_for()
        return self.page

    def incidents(self) -> list[IncidentModel]:
        """As the service has them now, newest first."""
        with self.context.database.read() as session:
            rows = list_incidents(session, IncidentFilters(), limit=200).rows
            return [incident_model(row) for row in rows]

    def incident(self, kind: Kind) -> IncidentModel:
        return next(row for row in self.incidents() if row.kind == kind)

    def lose_evidence(self) -> None:
        shutil.rmtree(self.context.settings.evidence_folder)

    def clip_time(self) -> float:
        seconds: float = self.page.locator("video").evaluate("video => video.currentTime")
        return seconds

    def clip_frame(self) -> int:
        return int(self.clip_time() * CLIP_RATE)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        # Playwright's wait_for_function needs eval, which the page's security policy forbids
        for _ in range(PATIENCE_MS // 50):
            if is_so():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("it did not come about")

    def listen(self) -> None:
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@contextmanager
def open_desk(browser: Browser, home: Path, **settings: Any) -> Iterator[Desk]:
    app = create_app(Settings(home=home, **settings))
    with serve(app) as address:
        view = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
        view.set_default_timeout(PATIENCE_MS)
        desk = Desk(view.new_page(), address, app.state.context)
        desk.listen()
        yield desk
        view.close()
