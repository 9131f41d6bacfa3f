"""Running of the personal customer information system V2.0 (a provincial branch of a bank)."""

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="bank_cis",
    version="V2.0",
    in_force_from=None,
    reads=(
        "org_unit",
        "staff",
        "cis_user",
        "customer_assignment",
        "access_event",
        "approval",
        "branch_golive",
        "terminal_event",
        "incident",
        "duty_record",
        # Not judged: whether a ticket explains a look-up stands beside an indicator.
        "ticket",
    ),
)
