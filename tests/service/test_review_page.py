"""What a reviewer does with the page, in a real browser, against the real API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from shapely.geometry import box

from pipelines.incident import Grade, Kind
from service.places import Place, PlaceRef
from service.review import RejectReason, Verdict
from tests.service.browser import chromium
from tests.service.desk import Desk, open_desk
from tests.service.scene import incident, with_evidence

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

playwright_api = pytest.importorskip("playwright.sync_api", reason="needs playwright (the dev extra)")
expect = playwright_api.expect

pytestmark = pytest.mark.browser

SETTLED_MS = 300  # a step may take several seeks, an answer a moment to be shown; then it is over


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(browser, tmp_path) -> Iterator[Desk]:
    with open_desk(browser, tmp_path) as desk:
        yield desk


LITTER, PARKED, RUNNER = (
    incident(0),
    incident(5, Kind.ILLEGAL_PARKING, missing=("plate",), grade=Grade.CLUE),
    incident(10, Kind.RED_LIGHT_RUNNING),
)


def reason_of(desk: Desk, kind: Kind) -> str | None:
    review = desk.incident(kind).review
    return None if review is None else review.reason


def test_queue_shows_the_newest_first(desk: Desk) -> None:
    desk.ingest(RUNNER, LITTER, PARKED)
    page = desk.open()
    expect(page.locator("#queue-list .what")).to_have_text(["Litter", "Illegal parking", "Red light running"])
    expect(page.locator(".headline h2")).to_contain_text("Litter")


def test_incident_is_told_in_words(desk: Desk) -> None:
    desk.ingest(PARKED)
    page = desk.open()
    expect(page.locator(".reasons li")).to_have_text(list(PARKED.reasons))
    facts = page.locator("#facts")
    expect(facts).to_contain_text("24 Nov 2026, 16:26:07 GMT+8 ±\u00a00.4\u00a0s")
    expect(facts).to_contain_text("2026-11-24 08:26:07.2 UTC")
    expect(facts).to_contain_text("Clue: the fact is seen")
    expect(facts).to_contain_text("Missing: a readable plate")
    expect(facts.get_by_role("link", name=re.compile(r"30\.2"))).to_have_attribute(
        "href", re.compile("^geo:30.2,120.15")
    )


@pytest.mark.parametrize(("seconds", "span"), [(0.4, "0.4\u00a0s"), (150.0, "3\u00a0min"), (50_460.0, "14\u00a0h")])
def test_a_times_uncertainty_is_told_in_a_fitting_unit(desk: Desk, seconds: float, span: str) -> None:
    desk.ingest(replace(LITTER, time_uncertainty_s=seconds))
    expect(desk.open().locator("#facts")).to_contain_text(f"±\u00a0{span}")


def test_confirm_by_key_is_saved_and_moves_on(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED)
    page = desk.open()
    page.locator("#reviewer").fill("Mei")
    page.locator("#reviewer").blur()
    page.keyboard.press("a")
    expect(page.locator("#state")).to_contain_text("Saved: Confirmed")
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")
    saved = desk.incident(Kind.LITTER)
    assert saved.status == "confirmed"
    assert saved.review is not None
    assert saved.review.by == "Mei"


def test_confirm_by_click_does_the_same(desk: Desk) -> None:
    desk.ingest(LITTER)
    page = desk.open()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".incident .notice")).to_contain_text("Nothing left to review")
    assert desk.incident(Kind.LITTER).status == "confirmed"


def test_reject_takes_a_reason_first(desk: Desk) -> None:
    desk.ingest(PARKED)
    page = desk.open()
    page.keyboard.press("x")
    expect(page.locator("#choices")).to_contain_text("Moving, or in a queue")
    page.keyboard.press("Escape")
    expect(page.locator("#choices")).to_be_hidden()
    assert desk.incident(Kind.ILLEGAL_PARKING).status == "unreviewed"
    page.keyboard.press("x")
    page.keyboard.press("1")
    expect(page.locator("#state")).to_contain_text("Saved: Rejected")
    assert reason_of(desk, Kind.ILLEGAL_PARKING) == "moving_or_queue"


def test_what_opened_the_reasons_takes_them_back(desk: Desk) -> None:
    desk.ingest(PARKED)
    page = desk.open()
    page.set_viewport_size({"width": 390, "height": 844})  # a phone has no Esc
    for shown in (True, False, True):
        page.get_by_role("button", name="Reject").click()
        expect(page.locator("#choices")).to_be_visible(visible=shown)
    page.get_by_role("button", name="Duplicate").click()
    expect(page.locator("#choices")).to_contain_text("No other incident")
    assert desk.incident(Kind.ILLEGAL_PARKING).status == "unreviewed"


def test_on_a_phone_the_incident_is_what_is_seen_after_each_step(desk: Desk) -> None:
    desk.ingest(*(incident(minute) for minute in range(12)))
    page = desk.open()
    page.set_viewport_size({"width": 390, "height": 844})
    headline = page.locator(".headline")
    page.locator('[data-action="next"]').click()
    expect(page.locator("#queue-total")).to_contain_text("2 / 12")
    assert page.evaluate("scrollY") == 0
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#queue-total")).to_contain_text("3 / 12")
    assert page.evaluate("scrollY") == 0
    page.locator("#queue-list button").last.click()
    expect(page.locator("#queue-total")).to_contain_text("12 / 12")
    expect(headline).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_lies_on_the_picture(desk: Desk, width: int) -> None:
    """A lamp at the picture's edge is what the reviewer looks for."""
    desk.ingest(with_evidence(RUNNER, desk.store))
    page = desk.open()
    page.set_viewport_size({"width": width, "height": 844})
    picture, tools = (page.locator(f".stage > {name}").bounding_box() for name in ("img", ".tools"))
    assert picture is not None
    assert tools is not None
    assert picture["y"] + picture["height"] <= tools["y"] + 1


def test_rarer_reasons_are_behind_zero(desk: Desk) -> None:
    desk.ingest(PARKED)
    page = desk.open()
    page.keyboard.press("x")
    page.keyboard.press("0")
    page.get_by_role("button", name="Privacy").click()
    expect(page.locator("#state")).to_contain_text("Saved: Rejected")
    assert reason_of(desk, Kind.ILLEGAL_PARKING) == "privacy"


def test_duplicate_names_its_original(desk: Desk) -> None:
    desk.ingest(LITTER, incident(1, location=LITTER.location), PARKED)
    page = desk.open()
    page.keyboard.press("d")
    expect(page.locator("#choices")).to_contain_text("Duplicate of which?")
    expect(page.locator("#choices")).to_contain_text("24 Nov, 16:30:07")
    page.keyboard.press("1")
    expect(page.locator("#state")).to_contain_text("Saved: Duplicate")
    assert [row.status for row in desk.incidents()] == ["duplicate", "unreviewed", "unreviewed"]


def test_undo_restores_the_last_verdict_and_goes_back_to_it(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED)
    page = desk.open()
    page.keyboard.press("a")
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")
    page.keyboard.press("u")
    expect(page.locator("#state")).to_have_text("Undone")
    expect(page.locator(".headline h2")).to_contain_text("Litter")
    assert desk.incident(Kind.LITTER).status == "unreviewed"


def test_counts_follow_each_verdict(desk: Desk) -> None:
    desk.ingest(LITTER)
    page = desk.open()
    totals = page.locator("#counts .place td")
    expect(totals).to_have_text(["1", "1"])
    page.keyboard.press("a")
    expect(totals).to_have_text(["0", "1"])
    page.keyboard.press("u")
    expect(page.locator("#state")).to_have_text("Undone")
    page.keyboard.press("x")
    page.keyboard.press("1")
    expect(page.locator("#counts")).to_have_text("Nothing to count.")


SIGHTING = incident(20, Kind.WRONG_WAY, grade=Grade.INSUFFICIENT)


def listed_and_counted(page: Page) -> tuple[int, list[int]]:
    """Rows of the queue; the numbers of the first line of the counts: of all places, or of the only one."""
    page.wait_for_load_state("networkidle")
    numbers = page.locator("#counts tbody").first.locator("tr").first.locator("td").all_text_contents()
    return page.locator("#queue-list li").count(), [int(number) for number in numbers]


@pytest.fixture
def judged(desk: Desk) -> Desk:
    """Litter confirmed, the parked car rejected, the runner not yet looked at; a sighting that no tally counts."""
    desk.ingest(LITTER, PARKED, RUNNER, SIGHTING)
    desk.judge(Kind.LITTER, Verdict.CONFIRMED)
    desk.judge(Kind.ILLEGAL_PARKING, Verdict.REJECTED, reason=RejectReason.OTHER)
    return desk


@pytest.mark.parametrize(
    ("address", "listed", "counted"),
    [
        ("/", 1, 2),
        ("/?insufficient", 2, 2),
        ("/?status=confirmed", 1, 2),
        ("/?status=rejected", 1, 2),
        ("/?status=any", 3, 2),
        ("/?status=any&insufficient", 4, 2),
        ("/?status=any&kind=litter", 1, 1),
        ("/?status=any&kind=illegal_parking", 1, 0),
        ("/?status=withdrawn", 0, 2),
        ("/?status=misspelt&kind=misspelt", 1, 2),
    ],
)
def test_counts_are_those_of_the_list_beside_what_counts(judged: Desk, address: str, listed: int, counted: int) -> None:
    assert listed_and_counted(judged.open(address)) == (listed, [listed, counted])


def test_counts_say_which_list_they_are_of(judged: Desk) -> None:
    page = judged.open()
    heads = page.locator("#counts thead th")
    expect(heads).to_have_text(["Place", "To review", "Counted"])
    page.get_by_label("Status").select_option("any")
    expect(heads).to_have_text(["Place", "Any status", "Counted"])
    page.get_by_label("Kind").select_option("litter")
    expect(page.locator("#counts caption")).to_have_text("Litter")
    expect(page.locator("#counts .kind")).to_have_count(0)  # they would repeat the lines of the places


def test_answers_that_come_late_do_not_replace_newer_counts(judged: Desk) -> None:
    late: list[Route] = []
    judged.page.route("**/v1/counts?*kind=litter*", lambda route: late.append(route))
    page = judged.open()
    page.get_by_label("Kind").select_option("litter")
    judged.wait_until(lambda: len(late) == 2)
    page.get_by_label("Kind").select_option("red_light_running")
    caption = page.locator("#counts caption")
    expect(caption).to_have_text("Red light running")
    for route in late:
        with page.expect_response(route.request.url):
            route.continue_()
    page.wait_for_timeout(SETTLED_MS)
    expect(caption).to_have_text("Red light running")


def test_a_place_that_nobody_drove_past_is_not_seen_and_comes_last(desk: Desk) -> None:
    here, far = (
        Place(PlaceRef(name, name, "street"), box(west, 30, west + 0.1, 31))
        for name, west in (("Near Street", 120.05), ("Far Street", 121))
    )
    desk.import_places(far, here)
    desk.ingest(LITTER)
    page = desk.open()
    expect(page.locator("#counts tr.place")).to_have_text(["Near Street11", "Far Streetnot seen"])
    expect(page.locator("#counts tbody").last.locator(".kind")).to_have_count(0)


def test_a_verdict_that_is_not_saved_keeps_the_incident_and_says_so(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED)
    problem = '{"title": "Busy", "detail": "The database is locked"}'
    # Before the page is there: what a loaded page asks for first may slip past an interception that is just set up.
    desk.page.route(
        "**/review", lambda route: route.fulfill(status=503, content_type="application/problem+json", body=problem)
    )
    page = desk.open()
    page.keyboard.press("a")
    expect(page.locator("#state")).to_have_text(
        "Not saved. The database is locked. The incident stays here; try again."
    )
    expect(page.locator(".headline h2")).to_contain_text("Litter")
    assert desk.incident(Kind.LITTER).status == "unreviewed"
    page.unroute("**/review")
    page.keyboard.press("a")
    expect(page.locator("#state")).to_contain_text("Saved: Confirmed")


def test_a_service_that_is_down_is_named(desk: Desk) -> None:
    desk.ingest(LITTER)
    desk.page.route("**/review", lambda route: route.abort())
    page = desk.open()
    page.keyboard.press("a")
    expect(page.locator("#state")).to_contain_text("The service does not answer.")


def test_words_from_outside_are_shown_as_text(desk: Desk) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    desk.ingest(replace(LITTER, reasons=(attack,), location=None, place_hint=attack, subtype=attack, missing=(attack,)))
    page = desk.open()
    expect(page.locator(".reasons li")).to_have_text(attack)
    expect(page.locator("#queue-list .where")).to_have_text(attack)
    expect(page.locator("#counts .place th")).to_have_text(attack)
    page.keyboard.press("a")
    expect(page.locator("#state")).to_contain_text("Saved")
    assert "owned" not in page.title()


def test_everything_works_without_a_mouse(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED, RUNNER)
    page = desk.open()
    kind = page.locator(".headline h2")
    for key, shown in (("j", "Illegal parking"), ("j", "Red light"), ("j", "Red light"), ("k", "Illegal parking")):
        page.keyboard.press(key)
        expect(kind).to_contain_text(shown)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Reject, then the reason")
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("Enter")  # the focus is on the first reason
    expect(page.locator("#state")).to_contain_text("Saved: Rejected")
    page.locator("select[name=kind]").focus()
    page.keyboard.press("a")  # in a field, keys belong to the field
    assert desk.incident(Kind.RED_LIGHT_RUNNING).status == "unreviewed"


def test_pictures_step_and_switch_between_marked_and_clean(desk: Desk) -> None:
    desk.ingest(with_evidence(LITTER, desk.store))
    page = desk.open()
    picture = page.locator(".stage > img")
    expect(page.locator(".strip button")).to_have_text(["Before −2.0 s", "At 15:00.0", "After +2.0 s", "▶Clip "])
    expect(picture).to_have_attribute("alt", re.compile("^At"))
    marked = picture.get_attribute("src")
    page.keyboard.press("c")
    expect(picture).not_to_have_attribute("src", str(marked))
    page.keyboard.press("ArrowLeft")
    expect(picture).to_have_attribute("alt", re.compile("^Before"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320


def test_clip_plays_and_steps_by_one_frame(desk: Desk) -> None:
    desk.ingest(with_evidence(LITTER, desk.store))
    page = desk.open()
    page.keyboard.press("Space")
    desk.wait_until(lambda: desk.clip_time() > 0.2)
    page.keyboard.press("Space")
    expect(page.locator("video")).to_have_js_property("paused", True)
    page.keyboard.press("ArrowRight")  # from wherever it stopped onto a frame
    page.wait_for_timeout(SETTLED_MS)
    for key, step in (("ArrowRight", 1), ("ArrowRight", 1), ("ArrowLeft", -1)):
        before = desk.clip_frame()
        page.keyboard.press(key)
        desk.wait_until(lambda: desk.clip_frame() != before)  # noqa: B023
        page.wait_for_timeout(SETTLED_MS)
        assert desk.clip_frame() - before == step


def test_missing_pictures_are_named(desk: Desk) -> None:
    desk.ingest(LITTER)
    expect(desk.open().locator(".stage")).to_contain_text("This incident has no pictures or clip.")


def test_lost_pictures_are_named(desk: Desk) -> None:
    desk.ingest(with_evidence(LITTER, desk.store))
    desk.lose_evidence()
    expect(desk.open().locator(".stage")).to_contain_text("This file cannot be loaded.")


def test_neither_clock_nor_place_is_made_up(desk: Desk) -> None:
    desk.ingest(incident(0, start=None, end=None, time_uncertainty_s=None, zone=None, location=None))
    facts = desk.open().locator("#facts")
    expect(facts).to_contain_text("Clock unknown")
    expect(facts).to_contain_text("15:00.0 into the file")
    expect(facts).to_contain_text("no coordinates")


def test_insufficient_sightings_wait_behind_a_filter(desk: Desk) -> None:
    desk.ingest(LITTER, incident(1, Kind.RED_LIGHT_RUNNING, grade=Grade.INSUFFICIENT, missing=("stop_line",)))
    page = desk.open()
    rows = page.locator("#queue-list .what")
    expect(rows).to_have_text(["Litter"])
    page.get_by_label("Show insufficient").check()
    expect(rows).to_have_text(["Litter", "Red light running"])


def test_filters_narrow_the_queue_and_stay_in_the_address(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED, RUNNER)
    page = desk.open()
    page.get_by_label("Kind").select_option("illegal_parking")
    rows = page.locator("#queue-list .what")
    expect(rows).to_have_text(["Illegal parking"])
    expect(page).to_have_url(re.compile("kind=illegal_parking"))
    page.reload()
    expect(rows).to_have_text(["Illegal parking"])
    page.get_by_label("Status").select_option("rejected")
    expect(page.locator(".incident .notice")).to_contain_text("Nothing matches")
    page.get_by_role("button", name="Clear filters").click()
    expect(rows).to_have_count(3)


def test_a_place_in_the_counts_opens_its_incidents(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED)
    page = desk.open()
    places = page.locator("#counts .place")
    places.get_by_role("button").first.click()
    expect(page.locator("#queue-list li")).to_have_count(1)
    expect(places).to_have_count(1)
    expect(page.locator("select[name=place] option")).to_have_count(3)  # all, and both
    page.get_by_role("button", name="Show all places").click()
    expect(page.locator("#queue-list li")).to_have_count(2)
    expect(places).to_have_count(2)


def test_a_place_where_all_was_rejected_can_be_chosen(desk: Desk) -> None:
    desk.ingest(LITTER)
    desk.judge(Kind.LITTER, Verdict.REJECTED, reason=RejectReason.OTHER)
    page = desk.open("/?status=rejected")
    page.locator("select[name=place]").select_option(index=1)
    assert listed_and_counted(page) == (1, [1, 0])


def test_an_incident_has_an_address(desk: Desk) -> None:
    desk.ingest(LITTER, PARKED)
    page = desk.open(f"/review?id={desk.incident(Kind.ILLEGAL_PARKING).id}")
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")


def test_long_queues_load_in_pages(desk: Desk) -> None:
    desk.ingest(*(incident(minutes) for minutes in range(120)))
    page = desk.open()
    expect(page.locator("#queue-total")).to_have_text("1 / 50+")
    for _ in range(45):
        page.keyboard.press("j")
    expect(page.locator("#queue-total")).to_have_text("46 / 100+")


def test_new_incidents_are_announced_and_leave_the_reviewer_in_peace(desk: Desk) -> None:
    desk.ingest(PARKED)
    desk.page.clock.install()
    page = desk.open()
    desk.ingest(PARKED, LITTER)
    page.clock.fast_forward(31_000)
    announcement = page.get_by_role("button", name="Show new incidents")
    announcement.wait_for()
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")
    announcement.click()
    expect(page.locator("#queue-list .what")).to_have_text(["Litter", "Illegal parking"])
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")
    expect(page.locator("#counts .total td")).to_have_text(["2", "2"])


def test_no_incidents_names_the_next_command(desk: Desk) -> None:
    expect(desk.open().locator(".incident .notice")).to_contain_text("patrol scan FOLDER")


def test_nothing_is_loaded_from_outside_and_no_error_is_logged(desk: Desk) -> None:
    desk.ingest(with_evidence(LITTER, desk.store), PARKED)
    page = desk.open()
    page.keyboard.press("Space")
    page.keyboard.press("j")
    expect(page.locator(".headline h2")).to_contain_text("Illegal parking")
    assert desk.hosts == {desk.host}
    assert "default-src 'none'" in page.request.get(desk.address).headers["content-security-policy"]
    assert desk.complaints == []


def test_sign_in_asks_for_a_key_and_keeps_it_from_scripts(browser, tmp_path) -> None:
    with open_desk(browser, tmp_path, require_key=True) as desk:
        desk.ingest(with_evidence(LITTER, desk.store))
        key = desk.add_key()
        page = desk.open()
        page.get_by_label("API key").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("not known")
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator(".headline h2")).to_contain_text("Litter")
        assert page.locator(".stage > img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("API key")).to_be_visible()
