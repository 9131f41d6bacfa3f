"""Customer service of a grid company and its subsidiaries (measures of 2003)."""

from datetime import date

from auditor.vocabulary import Regulation

REGULATION = Regulation(
    name="csg_service",
    version="2003-10",
    in_force_from=date(2003, 7, 18),
    reads=("org_unit", "staff", "duty_record", "service_kpi", "rectification", "ticket", "commendation"),
)
