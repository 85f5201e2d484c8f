"""Takes the pictures of the review page that the documents show: `python -m tests.service.screenshots HOME FOLDER`.

HOME is a product folder that has incidents, e.g. the one `make demo` leaves: its street is our own making, so that
nobody's face, plate or copyright is in the documents.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from service.app import create_app
from service.settings import Settings
from tests.service.browser import chromium, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

READY = ".headline"
COLOURS = 256  # as many do for a document, and a picture in the repository's history is there for good
CHINESE = "[lang=zh]"  # the term beside a kind: a machine without such a font shows boxes


@dataclass(frozen=True, slots=True)
class Shot:
    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


SHOTS = (
    Shot("review", 1280, 800, "light"),
    Shot("review-dark", 1280, 800, "dark"),
    Shot("review-phone", 390, 844, "light"),
    Shot("review-phone-dark", 390, 844, "dark"),
)


def take(browser: Browser, address: str, folder: Path, shot: Shot) -> None:
    context = browser.new_context(viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme)
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.locator(READY).wait_for()
    page.locator(CHINESE).evaluate_all("terms => terms.forEach(term => term.remove())")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3)  # the lamp keeps its colour
    few.save(folder / f"{shot.name}.png", optimize=True)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with serve(create_app(Settings(home=arguments.home))) as address, chromium() as browser:
        for shot in SHOTS:
            take(browser, address, arguments.folder, shot)


if __name__ == "__main__":
    main()
