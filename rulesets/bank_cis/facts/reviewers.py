"""Who reviews what (article 10): the first line that fits the act and the role of the actor. Empty roles: any role."""

from typing import NamedTuple

HEADS = ("dept_head", "account_manager_head", "tongda_head")
UPPER_LEVELS = ("province", "branch")


class Review(NamedTuple):
    """Acts of actors of certain roles, the roles that may review them, and the levels that the reviewer must be of."""

    actions: tuple[str, ...]
    actors: tuple[str, ...]
    reviewers: tuple[str, ...]
    levels: tuple[str, ...] = ()


REVIEWS = (
    Review(("modify_customer",), ("account_manager",), ("account_manager_head",)),
    Review(("modify_customer",), ("tongda_specialist",), ("tongda_head",)),
    Review(("modify_customer",), ("data_entry", "business_admin"), ("dept_head",)),
    Review(("modify_customer",), (), ()),
    Review(("approve_card",), ("account_manager", "tongda_specialist"), ("account_manager_head", "tongda_head")),
    Review(("approve_card", "modify_customer_level"), (), ("dept_head",), UPPER_LEVELS),
    Review(("assign_customer", "delete_service_record"), (), HEADS),
)
STAND_IN = {"dept_head": "leader"}
"""Who serves as well, whatever the act: for the acts of a department head a leader (10.(7).(7))."""
