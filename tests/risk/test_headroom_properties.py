"""What holds of every headroom, on random estates of monthly promises."""

from decimal import Decimal
from random import Random

import pytest

from risk.assessment import Assessment
from risk.results import Headroom
from risk.terms import ReasonCode, Verdict
from tests.risk.estates import SLA, UC, assess, entity, external, promised
from tests.statements import company, degrades, needs
from topology.facts import Statement
from topology.model import EntityKind, Extent

S_C = 43_200  # June
SALES = "sla/sales/availability/calendar_month"


def random_estate(seed: int) -> tuple[Assessment, Decimal]:
    """A transaction over services and externals, some in groups, some without any figure; cycles for odd seeds."""
    random, cyclic = Random(seed), seed % 2 == 1
    names = [f"n{n}" for n in range(random.randint(2, 9))]
    statements: list[Statement] = [company("acme"), entity("sales", EntityKind.TRANSACTION)]
    for name in names:
        percent = str(Decimal(random.randint(99_000, 99_999)) / 1000)
        kind = random.choice(["service", "contract", "end to end", "stated", "nothing"])
        if kind == "service":
            statements.append(entity(name, percent=percent))
        else:
            statements.append(external(name, percent=percent if kind == "stated" else None))
        if kind in {"contract", "end to end"}:
            extent = Extent.INTRINSIC if kind == "contract" else Extent.END_TO_END
            statements += promised(f"uc-{name}", UC, f"{name}-inc", name, percent, extent=extent)
    for consumer in ["sales", *names]:
        others = [name for name in names if name != consumer and (cyclic or name > consumer or consumer == "sales")]
        if not others:
            continue
        groups = [sorted(random.sample(others, min(len(others), random.choice((1, 1, 2, 3))))) for _ in range(2)]
        for number, members in enumerate(groups[: random.choice((0, 1, 1, 1 + (groups[0] != groups[1])))]):
            statements.append(needs(consumer, *members, k=random.randint(1, len(members)), name=f"g{number}"))
        if random.random() < 0.2:
            statements.append(degrades(consumer, random.choice(others), "0.1"))
    promise = str(Decimal(random.randint(97_000, 99_990)) / 1000)
    return assess(*statements, *promised("sla", SLA, "acme", "sales", promise)), Decimal(promise) / 100


def minutes_of(headroom: Headroom) -> tuple[Decimal, Decimal]:
    assert headroom.expected_minutes is not None
    assert headroom.guaranteed_minutes is not None
    return headroom.expected_minutes, headroom.guaranteed_minutes


@pytest.mark.parametrize("seed", range(150))
def test_headroom_is_the_composite_less_the_promise_in_minutes(seed: int) -> None:
    found, promise = random_estate(seed)
    composite, headroom = found.composite("sales"), found.promises.headroom(SALES)
    expected, guaranteed = minutes_of(headroom)
    # All promises are monthly and round the clock: allowances are what the unavailabilities come to.
    assert float(expected) == pytest.approx(float(composite.expected.ratio - promise) * S_C, abs=1e-6)
    assert float(guaranteed) == pytest.approx(float(composite.guaranteed_floor.ratio - promise) * S_C, abs=1e-6)
    assert guaranteed <= expected + Decimal("1e-6")
    hard = {"sales"} | {found.key_of(r.entity) for r in found.closure("sales") if r.hard}
    is_known = not [m for m in composite.missing if m.entity in hard and m.reason is not ReasonCode.NO_LOSS_STATED]
    if expected < 0:
        assert headroom.verdict is Verdict.SHORTFALL
    elif not is_known:
        assert headroom.verdict is Verdict.UNKNOWN
    else:
        assert headroom.verdict is (Verdict.THIN if guaranteed < 0 else Verdict.COVERED)
    assert (ReasonCode.GUARANTEED_SHORTFALL in headroom.reasons) is (guaranteed < 0)


@pytest.mark.parametrize("seed", range(150))
def test_each_external_of_the_closure_is_one_link_with_its_own_arithmetic(seed: int) -> None:
    found, promise = random_estate(seed)
    snapshot = found.snapshot
    hard = {found.key_of(r.entity) for r in found.closure("sales") if r.hard}
    reached = {found.key_of(r.entity) for r in found.closure("sales")}
    externals = {key for key, value in snapshot.entities.items() if value.kind is EntityKind.EXTERNAL}
    links = found.promises.links(SALES)
    assert [link.supplier for link in links] == sorted(reached & externals)
    for link in links:
        figure = found.own_figure(link.supplier)
        assert (link.verdict is Verdict.NOT_REQUIRED) is (link.supplier not in hard)
        if figure.value is None:
            assert (link.allowance, link.headroom, link.extra_nine) == (None, None, None)
            continue
        allowed = (1 - figure.value) * S_C
        budget = (1 - promise) * S_C
        assert (link.allowance, link.headroom) == (allowed, budget - allowed)
        assert link.extra_nine is (allowed <= budget / 10)
        if link.supplier in hard and link.agreement is not None:
            assert link.verdict is (Verdict.SHORTFALL if allowed > budget else Verdict.COVERED)


@pytest.mark.parametrize("seed", range(40))
def test_findings_agree_with_the_analyses_that_they_tell_of(seed: int) -> None:
    found, _ = random_estate(seed)
    codes = {(str(finding.code), finding.subject) for finding in found.findings()}
    is_short = found.promises.headroom(SALES).verdict is Verdict.SHORTFALL
    assert (("promise_in_shortfall", SALES) in codes) is is_short
    missing = {m.entity for m in found.composite("sales").missing}
    assert missing <= {subject for code, subject in codes if code == "missing_figure"}
    exceeding = {
        link.supplier for link in found.promises.links(SALES) if ReasonCode.PROMISE_EXCEEDS_SUPPLY in link.reasons
    }
    assert exceeding <= {subject for code, subject in codes if code == "promise_exceeds_supply"}
