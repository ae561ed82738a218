"""What the native format says: the whole example of its description, and the rules that lie in a file itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from importers.importer import SourceFile
from importers.native.outline import outline_of
from importers.native.sheet_writing import write_csv, write_xlsx
from tests.importers.sources import codes, read_body, read_one, shown, statements
from topology.facts import EntityStatement
from topology.model import (
    Agreement,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
    Comparator,
    Contact,
    CreditCap,
    CreditKind,
    CreditTier,
    Criticality,
    Degradation,
    EntityKind,
    Exclusion,
    ExclusionKind,
    ExitPlan,
    Extent,
    Fee,
    Maintenance,
    Measure,
    Member,
    Money,
    Party,
    PartyKind,
    Period,
    RequirementGroup,
    Substitutability,
    Target,
    Validity,
    Window,
    WindowKind,
)

EVERYTHING = Path(__file__).parents[1] / "data" / "native" / "everything.yaml"
CHECKOUT = EntityStatement(
    "checkout",
    EntityKind.TRANSACTION,
    name="Checkout",
    owner="team-commerce",
    criticality=Criticality.CRITICAL,
    tier=1,
    family="databases",
    availability=Decimal("0.9999"),
    valid=Validity(date(2024, 1, 1), date(2027, 1, 1)),
    journey="purchase",
    revenue_per_hour=Money(Decimal(12000), "EUR"),
    rto=Decimal(60),
    rpo=Decimal(5),
    impact_tolerance=Decimal(120),
    substitutability=Substitutability.MEDIUM,
    exit_plan=ExitPlan(date(2026, 2, 1), "..."),
)
CLOUDX = Agreement(
    key="uc-cloudx",
    version=2,
    type=AgreementType.UC,
    name="Cloud X master agreement",
    provider="cloudx",
    consumer="acme",
    status=AgreementStatus.ACTIVE,
    start=date(2024, 1, 1),
    end=date(2027, 12, 31),
    auto_renew=Period(months=12),
    notice=Period(days=90),
    notice_given=date(2027, 8, 1),
    level=AgreementLevel.SERVICE,
    precedence=10,
    service_tier="gold",
    covers=("cloud-x",),
    timezone="Europe/Oslo",
    service_hours="Mon-Fri 08:00-18:00",
    holidays=("2026-12-25", "NO"),
    maintenance=(
        Maintenance(weekly="Sun 02:00-04:00"),
        Maintenance(allowance=Decimal(240), per=WindowKind.CALENDAR_MONTH),
    ),
    excludes=(
        Exclusion(ExclusionKind.MAINTENANCE),
        Exclusion(ExclusionKind.FORCE_MAJEURE),
        Exclusion(ExclusionKind.THIRD_PARTY),
        Exclusion(ExclusionKind.CUSTOMER_FAULT),
        Exclusion(ExclusionKind.SHORTER_THAN, minutes=Decimal(5)),
        Exclusion(ExclusionKind.ENTITIES, entities=("isp",)),
    ),
    fee=Fee(Money(Decimal(2500), "EUR"), Period(months=1)),
    credit_cap=CreditCap(Decimal("0.5"), Period(months=12)),
    claim_within=Decimal(43200),
    doc="https://...",
    note="text",
)


def everything() -> SourceFile:
    return SourceFile("everything.yaml", EVERYTHING.read_bytes())


def test_the_example_of_the_description_is_read_whole() -> None:
    reading = read_one(everything())
    assert shown(reading) == []
    assert (reading.source, reading.scope, reading.as_of) == ("acme", "payments", date(2026, 6, 30))
    said = statements(reading)
    assert said["entity", "checkout"] == CHECKOUT
    assert said["agreement", "uc-cloudx", "2"] == CLOUDX
    assert said["party", "psp-b-inc"] == Party("psp-b-inc", PartyKind.VENDOR, "PSP B", "psp-group")
    contact = Contact("escalation", "NOC", "noc@cloudx.example", "+47 5550 0100", Decimal(30))
    assert said["party", "cloudx"] == Party("cloudx", PartyKind.VENDOR, "cloudx", None, (contact,))


def test_the_needs_of_the_example_are_groups_with_sorted_members() -> None:
    said = statements(read_one(everything()))
    needs = [s for s in said.values() if isinstance(s, RequirementGroup) and s.consumer == "checkout"]
    webs = tuple(Member(key) for key in ("web-a", "web-b", "web-c"))
    assert needs == [
        RequirementGroup("checkout", 1, (Member("api"),)),
        RequirementGroup("checkout", 1, (Member("cloud-x", Decimal(10)),)),
        RequirementGroup("checkout", 1, (Member("orders-db", handoff=Decimal(15)),)),
        RequirementGroup("checkout", 1, (Member("psp-a"), Member("psp-b", Decimal(5))), "acquirers"),
        RequirementGroup("checkout", 2, webs, "web tier", date(2026, 3, 1), Decimal("0.1")),
    ]
    soft = [s for s in said.values() if isinstance(s, Degradation)]
    assert soft == [
        Degradation("checkout", "email", Decimal("0.02"), Decimal(5)),
        Degradation("checkout", "search"),
    ]


def test_the_targets_of_the_example_have_their_windows_and_credits() -> None:
    said = statements(read_one(everything()))
    assert said["target", "uc-cloudx", "2", "cloud-x", "availability", "calendar_month"] == Target(
        agreement="uc-cloudx",
        version=2,
        metric="availability",
        comparator=Comparator.AT_LEAST,
        value=Decimal("0.9995"),
        unit="ratio",
        window=Window(WindowKind.CALENDAR_MONTH),
        extent=Extent.END_TO_END,
        covers="cloud-x",
        measure=Measure.TIME,
        credit_kind=CreditKind.PERCENT_OF_FEE,
        credits=(
            CreditTier(Decimal("0.9995"), Decimal("0.1")),
            CreditTier(Decimal("0.99"), Decimal("0.25")),
            CreditTier(Decimal("0.95"), Decimal(1)),
        ),
    )
    repair = said["target", "uc-cloudx", "2", "cloud-x", "time_to_repair", "per_incident"]
    assert isinstance(repair, Target)
    assert (repair.comparator, repair.unit, repair.credit_kind) == (Comparator.AT_MOST, "h", None)
    assert repair.value == Decimal(4)


def test_the_example_is_the_same_in_all_three_forms() -> None:
    reading = read_one(everything())
    whole = outline_of(reading.facts, "acme", "payments")
    csv = [SourceFile(name, data) for name, data in write_csv(whole).items()]
    assert statements(read_one(csv)) == statements(reading)
    assert statements(read_one(SourceFile("acme.xlsx", write_xlsx(whole)))) == statements(reading)


@pytest.mark.parametrize(
    ("kind", "extent"),
    [("uc", "end_to_end"), ("sla", "end_to_end"), ("slo", "end_to_end"), ("ola", "intrinsic")],
)
def test_the_extent_follows_from_the_type_the_agreement_or_the_target(kind: str, extent: str) -> None:
    def extents(agreement: str, target: str) -> list[str]:
        reading = read_body(
            f"agreements:\n - {{id: u, type: {kind}, provider: v{agreement}, "
            f"targets: [{{metric: availability, min: 99%{target}}}]}}\n"
        )
        return [str(f.statement.extent) for f in reading.facts if isinstance(f.statement, Target)]

    other = "intrinsic" if extent == "end_to_end" else "end_to_end"
    assert extents("", "") == [extent]
    assert extents(f", extent: {other}", "") == [other]
    assert extents(f", extent: {other}", f", extent: {extent}") == [extent]


def test_defaults_of_the_document_hold_where_nothing_else_is_said() -> None:
    head = (
        "defaults: {window: rolling_30d, service_hours: 'Mon-Fri 08:00-18:00', timezone: Europe/Oslo, currency: NOK}\n"
    )
    target = "{metric: availability, min: 99%}"
    body = f"agreements:\n - {{id: u, type: uc, provider: v, fee: 5 per month, targets: [{target}]}}\n"
    said = statements(read_body(head + body))
    agreement = said["agreement", "u", "1"]
    assert isinstance(agreement, Agreement)
    assert (agreement.timezone, agreement.service_hours) == ("Europe/Oslo", "Mon-Fri 08:00-18:00")
    assert agreement.fee == Fee(Money(Decimal(5), "NOK"), Period(months=1))
    assert ("target", "u", "1", "", "availability", "rolling_30d") in said
    plain = statements(read_body(body.replace("5 per", "5 EUR per")))["agreement", "u", "1"]
    assert plain == replace(
        agreement, timezone="UTC", service_hours="24x7", fee=Fee(Money(Decimal(5), "EUR"), Period(months=1))
    )


def test_a_metric_that_is_not_known_is_kept_as_written() -> None:
    reading = read_body(
        "agreements:\n - {id: u, type: uc, provider: v, targets: [{metric: Apdex score, min: 0.94}, "
        "{metric: error rate, max: 1%}, {metric: Success Rate, min: 99.5}]}\n"
    )
    found = [(f.statement.metric, str(f.statement.value), f.statement.unit) for f in reading.facts
             if isinstance(f.statement, Target)]  # fmt: skip
    assert sorted(found) == [("Apdex score", "0.94", ""), ("error rate", "1", "%"), ("success_rate", "0.995", "ratio")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{at_least: 0, of: [b, c]}", "UP-GROUP-K"),
        ("{at_least: -1, of: [b, c]}", "UP-GROUP-K"),
        ("{at_least: 3, of: [b, c]}", "UP-GROUP-K"),
        ("{any: []}", "UP-GROUP-K"),
        ("{any: [b, {entity: b, tolerates: 5 min}]}", "UP-GROUP-REPEAT"),
        ("{any: [b, a]}", "UP-NEED-SELF"),
        ("a", "UP-NEED-SELF"),
        ("{entity: a}", "UP-NEED-SELF"),
        ("{any: [b, c], of: [b]}", "UP-KEY-UNKNOWN"),
        ("{at_least: 1}", "UP-MISSING"),
        ("{of: [b]}", "UP-MISSING"),
        ("[b, c]", "UP-TYPE"),
        ("", "UP-TYPE"),
        ("{any: [b, c], name: soft}", "UP-GROUP-NAME"),
        ("{any: [b, c], tested: yesterday}", "UP-DATE"),
        ("{any: [b, c], beta: 2}", "UP-FIGURE"),
        ("{entity: b, tolerates: 1 month}", "UP-DURATION"),
        ("Web A", "UP-ID"),
        ('"*"', "UP-ID"),
    ],
)
def test_a_need_that_cannot_be_is_refused_and_the_others_proceed(line: str, code: str) -> None:
    reading = read_body(f"entities:\n  - id: a\n    kind: service\n    needs:\n      - {line}\n      - good\n")
    assert codes(reading) == [code]
    assert reading.problems[0].place is not None
    assert reading.problems[0].place.line == 7
    assert list(statements(reading)) == [("entity", "a"), ("group", "a", "", "good")]


def test_one_supplier_twice_as_one_of_one_is_refused_wherever_the_lines_stand() -> None:
    reading = read_body("""\
        entities:
          - {id: a, kind: service, needs: [b, {any: [b], name: again}]}
          - {ref: a, needs: [{any: [c, d]}, {at_least: 2, of: [d, c]}]}
        """)
    assert codes(reading) == ["UP-NEED-TWICE", "UP-NEED-TWICE"]


def test_a_supplier_in_a_single_need_and_in_a_group_is_allowed() -> None:
    reading = read_body("entities:\n - {id: a, kind: service, needs: [b, {any: [b, c]}], degrades: [b]}\n")
    assert codes(reading) == []


def test_two_groups_of_one_consumer_cannot_share_a_name() -> None:
    reading = read_body(
        "entities:\n - {id: a, kind: service, needs: [{any: [b, c], name: x}, {any: [d, e], name: x}]}\n"
        " - {id: z, kind: service, needs: [{any: [b, c], name: x}]}\n"
    )
    assert codes(reading) == ["UP-GROUP-NAME"]


@pytest.mark.parametrize("source", ["acme", "backstage"])
def test_only_the_source_itself_may_define_an_entity_under_a_key_with_its_name(source: str) -> None:
    text = f"underpin: 1\nsource: {source}\nentities:\n - {{ref: 'backstage:component:orders', kind: component}}\n"
    reading = read_one(SourceFile("a.yaml", text.encode()))
    assert codes(reading) == ([] if source == "backstage" else ["UP-REF"])


def test_a_merge_key_is_understood_and_what_is_written_wins() -> None:
    reading = read_body("""\
        entities:
          - &base {id: a, kind: service, owner: t}
          - {<<: *base, id: b, tier: 2}
        """)
    assert statements(reading)["entity", "b"] == EntityStatement("b", EntityKind.SERVICE, owner="t", tier=2)


def test_words_that_yaml_takes_for_something_else_stay_what_people_wrote() -> None:
    reading = read_body(
        "agreements:\n - {id: u, type: uc, provider: v, holidays: [NO], service_hours: 24x7, name: yes, note: 010}\n"
    )
    agreement = statements(reading)["agreement", "u", "1"]
    assert isinstance(agreement, Agreement)
    assert (agreement.holidays, agreement.service_hours) == (("NO",), "24x7")
    assert (agreement.name, agreement.note) == ("yes", "010")


def test_several_versions_of_an_agreement_stand_beside_each_other() -> None:
    reading = read_body("""\
        agreements:
          - {id: u, type: uc, provider: v, targets: [{metric: availability, min: 99%}]}
          - {id: u, version: 2, type: uc, provider: v, targets: [{metric: availability, min: 99.5%}]}
          - {id: u, version: 2, type: uc, provider: w}
        """)
    assert codes(reading) == ["UP-TWICE"]
    assert [about for about in statements(reading) if about[0] == "target"] == [
        ("target", "u", "1", "", "availability", "calendar_month"),
        ("target", "u", "2", "", "availability", "calendar_month"),
    ]


def test_the_targets_of_an_agreement_that_is_refused_are_left_out() -> None:
    reading = read_body("agreements:\n - {id: u, type: uk, provider: v, targets: [{metric: availability, min: 99%}]}\n")
    assert codes(reading) == ["UP-ENUM"]
    assert reading.facts == ()
