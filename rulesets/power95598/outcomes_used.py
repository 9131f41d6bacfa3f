"""Which rules others reason on: named once for the rules and for the facts that look at their outcome."""

REPAIR_LIMITS = ("PW301", "PW306", "PW308", "PW311")
"""A repair past one of these is followed up (2.3.(6))."""

ANSWER_LIMITS = ("PW201", "PW401", "PW402", "PW501", "PW601")
"""An order past one of these is urged (4.2.(3))."""

ESCALATED_LIMITS = ("PW201", "PW306", "PW308", "PW401", "PW402", "PW501", "PW601")
"""An order past one of these, urged in vain, is put before the leaders (4.2.(3))."""

JUDGED = (
    *("PW101", "PW102", "PW103", "PW104", "PW105", "PW106", "PW107", "PW108", "PW109", "PW110", "PW111", "PW112"),
    *("PW201", "PW202"),
    *(
        "PW301",
        "PW302",
        "PW303",
        "PW304",
        "PW305",
        "PW306",
        "PW307",
        "PW308",
        "PW309",
        "PW310",
        "PW311",
        "PW312",
        "PW313",
        "PW314",
        "PW315",
    ),
    *("PW401", "PW402", "PW403", "PW501", "PW502", "PW503", "PW601", "PW602"),
    *("PW701", "PW702", "PW703", "PW704", "PW705", "PW706", "PW707", "PW708"),
)
"""The rules whose cases count for a clean quarter: PW1xx to PW7xx (4.2.(4))."""
