"""Empty starts, one for each form; each reads back as a source with nothing in it."""

from typing import Final

from importers.native.sheet_writing import csv_files, workbook

_ABOUT: Final = (
    ("underpin", 1),
    ("source", "my-company"),
    ("as_of", "2026-06-30"),
    ("window", "calendar_month"),
    ("service_hours", "24x7"),
    ("timezone", "UTC"),
    ("currency", "EUR"),
)
_YAML: Final = """\
# Underpin native format, version 1. Everything but the id and kind of an entity is optional.
# `underpin schema` prints the JSON Schema, from which an editor completes keys and values.
underpin: 1
source: my-company                # the owner of every fact in this file
# scope: payments                 # a part of the source, which is imported by itself
as_of: 2026-06-30                 # the date that this describes
defaults: {window: calendar_month, service_hours: 24x7, timezone: UTC, currency: EUR}

parties:                          # kind: self | team | vendor | customer
#  - {id: acme, name: Acme Inc, kind: self}
#  - {id: team-commerce, name: Commerce team, kind: team}
#  - id: cloudx
#    name: Cloud X
#    kind: vendor
#    parent: cloudx-group
#    contacts: [{role: escalation, name: NOC, email: noc@cloudx.example, phone: "+47 5550 0100", response: 30 min}]

entities:                         # kind: transaction | service | component | infrastructure | external
#  - id: checkout
#    kind: transaction
#    name: Checkout
#    owner: team-commerce
#    criticality: critical        # critical | high | medium | low
#    revenue_per_hour: 12000 EUR
#    needs:                       # every line must hold
#      - api
#      - {entity: cloud-x, tolerates: 10 min}                          # survives this long without it
#      - {any: [psp-a, psp-b], name: acquirers}                        # one of them is enough
#      - {at_least: 2, of: [web-a, web-b, web-c], name: web tier}      # two of three
#    degrades: [{entity: email, loss: 2%}]                             # its loss degrades, and does not stop
#  - {id: api, kind: service, owner: team-commerce, availability: 99.99%}   # own faults only, suppliers aside
#  - {id: cloud-x, kind: external, provider: cloudx}

agreements:                       # type: sla | ola | uc | slo
#  - id: uc-cloudx
#    type: uc
#    provider: cloudx
#    consumer: acme
#    start: 2026-01-01
#    end: 2027-12-31              # the last day in force; absent: open
#    notice: 90 d
#    fee: 2500 EUR per month
#    targets:
#      - {covers: cloud-x, metric: availability, min: 99.95%, credits: {99.95: 10, 99.0: 25}}
#      - {covers: cloud-x, metric: time_to_repair, max: 4 h, window: per_incident}
"""


def yaml_template() -> bytes:
    """A commented YAML file."""
    return _YAML.encode()


def csv_template() -> dict[str, bytes]:
    """The CSV files by name, with their headers."""
    return csv_files({"about": [{"key": key, "value": value} for key, value in _ABOUT]})


def xlsx_template() -> bytes:
    """A workbook with headers, and lists to choose from."""
    return workbook({"about": [{"key": key, "value": value} for key, value in _ABOUT], "same": []})
