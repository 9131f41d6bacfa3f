"""Who answers for a case, as values: `unit("handler_org_id", "org_id")`, `sole("service_center")`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Liable:
    """The first of `units` that is on record, else the only unit of a kind in force at the case's instant, else nobody.

    The kind is `sole_kind`, or that which `sole_by` (a field, and the kind that each of its codes stands for) tells.
    `staff`: the first of these on record names the person. Under warranty (`warranty` says yes) the contractor answers alone.
    """

    units: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    sole_kind: str | None = None
    sole_by: tuple[str, Mapping[str, str]] | None = None
    warranty: str | None = None
    contractor: str | None = None


def unit(*fields: str, staff: str | tuple[str, ...] = ()) -> Liable:
    """The unit that the first of the fields on record names, known or not; `staff` the field(s) that name the person."""
    return Liable(units=fields, staff=(staff,) if isinstance(staff, str) else staff)


def person(*fields: str) -> Liable:
    """The person alone, no unit."""
    return Liable(staff=fields)


def sole(kind: str, *, staff: str | tuple[str, ...] = ()) -> Liable:
    """The only unit of that kind in force at the case's instant; with none or several nobody is named. `staff` the field(s) that name the
    person."""
    return Liable(sole_kind=kind, staff=(staff,) if isinstance(staff, str) else staff)


def sole_by(field: str, **kinds: str) -> Liable:
    """The only unit of the kind that the field's code stands for: `sole_by("kind", rural_transformer="rural_power")`."""
    return Liable(sole_by=(field, kinds))


def under_warranty(liable: Liable, *, flag: str = "in_warranty", contractor: str = "contractor") -> Liable:
    """Under warranty the contractor is liable; without a contractor's name nobody is, never the unit."""
    return replace(liable, warranty=flag, contractor=contractor)


NOBODY = Liable()
