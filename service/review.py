"""What people say of incidents. Verdicts are only ever added; undoing one marks it.

A duplicate is left to its original, so it is one only while that one stands for it: neither rejected nor withdrawn, nor
`insufficient` beside a better one. Meanwhile it is unreviewed again; its verdict is kept and holds once the original is
back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.incident import Grade
from service.database import chunks
from service.errors import BadQuery, Conflict, NotFound
from service.tables import IncidentRow, ReviewRow


class Status(StrEnum):
    UNREVIEWED = "unreviewed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    UNDO = "undo"


class RejectReason(StrEnum):
    """After the reasons that New York publishes for bus-camera violations not issued, and what reviewers ask for."""

    NOT_OBJECT = "not_object"
    WRONG_CLASS = "wrong_class"
    LEGAL_HERE = "legal_here"
    MOVING_OR_QUEUE = "moving_or_queue"
    EXEMPT_VEHICLE = "exempt_vehicle"
    LIGHT_NOT_RELEVANT = "light_not_relevant"
    LIGHT_UNCLEAR = "light_unclear"
    LINE_UNCLEAR = "line_unclear"
    PLATE_UNREADABLE = "plate_unreadable"
    DUPLICATE = "duplicate"
    TIME_OR_PLACE_WRONG = "time_or_place_wrong"
    PRIVACY = "privacy"
    OTHER = "other"


def standing(reviews: Sequence[ReviewRow]) -> ReviewRow | None:
    """The verdict that holds: the last one not undone."""
    return next((review for review in reversed(reviews) if review.undone_at is None), None)


def settle(session: Session, incident: IncidentRow) -> bool:
    """Sets the status that reviews and judgements give it. Whether it changed."""
    status = _status(session, incident)
    if incident.status == status:
        return False
    incident.status = status
    return True


def settle_duplicates(session: Session, originals: Collection[str], now: datetime) -> None:
    """Settles what was called a duplicate of these, and so on from whatever changes by that."""
    changed = set(originals)
    while changed:
        settled = [row for row in _duplicates_of(session, changed) if settle(session, row)]
        for row in settled:
            row.updated_at = now
        changed = {row.id for row in settled}


def _status(session: Session, incident: IncidentRow) -> str:
    if incident.withdrawn:
        return Status.WITHDRAWN.value
    review = standing(incident.reviews)
    if review is None or (review.duplicate_of is not None and not _has_original(session, incident)):
        return Status.UNREVIEWED.value
    return review.verdict


def _has_original(session: Session, duplicate: IncidentRow) -> bool:
    """Undone verdicts can leave two that are duplicates of each other: the first to be settled is then none."""
    original = _original_of(session, duplicate)
    if original is None or not _stands_for(original, duplicate):
        return False
    seen: set[str] = set()
    while original is not None and original.status == Status.DUPLICATE and original.id not in seen:
        seen.add(original.id)
        original = _original_of(session, original)
    return duplicate.id not in seen


def _original_of(session: Session, incident: IncidentRow) -> IncidentRow | None:
    review = standing(incident.reviews)
    return None if review is None or review.duplicate_of is None else session.get(IncidentRow, review.duplicate_of)


def _stands_for(original: IncidentRow, duplicate: IncidentRow) -> bool:
    is_shown = original.grade != Grade.INSUFFICIENT or duplicate.grade == Grade.INSUFFICIENT
    return is_shown and original.status not in (Status.REJECTED, Status.WITHDRAWN)


def _duplicates_of(session: Session, originals: Collection[str]) -> Iterator[IncidentRow]:
    for some in chunks(originals):
        said = select(ReviewRow.incident_id).where(ReviewRow.duplicate_of.in_(some), ReviewRow.undone_at.is_(None))
        yield from session.scalars(select(IncidentRow).where(IncidentRow.id.in_(said)).order_by(IncidentRow.id)).all()


def give_verdict(
    session: Session,
    incident: IncidentRow,
    verdict: Verdict,
    now: datetime,
    *,
    reason: RejectReason | None = None,
    duplicate_of: str | None = None,
    by: str | None = None,
    key_name: str | None = None,
) -> None:
    """The same person saying the same again changes nothing.

    `by`: who, as they say. `key_name`: the API key they came with.
    Raises `Conflict` where the incident's state does not allow it, `BadQuery` where the verdict makes no sense.
    """
    _check_sense(verdict, reason, duplicate_of)
    if verdict is Verdict.UNDO:
        _undo(incident, now, by, key_name)
    else:
        _check_state(session, incident, duplicate_of)
        given = ReviewRow(
            verdict=verdict.value, reason=reason, duplicate_of=duplicate_of, by=by, key_name=key_name, at=now
        )
        if _repeats(given, standing(incident.reviews)):
            return  # a click that came twice must not take two undos
        incident.reviews.append(given)
    incident.updated_at = now
    if settle(session, incident):
        settle_duplicates(session, [incident.id], now)
    session.flush()


def _undo(incident: IncidentRow, now: datetime, by: str | None, key_name: str | None) -> None:
    review = standing(incident.reviews)
    if review is None:
        raise Conflict(f"incident {incident.id} has no verdict to undo")
    review.undone_at, review.undone_by, review.undone_key_name = now, by, key_name


def _repeats(given: ReviewRow, last: ReviewRow | None) -> bool:
    names = ("verdict", "reason", "duplicate_of", "by", "key_name")
    return last is not None and all(getattr(given, name) == getattr(last, name) for name in names)


def _check_sense(verdict: Verdict, reason: RejectReason | None, duplicate_of: str | None) -> None:
    if (verdict is Verdict.REJECTED) != (reason is not None):
        raise BadQuery("a rejection takes a reason, other verdicts none", advice=", ".join(RejectReason))
    if duplicate_of is not None and verdict is not Verdict.DUPLICATE:
        raise BadQuery("duplicate_of goes with the verdict duplicate")


def _check_state(session: Session, incident: IncidentRow, duplicate_of: str | None) -> None:
    if incident.withdrawn:
        raise Conflict(f"incident {incident.id} was withdrawn", advice="a later judgement no longer finds it")
    if duplicate_of is not None:
        _check_original(session, incident, duplicate_of)


def _check_original(session: Session, incident: IncidentRow, original: str) -> None:
    seen = {incident.id}
    following: str | None = original
    while following is not None:
        if following in seen:
            raise Conflict(f"{original} is itself a duplicate of {incident.id}", advice="choose the one to keep")
        seen.add(following)
        row = session.get(IncidentRow, following)
        if row is None:
            raise NotFound(f"no incident {following}")
        if following == original and not _stands_for(row, incident):
            state = row.status if row.status in (Status.REJECTED, Status.WITHDRAWN) else row.grade
            raise Conflict(f"{original} is {state}", advice="choose one that counts, or name none")
        review = standing(row.reviews)
        following = None if review is None else review.duplicate_of
