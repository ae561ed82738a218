"""The sheets of the native format and their columns: the one list that reading, writing and templates share."""

from types import MappingProxyType
from typing import Final

SHEETS: Final = MappingProxyType({
    "about": ("key", "value"),
    "same": ("first", "second"),
    "parties": (
        "id", "kind", "name", "parent", "contact_role", "contact_name", "contact_email", "contact_phone",
        "contact_response",
    ),
    "entities": (
        "id", "ref", "kind", "name", "owner", "provider", "criticality", "tier", "family", "own_availability_percent",
        "valid_from", "valid_until", "journey", "revenue_per_hour", "rto", "rpo", "impact_tolerance",
        "substitutability", "exit_plan_reviewed", "exit_plan_doc",
    ),
    "requirements": (
        "subject", "group", "need", "target", "impact", "loss_percent", "tolerance", "handoff", "tested", "beta",
    ),
    "agreements": (
        "id", "version", "type", "name", "provider", "consumer", "status", "start", "end", "auto_renew", "notice",
        "notice_given", "level", "precedence", "service_tier", "extent", "timezone", "service_hours", "holidays",
        "maintenance", "excludes", "fee", "credit_cap", "claim_within", "covers", "doc", "note",
    ),
    "targets": (
        "agreement", "version", "covers", "metric", "operator", "value", "unit", "window", "extent", "measure",
        "credit_kind", "credits",
    ),
})  # fmt: skip
"""Sheet or file to columns, in the order in which they are written."""

ABOUT_HEAD: Final = ("underpin", "source", "scope", "as_of")
ABOUT_DEFAULTS: Final = ("window", "service_hours", "timezone", "currency")
