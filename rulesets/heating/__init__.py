"""Running and service of district heating (a heating company)."""

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="heating",
    version="2016 (討論稿)",
    in_force_from=None,
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
