"""Who answers for what in this regulation."""

from auditor.vocabulary import sole, unit

USER = unit("holder_org", staff="holder")
"""The user's unit and person, at the event."""
ACCOUNT = unit("org_id", staff=("staff_id", "user_id"))
"""The unit and the person that an account was opened for."""
OUTLET = unit("org_id")
BRANCH = unit("org_id")
ITSELF = unit("org_id")
"""The unit that the case is named after."""
PROVINCE = sole("province")
