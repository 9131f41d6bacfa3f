"""The record contract: the canonical records that sources are mapped onto and rules read."""

from auditor.contract.contract import (
    KINDS,
    PERSONAL,
    ROLES,
    SHARED_RECORDS,
    ContractError,
    Field,
    Record,
    load_contract,
)

__all__ = ["KINDS", "PERSONAL", "ROLES", "SHARED_RECORDS", "ContractError", "Field", "Record", "load_contract"]
