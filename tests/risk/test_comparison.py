"""Two views held against each other: deltas from the definitions, and each clause of the change board's rule."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from typing import Any

import pytest

from risk.assessment import Assessment
from risk.availability import Availability
from risk.comparison import Comparison
from risk.deltas import ChangeVerdict
from risk.limits import Check, unhurried
from risk.terms import FindingCode, Verdict
from tests import oracles
from tests.risk.estates import GOLD, SLA, UC, assess, checkout, entity, external, near, promised, team
from tests.statements import company, needs, vendor
from tests.strategies import Sample, sample
from topology.errors import AnalysisTooLarge, DeadlinePassed
from topology.facts import EntityStatement, Statement
from topology.model import Criticality, EntityKind, Extent, Target, Validity, Window, WindowKind

PASS, WARN, FAIL = ChangeVerdict
CLOUD_Y = (vendor("cloud-y-inc"), external("cloud-y", percent="99.99"))
CRITICAL, LOW = Criticality.CRITICAL, Criticality.LOW


def moved() -> Assessment:
    """The worked model with psp-b on cloud-y instead of cloud-x."""
    kept = [s for s in checkout() if s != needs("psp-b", "cloud-x")]
    return assess(*kept, *CLOUD_Y, needs("psp-b", "cloud-y"))


def without(*gone: str, statements: Iterable[Statement] = ()) -> list[Statement]:
    """Statements but for agreements and their targets."""
    return [s for s in statements if getattr(s, "agreement", getattr(s, "key", "")) not in gone]


def changed(statements: Iterable[Statement], about: str, **fields: Any) -> list[Statement]:
    """Statements with other fields in that of one entity, or of one agreement's target."""
    return [
        replace(s, **fields)
        if (isinstance(s, EntityStatement) and s.key == about) or (isinstance(s, Target) and s.agreement == about)
        else s
        for s in statements
    ]


def sentences(found: Comparison, verdict: ChangeVerdict) -> list[str]:
    return [reason.sentence for reason in found.judgement.reasons if reason.verdict is verdict]


def test_moving_psp_b_to_another_cloud_gains_4_309_minutes_and_loses_a_single_point() -> None:
    # analyses.md, section 3: "Moving psp_b to cloud_y (99.99) removes cloud_x and gains 4.309 min/30 d."
    found = Comparison(assess(*checkout()), moved())
    acquirers = 1 - (1 - Fraction("0.9995") * Fraction("0.9999")) * (1 - Fraction("0.999") * Fraction("0.9999"))
    after = Fraction("0.9999") ** 5 * Fraction("0.9995") * acquirers
    deltas = {delta.entity: delta for delta in found.entities}
    assert near(deltas["checkout"].minutes, "-4.309")
    gained = deltas["checkout"].after
    assert gained is not None
    assert abs(Fraction(gained.q) - (1 - after)) < Fraction(1, 10**15)
    # psp-b's own composite is the same: one cloud of 99.99 % for another.
    assert [*deltas] == ["payments", "api", "checkout", "cloud-y"]
    assert deltas["cloud-y"].before is None
    assert deltas["cloud-y"].minutes is None
    assert [point.subject for point in found.single_points_lost] == ["cloud-x"]
    assert [found.before.key_of(n) for n in found.single_points_lost[0].stops] == ["checkout"]
    assert found.single_points_gained == ()
    (gold,) = found.commitments
    assert gold.key == GOLD
    assert near(gold.minutes, "4.309")
    # It promised too much before, promises too much still, and by less: nothing is worse.
    assert found.judgement.verdict is PASS
    assert found.judgement.reasons == ()
    opened = {(finding.code, finding.subject) for finding in found.findings_opened}
    assert (FindingCode.SUPPLIER_UNCOVERED, "cloud-y") in opened
    assert (FindingCode.SUPPLIER_UNCOVERED, "cloud-x") not in {(f.code, f.subject) for f in found.findings_closed}


def test_a_view_held_against_itself_is_no_change() -> None:
    found = Comparison(assess(*checkout()), assess(*checkout()))
    assert found.entities == ()
    assert found.commitments == ()
    assert (found.single_points_gained, found.single_points_lost) == ((), ())
    assert (found.findings_opened, found.findings_closed) == ((), ())
    assert found.judgement.verdict is PASS


def test_the_same_estate_under_other_numbers_differs_by_no_noise_of_floats() -> None:
    # Entities of no concern shift every number and so the order in which floats are multiplied.
    spare = [entity(f"{letter}-spare", percent="99") for letter in "aqz"]
    found = Comparison(assess(*checkout()), assess(*checkout(), *spare))
    assert [(delta.entity, delta.before) for delta in found.entities] == [(s.key, None) for s in spare]
    assert found.commitments == ()
    assert found.judgement.verdict is PASS


def test_a_promise_that_falls_into_shortfall_fails_with_both_figures() -> None:
    # analyses.md, section 4: Silver 99.5 % has +168.478 min, Gold 99.9 % has -4.3221.
    found = Comparison(assess(*checkout(sla="99.5")), assess(*checkout()))
    assert found.judgement.verdict is FAIL
    assert sentences(found, FAIL) == [
        f'"{GOLD}" falls from COVERED into SHORTFALL: its headroom goes from +168.47 min to -4.33 min.'
    ]
    # The finding PROMISE_IN_SHORTFALL is an ERROR that opens; the failure has said it already.
    assert sentences(found, WARN) == []


def test_the_way_back_passes() -> None:
    found = Comparison(assess(*checkout()), assess(*checkout(sla="99.5")))
    assert found.judgement.verdict is PASS
    assert [f.code for f in found.findings_closed] == [FindingCode.PROMISE_IN_SHORTFALL]
    assert len(found.commitments) == 1


def test_a_promise_in_shortfall_that_loses_minutes_fails_and_one_that_gains_passes() -> None:
    better, worse = moved(), assess(*checkout())
    found = Comparison(better, worse)
    assert found.judgement.verdict is FAIL
    assert sentences(found, FAIL) == [
        f'"{GOLD}" is in SHORTFALL and loses 4.31 min: its headroom goes from -0.02 min to -4.33 min.'
    ]
    assert Comparison(worse, better).judgement.verdict is PASS


def test_a_promise_that_is_new_and_in_shortfall_fails() -> None:
    statements = checkout()
    found = Comparison(assess(*without("sla-gold", statements=statements)), assess(*statements))
    assert found.judgement.verdict is FAIL
    # cloud-x has no contract, and beneath this promise it had none to lose: UNCOVERED as well.
    assert sentences(found, FAIL) == [
        f'"{GOLD}" is promised anew and is in SHORTFALL: its headroom is -4.33 min.',
        f'"cloud-x" becomes UNCOVERED (no agreement, fourth party no contract) beneath "{GOLD}".',
    ]
    (gold,) = found.commitments
    assert (gold.before, gold.minutes) == (None, None)


def test_a_promise_that_is_no_longer_made_is_shown_and_cannot_break() -> None:
    statements = checkout()
    found = Comparison(assess(*statements), assess(*without("sla-gold", statements=statements)))
    (gold,) = found.commitments
    assert (gold.key, gold.after) == (GOLD, None)
    assert found.judgement.verdict is PASS


def test_a_contract_that_lapses_fails_though_the_figure_it_gave_counts_as_up() -> None:
    # Without uc-psp-a its figure is missing: expected headroom rises, which must not hide the gap.
    statements = checkout()
    found = Comparison(assess(*statements), assess(*without("uc-psp-a", statements=statements)))
    (gold,) = found.commitments
    assert gold.minutes is not None
    assert gold.minutes > 0
    assert found.judgement.verdict is FAIL
    assert sentences(found, FAIL) == [f'"psp-a" becomes UNCOVERED (no agreement) beneath "{GOLD}".']


BASE: tuple[Statement, ...] = (
    company("acme"),
    team("shop"),
    vendor("cloud"),
    entity("sales", EntityKind.TRANSACTION, owner="shop", criticality=CRITICAL),
    entity("till", percent="99.99", owner="shop"),
    entity("spare", percent="99.99", owner="shop"),
    external("store", "cloud"),
    external("vault", "cloud"),
    needs("sales", "till"),
    needs("till", "store"),
    *promised("sla", SLA, "acme", "sales", "99"),
    *promised("uc", UC, "cloud", "store", "99.9"),
)
SALES = "sla/sales/availability/calendar_month"


def test_the_first_supplier_without_a_contract_fails_a_covered_promise() -> None:
    found = Comparison(assess(*BASE), assess(*BASE, needs("till", "vault")))
    assert sentences(found, FAIL) == [f'"vault" becomes UNCOVERED (no agreement) beneath "{SALES}".']


def test_a_new_single_point_of_a_critical_transaction_warns_and_of_another_does_not() -> None:
    found = Comparison(assess(*BASE), assess(*BASE, needs("till", "spare")))
    assert [point.subject for point in found.single_points_gained] == ["spare"]
    assert found.judgement.verdict is WARN
    assert sentences(found, WARN) == ['"spare" is a new single point of failure of "sales" (critical).']
    for criticality, verdict in ((Criticality.HIGH, WARN), (Criticality.MEDIUM, PASS), (LOW, PASS), (None, PASS)):
        now = changed(BASE, "sales", criticality=criticality)
        judged = Comparison(assess(*now), assess(*now, needs("till", "spare"))).judgement
        assert judged.verdict is verdict, criticality


def test_a_single_point_of_one_transaction_can_become_one_of_another() -> None:
    other = entity("refund", EntityKind.TRANSACTION, owner="shop", criticality=CRITICAL)
    found = Comparison(assess(*BASE, other), assess(*BASE, other, needs("refund", "till")))
    gained = {point.subject: [found.after.key_of(n) for n in point.stops] for point in found.single_points_gained}
    assert gained == {"till": ["refund"], "store": ["refund"]}
    assert [(item.transaction.key, item.points) for item in found.newly_stopped] == [("refund", ("store", "till"))]


def test_a_verdict_that_worsens_without_a_shortfall_warns() -> None:
    # Two stores of 99.9 % and 98 %, one of them needed: sales stays far above its 99 %. But 2 % of June are 864
    # minutes, and the promise allows 432: by that contract alone it could not be kept.
    found = Comparison(assess(*redundant()), assess(*changed(redundant(), "uc-2", value=Decimal("0.98"))))
    assert found.judgement.verdict is WARN
    assert sentences(found, WARN) == [f'"vault" goes from COVERED to SHORTFALL beneath "{SALES}".']
    (delta,) = found.commitments
    assert delta.after is not None
    assert delta.after.verdict is Verdict.COVERED


def redundant() -> list[Statement]:
    """Sales at 99 % on one of two stores, each with a contract for 99.9 %."""
    kept = [s for s in BASE if s != needs("till", "store")]
    return [*kept, needs("till", "store", "vault", k=1, name="stores"), *promised("uc-2", UC, "cloud", "vault", "99.9")]


def test_an_error_finding_that_opens_warns() -> None:
    # RETIRED_SUPPLIER is an ERROR: till is needed after its last day.
    found = Comparison(assess(*BASE), assess(*changed(BASE, "till", valid=Validity(until=date(2026, 6, 1)))))
    errors = [finding for finding in found.findings_opened if finding.severity == "error"]
    assert [finding.code for finding in errors] == [FindingCode.RETIRED_SUPPLIER]
    assert found.judgement.verdict is WARN
    assert any(sentence.startswith("RETIRED_SUPPLIER: ") for sentence in sentences(found, WARN))


def test_minutes_are_of_each_views_own_window_and_the_sentence_says_when_they_differ() -> None:
    # June has 43 200 minutes, July 44 640: the same shortfall of .000100049545 is 4.322 and 4.466 minutes.
    found = Comparison(assess(*checkout()), assess(*checkout(), at=date(2026, 7, 15)))
    (sentence,) = sentences(found, FAIL)
    assert sentence == (
        f'"{GOLD}" is in SHORTFALL and loses 0.15 min: its headroom goes from -4.33 min to -4.47 min, '
        "in a window of 44640 min instead of 43200."
    )


def test_one_promise_over_another_window_is_another_promise() -> None:
    yearly = Window(WindowKind.CALENDAR_YEAR)
    found = Comparison(assess(*checkout(sla="99.5")), assess(*checkout(sla="99.5", window=yearly)))
    assert [(d.key, d.before is None, d.after is None) for d in found.commitments] == [
        ("sla-gold/checkout/availability/calendar_month", False, True),
        ("sla-gold/checkout/availability/calendar_year", True, False),
    ]


def test_a_deadline_stops_a_comparison() -> None:
    def late() -> None:
        raise DeadlinePassed("the test's clock")

    found = Comparison(assess(*checkout()).within(late), moved().within(late))
    for asked in ("entities", "commitments", "judgement", "single_points_lost", "findings_opened"):
        with pytest.raises(DeadlinePassed):
            getattr(found, asked)


@pytest.fixture
def entangled(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing beneath psp-a can be backed out of a promise that covers it."""
    plain = Availability.supplied

    def supplied(self: Availability[float], root: int, check: Check = unhurried) -> float:
        if self.system.keys[root] == "psp-a":
            raise AnalysisTooLarge("too entangled")
        return plain(self, root, check)

    monkeypatch.setattr(Availability, "supplied", supplied)


def test_what_only_bounds_are_known_of_is_listed_where_the_change_reaches_it(entangled: None) -> None:
    was = checkout(extent=Extent.END_TO_END)
    now = changed(was, "uc-cdn", value=Decimal("0.9995"))
    found = {delta.entity: delta for delta in Comparison(assess(*was), assess(*now)).entities}
    # checkout, on psp-a and on cdn, may differ; payments is not reached, and cdn and web are known exactly.
    assert set(found) == {"cdn", "web", "checkout"}
    assert (found["checkout"].before, found["checkout"].after, found["checkout"].minutes) == (None, None, None)
    assert near(found["cdn"].minutes, "17.280")


def test_a_promise_that_becomes_too_large_to_compute_is_never_taken_for_kept(
    request: pytest.FixtureRequest,
) -> None:
    was = checkout(extent=Extent.END_TO_END)
    before = assess(*was)
    before.findings()
    request.getfixturevalue("entangled")
    found = Comparison(before, assess(*changed(was, "uc-cdn", value=Decimal("0.9998"))))
    assert found.judgement.verdict is WARN
    assert sentences(found, WARN) == [f'The headroom of "{GOLD}" has become too large to compute.']


def statements_of(drawn: Sample, transactions: set[int]) -> list[Statement]:
    """A random system as facts; its groups keep their order by name."""
    found: list[Statement] = []
    for v, q in enumerate(drawn.q):
        kind = EntityKind.TRANSACTION if v in transactions else EntityKind.SERVICE
        percent = Decimal(100 * (q.denominator - q.numerator)) / Decimal(q.denominator)
        found.append(entity(f"e{v}", kind, str(percent)))
        for place, (k, members) in enumerate(drawn.groups[v]):
            name = f"g{place}" if len(members) > 1 else None
            found.append(needs(f"e{v}", *(f"e{m}" for m in members), k=k, name=name))
    return found


def well_formed(drawn: Sample) -> bool:
    """Whether no supplier stands twice beneath one consumer, which input refuses."""
    return all(
        len({m for _, members in own for m in members}) == sum(len(members) for _, members in own)
        for own in drawn.groups
    )


def random_pairs() -> Iterator[tuple[Sample, Sample]]:
    """Pairs of random systems: two that have little in common, or one with another own figure."""
    for seed in range(300):
        was = sample(2 * seed, entities=7, cyclic=seed % 2 == 0)
        now = sample(2 * seed + 1, entities=7, cyclic=seed % 2 == 0)
        other = seed % len(was.q)
        tuned = replace(was, q=(*was.q[:other], was.q[other] / 2, *was.q[other + 1 :]))
        yield from (pair for pair in ((was, now), (was, tuned)) if all(map(well_formed, pair)))


def pairs_of(drawn: Sample, transactions: set[int]) -> set[tuple[str, str]]:
    """Each transaction with each of its single points, by definition."""
    roots = [t for t in transactions if t < len(drawn.q)]
    return {(f"e{s}", f"e{t}") for t in roots for s in oracles.single_points(drawn.groups, t)}


def test_deltas_and_single_points_equal_brute_force_on_random_pairs_of_systems() -> None:
    tried = 0
    for was, now in random_pairs():
        tried += 1
        transactions = {v for v in range(7) if v % 3 == tried % 3}
        found = Comparison(*(assess(*statements_of(drawn, transactions)) for drawn in (was, now)))
        known = {delta.entity: delta for delta in found.entities}
        sides = zip_longest(*(oracles.unavailabilities(drawn.groups, drawn.q) for drawn in (was, now)))
        for v, (before, after) in enumerate(sides):
            if before == after:
                assert f"e{v}" not in known
                continue
            minutes = known[f"e{v}"].minutes
            assert (minutes is None) == (before is None or after is None)
            assert minutes is None or abs(Fraction(minutes) - 43_200 * (after - before)) < Fraction(1, 10**8)
        sizes = [abs(delta.minutes) for delta in found.entities if delta.minutes is not None]
        assert sizes == sorted(sizes, reverse=True)
        gained = {(p.subject, found.after.key_of(n)) for p in found.single_points_gained for n in p.stops}
        lost = {(p.subject, found.before.key_of(n)) for p in found.single_points_lost for n in p.stops}
        assert gained == pairs_of(now, transactions) - pairs_of(was, transactions)
        assert lost == pairs_of(was, transactions) - pairs_of(now, transactions)
    assert tried >= 200
