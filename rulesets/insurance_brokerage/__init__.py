"""Customer service of a bank's insurance programme, looked after by an insurance broker (interim measures of 2006)."""

from datetime import date

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="insurance_brokerage",
    version="2006 (暫行)",
    in_force_from=date(2006, 8, 14),
    reads=(
        "org_unit",
        "staff",
        "agreement",
        "manual_delivery",
        "team_member",
        "claim",
        "disclosure",
        "score_sheet",
        "service_failure",
        "duty_record",
        "contact_attempt",
        "ticket",
    ),
)
