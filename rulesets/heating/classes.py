"""The classes of article 13, as conditions over a ticket: what is an emergency, what is a burst, what is a routine repair."""

from auditor.vocabulary import YES, m

HEAT = m.category.one_of("heat_repair", "heat_event")
"""The tickets of this regulation; both kinds count unless a rule says otherwise."""

EMERGENCY = (
    (m.level == "major")
    | m.source.one_of("mayor_hotline", "housing_bureau", "media", "company")
    | m.subject.one_of("activation", "no_heat", "burst", "valve_leak", "tampering", "quality", "manhole")
)
"""Part one: by the level that dispatch set, by who reported it, or by its subject. A blank is none of them."""

GENERAL = ~EMERGENCY
"""Part two: whatever is no emergency."""

BURST = m.subject.one_of("burst", "valve_leak")
"""Part three, item 2: a burst pipe or a leaking valve."""

LONG_COORDINATION = m.long_coordination == YES
"""Part three, item 4: needs lengthy talks with the customer; it is reported in writing instead."""

VISIT_NEEDED = m.no_visit_needed != YES
"""Somebody had to go there: it was not settled by phone, cancelled or out of scope."""

JUDGED_FOR_CLEANNESS = (
    *("HT101", "HT102", "HT103", "HT104", "HT105", "HT106", "HT107", "HT108", "HT109"),
    *("HT201", "HT202", "HT203", "HT204", "HT205", "HT206", "HT207", "HT208"),
    *("HT209", "HT210", "HT211", "HT212", "HT213", "HT214", "HT215", "HT216"),
    *("HT301", "HT302", "HT303", "HT304", "HT305", "HT311", "HT312", "HT313", "HT314"),
    *("HT401", "HT402", "HT403"),
    *("HT501", "HT502", "HT503", "HT504", "HT505", "HT506", "HT507"),
)
"""The rules whose cases a clean quarter is told by: all but the merits."""
