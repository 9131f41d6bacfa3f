"""Running of the 95598 power service system (a county power bureau, trial)."""

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="power95598",
    version="試行",
    in_force_from=None,
    reads=(
        "org_unit",
        "staff",
        "ticket",
        "ticket_event",
        "outage_notice",
        "outage_change",
        "outage",
        "hot_issue",
        "grid_asset",
        "publication",
        "duty_record",
        "approval",
        "commendation",
    ),
    subjects={
        "ticket_event": (("ticket", "ticket_id"),),
        "outage": (("outage_notice", "notice_id"),),
        "outage_change": (("outage_notice", "notice_id"),),
    },
)
