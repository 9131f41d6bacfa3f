"""Running and service of district heating (a heating company)."""

from datetime import date

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="heating",
    version="2016 draft for discussion",
    in_force_from=date(2016, 1, 1),
    reads=(
        "org_unit",
        "staff",
        "ticket",
        "ticket_event",
        "leak_repair",
        "heat_stop",
        "heat_stop_posting",
        "meter_swap",
        "contact_attempt",
        "duty_roster_change",
        "inspection",
        "conduct_case",
        "commendation",
        "approval",
    ),
    subjects={
        "ticket_event": (("ticket", "ticket_id"),),
        "heat_stop_posting": (("heat_stop", "stop_id"),),
    },
)
