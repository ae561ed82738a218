"""Which agreement applies, one rule after the other (section 4), and which figure that gives (section 2)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from risk.results import OwnFigure
from risk.terms import Basis, FigureOrigin, ReasonCode
from tests.risk.estates import (
    JUNE,
    MONTH,
    OLA,
    SLA,
    SLO,
    UC,
    YEAR,
    agreement,
    assess,
    entity,
    external,
    promised,
    target,
    team,
)
from tests.statements import company, degrades, needs, vendor
from topology.facts import Statement
from topology.model import (
    AgreementLevel,
    AgreementStatus,
    EntityKind,
    Extent,
    Measure,
    Party,
    PartyKind,
    Period,
    Validity,
    Window,
    WindowKind,
)

COMPANY: tuple[Statement, ...] = (
    company("acme"),
    team("shop"),
    team("data"),
    vendor("cloud"),
    entity("checkout", EntityKind.TRANSACTION, owner="shop"),
    entity("orders", owner="data"),
    external("store", "cloud", family="databases"),
    needs("checkout", "orders"),
    needs("orders", "store"),
)


def figure(key: str, *more: Statement, basis: Basis = Basis.CONTRACTED, at: date = JUNE) -> OwnFigure:
    return assess(*COMPANY, *more, at=at).own_figure(key, basis)


def percent(found: OwnFigure) -> Decimal | None:
    return None if found.value is None else found.value * 100


def test_a_contract_in_force_gives_the_figure_of_an_external() -> None:
    found = figure("store", *promised("uc", UC, "cloud", "store", "99.95"))
    assert percent(found) == Decimal("99.95")
    assert (found.origin, found.extent, found.basis) == (FigureOrigin.TARGET, Extent.END_TO_END, Basis.CONTRACTED)
    assert found.agreement is not None
    assert (found.agreement.key, found.missing) == ("uc", None)


def test_a_contract_goes_before_what_is_stated_of_an_external() -> None:
    stated = external("bus", "cloud", "99.9")
    joined = needs("orders", "bus")
    assert percent(figure("bus", stated, joined, *promised("uc", UC, "cloud", "bus", "99.5"))) == Decimal("99.5")
    found = figure("bus", stated, joined)
    assert (percent(found), found.origin, found.extent) == (Decimal("99.9"), FigureOrigin.STATED, Extent.INTRINSIC)


def test_what_is_stated_goes_before_an_ola_of_what_we_run() -> None:
    ola = promised("ola", OLA, "data", "ledger", "99.5")
    stated, bare = entity("ledger", percent="99.99", owner="data"), entity("ledger", owner="data")
    assert percent(figure("ledger", stated, needs("orders", "ledger"), *ola)) == Decimal("99.99")
    found = figure("ledger", bare, needs("orders", "ledger"), *ola)
    assert (percent(found), found.extent) == (Decimal("99.5"), Extent.INTRINSIC)


def test_a_transaction_without_any_figure_has_no_faults_of_its_own() -> None:
    found = figure("checkout")
    assert (found.value, found.origin, found.missing) == (Decimal(1), FigureOrigin.NONE_NEEDED, None)


def test_a_customer_sla_never_feeds_an_own_figure() -> None:
    found = figure("orders", *promised("sla", SLA, "acme", "orders", "99.9"))
    assert (found.value, found.missing) == (None, ReasonCode.NO_FIGURE)


def test_a_service_with_neither_is_missing() -> None:
    assert figure("orders").missing is ReasonCode.NO_FIGURE


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"end": date(2026, 6, 29)}, ReasonCode.EXPIRED),
        ({"start": date(2026, 7, 1)}, ReasonCode.FUTURE),
        ({"status": AgreementStatus.SUSPENDED}, ReasonCode.SUSPENDED),
        ({"status": AgreementStatus.TERMINATED}, ReasonCode.TERMINATED),
        ({"status": AgreementStatus.DRAFT}, ReasonCode.DRAFT_ONLY),
    ],
)
def test_a_missing_figure_tells_what_became_of_the_contract(terms: dict[str, Any], reason: ReasonCode) -> None:
    assert figure("store", *promised("uc", UC, "cloud", "store", "99.95", **terms)).missing is reason


def test_a_contract_that_promises_nothing_gives_no_target() -> None:
    assert figure("store", agreement("uc", UC, "cloud", "store")).missing is ReasonCode.NO_TARGET


def test_requests_and_other_metrics_are_not_availability_in_time() -> None:
    counted = target("uc", "99.9", "store", measure=Measure.REQUEST)
    rate = target("uc", "99.9", "store", metric="success_rate")
    repair = target("uc", "99.9", "store", window=Window(WindowKind.PER_INCIDENT))
    for other in (counted, rate, repair):
        assert figure("store", agreement("uc", UC, "cloud"), other).missing is ReasonCode.METRIC_MISMATCH


def test_all_targets_of_the_chosen_agreement_bind_and_the_highest_is_taken() -> None:
    terms = (
        agreement("uc", UC, "cloud", "store"),
        target("uc", "99.9", "store"),
        target("uc", "99.95", "store", window=YEAR, extent=Extent.END_TO_END),
        target("uc", "99.99", "store", measure=Measure.REQUEST, window=Window(WindowKind.CALENDAR_QUARTER)),
    )
    found = figure("store", *terms)
    assert percent(found) == Decimal("99.95")
    assert found.target is not None
    assert found.target.window == YEAR


def test_explicit_coverage_goes_before_a_family_and_a_family_before_all() -> None:
    wide = promised("wide", UC, "cloud", "*", "99.99", level=AgreementLevel.SERVICE)
    family = promised("family", UC, "cloud", "family:databases", "99.9", level=AgreementLevel.CORPORATE)
    explicit = promised("explicit", UC, "cloud", "store", "99", level=AgreementLevel.CORPORATE)
    assert percent(figure("store", *wide)) == Decimal("99.99")
    assert percent(figure("store", *wide, *family)) == Decimal("99.9")
    assert percent(figure("store", *wide, *family, *explicit)) == Decimal(99)


def test_a_vendor_wide_agreement_covers_only_what_that_vendor_provides() -> None:
    other = vendor("other")
    assert figure("store", other, *promised("wide", UC, "other", "*", "99.99")).missing is ReasonCode.NO_FIGURE
    assert figure("store", other, *promised("f", UC, "other", "family:databases", "99.9")).value is None


def test_the_narrower_level_goes_first_then_the_higher_precedence_then_the_latest_start() -> None:
    corporate = promised("a", UC, "cloud", "store", "99.1", level=AgreementLevel.CORPORATE, precedence=9)
    customer = promised("b", UC, "cloud", "store", "99.2", level=AgreementLevel.CUSTOMER)
    preferred = promised("c", UC, "cloud", "store", "99.3", level=AgreementLevel.CUSTOMER, precedence=1)
    later = promised(
        "d", UC, "cloud", "store", "99.4", level=AgreementLevel.CUSTOMER, precedence=1, start=date(2026, 1, 1)
    )
    assert percent(figure("store", *corporate, *customer)) == Decimal("99.2")
    assert percent(figure("store", *corporate, *customer, *preferred)) == Decimal("99.3")
    assert percent(figure("store", *corporate, *customer, *preferred, *later)) == Decimal("99.4")


def test_what_is_still_level_is_ambiguous_and_the_weakest_binds() -> None:
    strong = promised("a", UC, "cloud", "store", "99.99")
    weak = promised("b", UC, "cloud", "store", "99.5")
    found = figure("store", *strong, *weak)
    assert percent(found) == Decimal("99.5")
    assert found.reasons == (ReasonCode.AMBIGUOUS_AGREEMENT,)
    assert figure("store", *weak).reasons == ()


def test_agreements_are_not_mixed_within_a_metric() -> None:
    chosen = promised("a", UC, "cloud", "store", "99.5", precedence=1)
    better = promised("b", UC, "cloud", "store", "99.99")
    assert percent(figure("store", *chosen, *better)) == Decimal("99.5")


def test_an_agreement_without_a_comparable_target_leaves_the_place_to_the_next() -> None:
    silent = (agreement("a", UC, "cloud", "store", precedence=5), target("a", "99.9", "store", metric="success_rate"))
    assert percent(figure("store", *silent, *promised("b", UC, "cloud", "*", "99"))) == Decimal(99)


@pytest.mark.parametrize(("consumer", "applies"), [("acme", True), (None, True), ("shop", True), ("data", False)])
def test_the_consumer_is_ourselves_the_owner_of_a_consuming_entity_or_absent(
    consumer: str | None, applies: bool
) -> None:
    found = figure("orders", *promised("ola", OLA, "data", "orders", "99.9", consumer=consumer))
    assert (found.value is not None) is applies


def test_what_nothing_needs_yet_has_the_promise_that_was_made_about_it() -> None:
    found = figure(
        "spare", entity("spare", owner="data"), *promised("o", OLA, "data", "spare", "99.9", consumer="shop")
    )
    assert percent(found) == Decimal("99.9")


def test_the_owner_of_a_soft_consumer_is_a_consumer_too() -> None:
    more = (entity("mailer", owner="data"), degrades("checkout", "mailer", "0.1"))
    found = figure("mailer", *more, *promised("ola", OLA, "data", "mailer", "99.9", consumer="shop"))
    assert percent(found) == Decimal("99.9")


def test_a_contract_that_another_company_has_is_not_ours() -> None:
    stranger = Party("stranger", PartyKind.CUSTOMER, "Stranger")
    found = figure("store", stranger, *promised("uc", UC, "cloud", "store", "99.9", consumer="stranger"))
    assert found.missing is ReasonCode.NO_FIGURE


def test_a_version_in_force_that_no_longer_covers_an_entity_is_no_agreement_on_it() -> None:
    first = promised("uc", UC, "cloud", "store", "99.9")
    second = agreement("uc", UC, "cloud", version=2, start=date(2026, 1, 1))
    other = target("uc", "99.9", "bus", version=2)
    more = (external("bus", "cloud"), needs("orders", "bus"), *first, second, other)
    assert figure("store", *more).missing is ReasonCode.NO_FIGURE
    assert percent(figure("bus", *more)) == Decimal("99.9")
    assert percent(figure("store", *more, at=date(2025, 12, 31))) == Decimal("99.9")


def test_a_renewal_that_is_assumed_is_said() -> None:
    terms = promised("uc", UC, "cloud", "store", "99.9", end=date(2025, 12, 31), auto_renew=Period(months=12))
    assert figure("store", *terms).reasons == (ReasonCode.ASSUMED_RENEWAL,)


def test_an_entity_outside_its_validity_is_retired_whatever_is_promised() -> None:
    valid = entity("old", percent="99.9", owner="data", valid=Validity(date(2020, 1, 1), date(2026, 6, 29)))
    joined = (valid, needs("orders", "old"))
    assert figure("old", *joined).missing is ReasonCode.RETIRED
    assert percent(figure("old", *joined, at=date(2026, 6, 29))) == Decimal("99.9")


def test_objectives_put_slo_then_ola_before_contracts() -> None:
    stated = (entity("ledger", percent="99.99", owner="data"), needs("orders", "ledger"))
    ola = promised("ola", OLA, "data", "ledger", "99.5")
    slo = promised("slo", SLO, "data", "ledger", "99.8")
    with_both = figure("ledger", *stated, *ola, *slo, basis=Basis.OBJECTIVE)
    assert (percent(with_both), with_both.basis, with_both.extent) == (
        Decimal("99.8"),
        Basis.OBJECTIVE,
        Extent.END_TO_END,
    )
    assert percent(figure("ledger", *stated, *ola, basis=Basis.OBJECTIVE)) == Decimal("99.5")
    alone = figure("ledger", *stated, basis=Basis.OBJECTIVE)
    assert (percent(alone), alone.basis) == (Decimal("99.99"), Basis.CONTRACTED)
    assert percent(figure("ledger", *stated, *ola, *slo)) == Decimal("99.99")


def test_the_best_known_figure_is_the_contracted_one_then_the_objective() -> None:
    slo = promised("slo", SLO, "data", "orders", "99.8")
    found = figure("orders", *slo, basis=Basis.BEST_KNOWN)
    assert (percent(found), found.basis) == (Decimal("99.8"), Basis.OBJECTIVE)
    ola = promised("ola", OLA, "data", "orders", "99.5")
    assert percent(figure("orders", *slo, *ola, basis=Basis.BEST_KNOWN)) == Decimal("99.5")


def test_nothing_has_been_observed_yet() -> None:
    found = figure("store", *promised("uc", UC, "cloud", "store", "99.9"), basis=Basis.OBSERVED)
    assert (found.value, found.missing, found.basis) == (None, ReasonCode.NO_FIGURE, Basis.OBSERVED)


def test_targets_without_their_own_coverage_cover_what_their_agreement_does() -> None:
    terms = (agreement("uc", UC, "cloud", "store"), target("uc", "99.9", window=MONTH))
    assert percent(figure("store", *terms)) == Decimal("99.9")
