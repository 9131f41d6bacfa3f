"""Adjudicate: durable-rules decides the cases that are not simply compliant or pending, and a sample of the others."""

from auditor.adjudicate.agreement import DisagreementError, check_agreement
from auditor.adjudicate.choice import choose
from auditor.adjudicate.dispatch import Adjudication, Adjudicator
from auditor.adjudicate.facts import fact_table
from auditor.adjudicate.lots import lots

__all__ = ["Adjudication", "Adjudicator", "DisagreementError", "check_agreement", "choose", "fact_table", "lots"]
