"""Duties of departments (parts 3 and 4), commendations, and the clean quarters that follow from everything else."""

from __future__ import annotations

from datetime import date

from .book import Book, at, hours, minutes, working_days_after
from .bureau import CREWS, EXEMPLARY, FALLIBLE, INFORMATION, MARKETING, OFFICE, PRODUCTION, RURAL, SERVICE, person

_ASSET_KINDS = ("line_10kv", "urban_transformer", "rural_transformer")
_PUBLICATIONS = ("marketing_policy", "marketing_rule", "marketing_notice", "other")


def duties(book: Book) -> None:
    """Each duty as it should be done, and one or two planted failures of it."""
    _hot_issues(book)
    _supply_areas(book)
    _publications(book)
    _permissions(book)
    _monthly_reports(book)
    _commendations(book)
    for station in EXEMPLARY:
        book.plant("PW902", station)


def _hot_issues(book: Book) -> None:
    for number in range(40):
        found = book.office_time(book.plant_day())
        own_remit = number % 2
        day = found.date()
        late_report, late_assessment, no_measures = number in (6, 18), number == 9, number == 13
        planted = late_report or late_assessment or no_measures
        unit = FALLIBLE[number % len(FALLIBLE)] if planted else book.random.choice((*CREWS, MARKETING, PRODUCTION))
        issue_id = book.number("RD")
        book.add(
            "hot_issue",
            issue_id=issue_id,
            org_id=unit,
            found_at=found,
            own_remit=own_remit,
            reported_at=None if late_report else found + hours(book.between(0.5, 7)),
            assessed_at=at(working_days_after(day, 5 if late_assessment else 2), 15) if own_remit else None,
            measures="上門解釋並增派搶修班組" if own_remit and not no_measures else None,
        )
        if late_report:
            book.plant("PW708", issue_id)
        if late_assessment or no_measures:
            book.plant("PW701", issue_id)


def _supply_areas(book: Book) -> None:
    for number in range(30):
        kind = _ASSET_KINDS[number % 3]
        changed = book.office_time(book.plant_day())
        late = number in (10, 20)
        change_id = book.number("GQ")
        book.add(
            "grid_asset",
            change_id=change_id,
            asset_id=f"{kind}-{number + 1:03d}",
            kind=kind,
            changed_at=changed,
            reported_at=at(working_days_after(changed.date(), 4 if late else 3), 0 if late else 23, 0 if late else 59, 0 if late else 59),
        )
        if late:
            book.plant("PW705", change_id)


def _publications(book: Book) -> None:
    for number in range(24):
        published = book.office_time(book.plant_day())
        kind = _PUBLICATIONS[number % 4]
        unreviewed, wrong_reviewer = number == 5, number == 14
        publication_id = book.number("FB")
        book.add(
            "publication",
            publication_id=publication_id,
            kind=kind,
            published_at=published,
            reviewed_by_org_id=None if kind == "other" or unreviewed else OFFICE if wrong_reviewer else MARKETING,
            reviewed_at=None if kind == "other" or unreviewed else published - hours(book.between(1, 40)),
        )
        if unreviewed or wrong_reviewer:
            book.plant("PW706", publication_id)


def _permissions(book: Book) -> None:
    for number in range(12):
        unit = book.random.choice(CREWS)
        approver = INFORMATION if number == 7 else MARKETING
        approval_id = book.number("QX")
        book.add(
            "approval",
            approval_id=approval_id,
            kind="permission",
            subject_id=person(book, unit),
            requested_by=f"{SERVICE}-1",
            approved_by=person(book, approver),
            approver_org_id=approver,
            approved_at=book.office_time(book.plant_day()),
            result="rejected" if number == 3 else "approved",
            details='["role:order_desk"]',
        )
        if approver != MARKETING:
            book.plant("PW707", approval_id)


def _monthly_reports(book: Book) -> None:
    """Handed in by the tenth; the one of August is four days late."""
    for month in range(1, 11):
        late = month == 8
        done = at(date(2026, month + 1, 14 if late else 8), 17, 20)
        book.add(
            "duty_record",
            record_id=book.number("YB"),
            duty="monthly_service_report",
            org_id=SERVICE,
            period=f"2026-{month:02d}",
            done_at=done,
            document=f"服務信息月報第{month}期",
        )
    book.plant("PW704", f"monthly_service_report:{SERVICE}:2026-08")


def _commendations(book: Book) -> None:
    for number in range(8):
        unit = book.random.choice((*CREWS, RURAL))
        verified = number != 2
        commendation_id = book.number("BZ")
        book.add(
            "commendation",
            commendation_id=commendation_id,
            at=at(book.plant_day(), 10) + minutes(book.between(0, 300)),
            org_id=unit,
            staff_id=person(book, unit),
            kind="media_city" if number == 5 else "customer_praise",
            verified=int(verified),
            document="錦旗" if number % 2 else "感謝信",
        )
        if verified and number != 5:
            book.plant("PW901", f"commendation:{commendation_id}")
