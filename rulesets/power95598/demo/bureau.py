"""The bureau: its departments, stations, staff, and which stations are the exemplary ones."""

from __future__ import annotations

from .book import Book

DISPATCH, MARKETING, SERVICE, PRODUCTION, RURAL = "DD", "YX", "KF", "SJ", "ND"
OFFICE, DIVERSIFIED, INFORMATION, REPAIR = "BG", "DJ", "XX", "QX"

_DEPARTMENTS = (
    (DISPATCH, "調度室", "dispatch"),
    (MARKETING, "營銷科", "marketing"),
    (SERVICE, "客戶服務中心", "service_center"),
    (PRODUCTION, "生產技術科", "production"),
    (RURAL, "農電管理科", "rural_power"),
    (OFFICE, "辦公室", "office"),
    (DIVERSIFIED, "多種經營管理科", "diversified"),
    (INFORMATION, "信息中心", "info_center"),
    (REPAIR, "搶修中心", "repair_center"),
)

_STATIONS = {
    "GD01": ("城關供電所", "urban"),
    "GD02": ("城東供電所", "urban"),
    "GD03": ("港區供電所", "urban"),
    "GD04": ("平原供電所", "rural"),
    "GD05": ("溪口供電所", "rural"),
    "GD06": ("山前供電所", "remote"),
    "GD07": ("海塘供電所", "rural"),
    "GD08": ("橋頭供電所", "rural"),
}

AREA_OF = {REPAIR: "urban", **{station: area for station, (_, area) in _STATIONS.items()}}
"""Unit that repairs faults → kind of area that it mostly serves."""

EXEMPLARY = ("GD07", "GD08")
"""Stations that do nothing wrong all quarter."""

CREWS = tuple(AREA_OF)
"""The units that repair faults."""

FALLIBLE = tuple(unit for unit in CREWS if unit not in EXEMPLARY)
"""The crews at which breaches are planted."""

LINES = ("10kV環城線", "10kV工業線", "10kV港區線", "10kV平原線", "10kV溪口線", "10kV山前線", "10kV海塘線", "10kV橋頭線")
AREAS = ("東街社區", "西街社區", "港南工業園", "平原村、下洋村", "溪口村", "山前村、上嶺村", "海塘村", "橋頭鎮區")
SPECIAL_USERS = ("none", "甲塑料廠（630kVA）", "乙水廠（重要用戶）", "丙冷庫（400kVA）、丁醫院（重要用戶）", "none")

_SURNAMES = "陳林王李張黃吳鄭金葉"
_STAFF_PER_UNIT = 5


def register(book: Book) -> None:
    """Units and staff: five to a unit, without given names."""
    book.add("org_unit", org_id="JU", name="縣供電局", kind="bureau")
    for org_id, name, kind in (*_DEPARTMENTS, *((station, name, "supply_station") for station, (name, _) in _STATIONS.items())):
        book.add("org_unit", org_id=org_id, name=name, kind=kind, parent_id="JU", valid_from="2019-01-01T00:00:00+08:00")
        for number in range(1, _STAFF_PER_UNIT + 1):
            name_of_person = f"{book.random.choice(_SURNAMES)}某（{org_id}{number}）"
            post = "班員" if number > 1 else "班長"
            book.add("staff", staff_id=f"{org_id}-{number}", name=name_of_person, org_id=org_id, post=post, employment="formal")


def person(book: Book, unit: str) -> str:
    """One of the unit's staff."""
    return f"{unit}-{book.random.randint(1, _STAFF_PER_UNIT)}"
