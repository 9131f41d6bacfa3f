"""Two pairs of eyes (articles 10, 23): who reviewed the act, under which role, and whether it was the actor."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.derive import Frame, coded, rows_of, same_text, take
from auditor.vocabulary import NO, UNSAID, YES

from .actors import active
from .book import FACTS
from .reviewers import REVIEWS, STAND_IN


@FACTS.row("access_event", of="cis_user")
def reviewer(frame: Frame) -> Any:
    """The reviewer's account, whatever its dates."""
    return rows_of(frame, "reviewer_id", "cis_user")


@FACTS.fact("access_event")
def reviewer_role(frame: Frame) -> Any:
    """Role of the reviewer's account where it was active at the event."""
    return take(frame.logs["cis_user"]["role"], active(frame.logs, frame["reviewer"], frame["at"]))


@FACTS.fact("access_event")
def reviewer_level(frame: Frame) -> Any:
    return take(frame.logs["cis_user"]["level"], active(frame.logs, frame["reviewer"], frame["at"]))


@FACTS.fact("access_event")
def self_review(frame: Frame) -> Any:
    """Whether the reviewer is the actor, as a user or as a person: YES, NO, or UNSAID where one of two users has no known person."""
    persons, _ = coded(frame.logs["cis_user"]["staff_id"])
    actor, second = take(persons, frame["user"], -1), take(persons, frame["reviewer"], -1)
    same_user = same_text(frame["reviewer_id"], frame["user_id"])
    by_person = np.where((actor < 0) | (second < 0), UNSAID, np.where(actor == second, YES, NO))
    return np.where(same_user, YES, by_person).astype(np.int8)


@FACTS.fact("access_event")
def reviewer_fits(frame: Frame) -> Any:
    """Whether the reviewer's role is the one that the act asks for (10): YES; NO, also without an active account; or UNSAID where it turns
    on the reviewer's level and that is not on record."""
    action, role, second, level = (frame[name] for name in ("action", "role", "reviewer_role", "reviewer_level"))
    answers = np.full(frame.size, YES, np.int8)
    to_judge = np.ones(frame.size, bool)
    for review in REVIEWS:
        asked = to_judge & np.asarray(action.isin(list(review.actions)))
        if review.actors:
            asked &= np.asarray(role.isin(list(review.actors)))
        to_judge &= ~asked
        if review.reviewers:
            answers[asked & ~np.asarray(second.isin(list(review.reviewers)))] = NO
        if review.levels:
            right_role = asked & (answers == YES)
            answers[right_role & ~np.asarray(level.isin(list(review.levels)))] = NO
            answers[right_role & np.asarray(level.isna())] = UNSAID
    for actor, stand_in in STAND_IN.items():
        answers[np.asarray(role == actor) & np.asarray(second == stand_in)] = YES
    return np.where(np.asarray(second.isna()), NO, answers).astype(np.int8)
