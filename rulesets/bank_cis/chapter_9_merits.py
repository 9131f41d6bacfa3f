"""Article 4.(1).7: who kept the rules for a whole quarter is named as an example."""

from auditor.vocabulary import Merit, holds, m

from . import (
    chapter_1_access,
    chapter_2_powers,
    chapter_3_accounts,
    chapter_4_reviews,
    chapter_5_security,
    chapter_6_records,
    chapter_7_going_live,
)
from .liable import ITSELF

JUDGED = tuple(
    sorted(
        name
        for chapter in (
            chapter_1_access,
            chapter_2_powers,
            chapter_3_accounts,
            chapter_4_reviews,
            chapter_5_security,
            chapter_6_records,
            chapter_7_going_live,
        )
        for name in vars(chapter)
        if name.startswith("BK")
    )
)
"""Every rule of the chapters before."""

BK901 = Merit(
    code="BK901",
    name="clean-quarter",
    clause="4.(1).7",
    record="org_unit",
    population=(m.kind == "outlet") & holds.whole_quarter,
    earned=(m.cases_judged >= m.clean_minimum) & (m.cases_spoiling == 0),
    liable=ITSELF,
    shows=("cases_judged",),
    parameters=("clean_minimum",),
    reasons_on=JUDGED,
)
