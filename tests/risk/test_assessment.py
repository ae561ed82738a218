"""The one object that answers everything about a view: right keys, once, whole, and in time."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from time import sleep

import pytest

from risk.assessment import Assessment
from risk.assessments import Assessments
from risk.failing import Failing
from risk.headroom import Headrooms
from risk.once import Once
from risk.results import Commitment, Headroom
from risk.supposed.operations import Scenario, SetOwnAvailability
from risk.terms import (
    Basis,
    Direction,
    FailureLevel,
    FindingCode,
    ImpactState,
    Ledger,
    Method,
    MissingPolicy,
    ReasonCode,
)
from tests.risk.estates import GOLD, JUNE, SLA, UC, agreement, assess, checkout, entity, estate, external, promised
from tests.statements import company, degrades, needs
from topology.errors import AnalysisTooLarge, BadInput, DeadlinePassed, UnknownKey
from topology.model import EntityKind
from topology.snapshot import EMPTY


def percent(value: Decimal, digits: int = 12) -> str:
    return f"{value:.{digits}f}"


def test_checkout_carries_all_that_an_answer_carries() -> None:
    found = assess(*checkout()).composite("checkout")
    assert percent(found.expected.ratio) == "0.998899950455"
    assert f"{found.expected.minutes_per_30_days:.6f}" == "47.522140"
    assert found.guaranteed_floor.ratio == Decimal("0.9984")
    assert found.ceiling.ratio == Decimal("0.9995")
    assert percent(found.expected_success.ratio) == "0.998879972456"
    assert (found.basis, found.missing, found.completeness) == (Basis.CONTRACTED, (), Decimal(1))
    assert found.method in {Method.CLOSED_FORM, Method.DIAGRAM}
    assert found.interval is None


def test_a_probability_has_its_nines_and_at_one_none() -> None:
    found = assess(*checkout())
    nines = found.composite("checkout").expected.nines
    assert nines == pytest.approx(2.9585877, abs=1e-7)
    perfect = assess(entity("solid", percent="100")).composite("solid").expected
    assert (perfect.nines, perfect.ratio, perfect.minutes_per_30_days) == (None, Decimal(1), Decimal(0))


def missing_estate() -> Assessment:
    return assess(
        entity("sales", EntityKind.TRANSACTION),
        entity("till"),
        external("store"),
        external("mail", percent="99"),
        needs("sales", "till"),
        needs("till", "store"),
        degrades("till", "mail"),
        *promised("uc", UC, "store-inc", "store", "99.9", end=date(2020, 1, 1)),
    )


def test_what_is_missing_is_named_with_its_reason_and_counted() -> None:
    found = missing_estate().composite("sales")
    assert [(m.entity, m.reason) for m in found.missing] == [
        ("store", ReasonCode.EXPIRED),
        ("till", ReasonCode.NO_FIGURE),
        ("mail", ReasonCode.NO_LOSS_STATED),
    ]
    assert found.completeness == Decimal(1) / 3  # of sales, till and store only sales is known
    assert (found.expected.ratio, found.guaranteed_floor.ratio) == (Decimal(1), Decimal(0))


def test_the_policy_fail_refuses_and_names_each_missing_figure() -> None:
    with pytest.raises(BadInput) as refused:
        missing_estate().composite("sales", missing=MissingPolicy.FAIL)
    assert [issue.code for issue in refused.value.issues] == ["MISSING_FIGURE"] * 3
    whole = assess(*checkout())
    assert whole.composite("checkout", missing=MissingPolicy.FAIL) == whole.composite("checkout")


def test_observed_figures_are_all_missing() -> None:
    found = assess(*checkout()).composite("web", Basis.OBSERVED)
    assert (len(found.missing), found.completeness) == (3, Decimal(0))


def test_conditional_is_n_minus_1() -> None:
    found = assess(*checkout())
    assert percent(found.conditional("checkout", ["psp-a"]).ratio) == "0.997901549455"
    assert found.conditional("checkout", ["cloud-x"]).ratio == 0


def test_contributions_lead_with_the_costliest() -> None:
    assessment = assess(*checkout())
    found = assessment.contributions("checkout")
    assert assessment.key_of(found[0].entity) == "orders-db"
    assert found[0].minutes == pytest.approx(21.587, abs=5e-4)
    by_key = {assessment.key_of(row.entity): row.minutes for row in found}
    assert by_key["web"] == pytest.approx(4.315679, abs=5e-7)


def test_a_formula_reads_like_a_sentence() -> None:
    found = assess(*checkout())
    assert found.formula("checkout") == "api and web"
    assert found.formula("payments") == "1 of (psp-a, psp-b)"
    assert found.formula("cdn") is None
    mixed = assess(entity("v"), *map(entity, "abcde"), needs("v", "a", "b", "c", k=2), needs("v", "e"), needs("v", "d"))
    assert mixed.formula("v") == "d and e and 2 of (a, b, c)"


def test_single_points_and_impact_speak_of_the_same_failure() -> None:
    found = assess(*checkout())
    points = found.failures.single_points("checkout")
    assert points is not None
    assert sorted(point.subject for point in points) == [
        "api",
        "cdn",
        "cloud-x",
        "identity",
        "orders-db",
        "payments",
        "web",
    ]
    vendors = found.failures.single_points("checkout", FailureLevel.VENDOR)
    assert vendors is not None
    assert "cloud-x-inc" in {point.subject for point in vendors}
    down = found.failures.cascade([Failing(FailureLevel.ENTITY, "cloud-x")])
    fallen = {found.key_of(i.entity) for i in down.impacts if i.state is ImpactState.DOWN}
    assert {"checkout", "api", "payments", "psp-a", "psp-b", "cloud-x"} <= fallen
    assert {p.subject for p in found.failures.single_points_of_estate()} >= {"cloud-x", "orders-db"}


def test_closure_and_subgraph_are_bounded() -> None:
    found = assess(*checkout())
    near = found.closure("checkout", Direction.REQUIRES, 1)
    assert [found.key_of(r.entity) for r in near] == ["api", "web"]
    users = {found.key_of(r.entity) for r in found.closure("cloud-x", Direction.REQUIRED_BY)}
    assert users == {"psp-a", "psp-b", "payments", "api", "checkout"}
    assert found.subgraph(["checkout"], Direction.REQUIRES, 3, 2).truncated


@pytest.mark.parametrize(
    "ask",
    [
        lambda a: a.composite("nobody"),
        lambda a: a.own_figure("nobody"),
        lambda a: a.conditional("checkout", ["nobody"]),
        lambda a: a.failures.cascade([Failing(FailureLevel.ENTITY, "nobody")]),
        lambda a: a.failures.single_points("nobody"),
        lambda a: a.closure("nobody"),
        lambda a: a.subgraph(["nobody"], Direction.REQUIRES, 1, 10),
        lambda a: a.formula("nobody"),
        lambda a: a.promises.headroom("nobody"),
        lambda a: a.promises.links("nobody"),
    ],
)
def test_an_unknown_key_is_a_typed_error(ask: Callable[[Assessment], object]) -> None:
    with pytest.raises(UnknownKey) as refused:
        ask(assess(*checkout()))
    assert refused.value.key == "nobody"


def test_keys_may_be_given_with_their_source() -> None:
    found = assess(*checkout())
    assert found.composite("acme:checkout") == found.composite("checkout")


def test_dates_beyond_the_calendar_are_refused() -> None:
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(BadInput):
            Assessment(EMPTY, day)


def test_an_empty_model_answers_with_nothing() -> None:
    found = Assessment(EMPTY, JUNE)
    assert (found.promises.commitments(), found.findings(), found.failures.single_points_of_estate()) == ((), (), ())


def test_results_are_worked_out_once() -> None:
    found = assess(*checkout())
    assert found.composite("checkout") is found.composite("checkout")
    assert found.within(lambda: None).composite("checkout") is found.composite("checkout")
    assert found.findings() is found.findings()


def impatient() -> None:
    raise DeadlinePassed("late")


def test_a_deadline_leaves_nothing_half_done() -> None:
    found = assess(*checkout())
    asked: tuple[Callable[[Assessment], object], ...] = (
        lambda a: a.composite("checkout"),
        lambda a: a.promises.headroom(GOLD),
        lambda a: a.promises.links(GOLD),
        lambda a: a.findings(),
        lambda a: a.contributions("checkout"),
        lambda a: a.conditional("checkout", ["web"]),
        lambda a: a.failures.single_points("checkout"),
    )
    for ask in asked:
        with pytest.raises(DeadlinePassed):
            ask(found.within(impatient))
        assert ask(found) == ask(assess(*checkout()))


def test_any_step_of_the_way_may_be_the_last_and_the_answer_is_the_same_afterwards() -> None:
    expected = assess(*checkout()).findings()
    found, stops = assess(*checkout()), 0

    def after(steps: int) -> Callable[[], None]:
        left = iter(range(steps))

        def check() -> None:
            if next(left, None) is None:
                raise DeadlinePassed("late")

        return check

    for steps in range(10_000):
        try:
            assert found.within(after(steps)).findings() == expected
            break
        except DeadlinePassed:
            stops += 1
    assert stops > 3


def test_threads_that_ask_together_get_one_answer() -> None:
    found, barrier = assess(*checkout()), Barrier(8)
    answers: list[object] = []

    def ask() -> None:
        barrier.wait()
        answers.append((found.composite("checkout"), found.promises.headroom(GOLD), found.findings()))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)


def test_who_waits_for_another_thread_waits_no_longer_than_its_own_deadline() -> None:
    once, begun, done = Once(), Barrier(2), Barrier(2)

    def slow() -> int:
        begun.wait()
        done.wait()
        return 1

    worker = Thread(target=lambda: once.get("slow", slow, lambda: None))
    worker.start()
    begun.wait()
    with pytest.raises(DeadlinePassed):
        once.get("slow", lambda: 2, impatient)
    done.wait()
    worker.join()
    assert once.get("slow", lambda: 3, impatient) == 1


def test_work_that_asks_for_more_by_the_caches_own_check_goes_on_under_the_clock_it_began_under() -> None:
    once, asked = Once(), list[str]()

    def inner() -> str:
        once.check()
        return "more"

    assert once.get("outer", lambda: once.get("inner", inner, once.check), lambda: asked.append("first")) == "more"
    assert len(asked) == 3  # as the outer work begins, as the inner does, and within that


def test_the_clock_that_is_asked_is_that_of_whoever_is_at_work() -> None:
    once = Once()
    asked: list[str] = []

    def outer() -> None:
        once.check()
        once.ask(once.check, lambda: asked.append("inner"))
        once.check()

    once.ask(outer, lambda: asked.append("outer"))
    once.check()
    # Each asks on its way in too.
    assert asked == ["outer", "outer", "inner", "inner", "outer"]


def test_the_newest_eight_views_are_kept_and_the_newest_revision_is_never_let_go() -> None:
    views, snapshot = Assessments(), estate(*checkout())
    newest = views.of(snapshot, JUNE)
    assert views.of(snapshot, JUNE) is newest
    supposed = [Scenario((SetOwnAvailability("web", Decimal(n) / 20),)) for n in range(20)]
    scenarios = [views.of(snapshot, JUNE, scenario) for scenario in supposed]
    assert len(views) == 8
    assert views.of(snapshot, JUNE) is newest
    assert views.of(snapshot, JUNE, supposed[19]) is scenarios[19]
    assert views.of(snapshot, JUNE, supposed[0]) is not scenarios[0]


def test_other_dates_and_revisions_are_other_views() -> None:
    views, snapshot = Assessments(2), estate(*checkout())
    older = views.of(EMPTY, JUNE)
    assert views.of(snapshot, JUNE) is not older
    assert views.of(snapshot, date(2026, 7, 1)).at == date(2026, 7, 1)
    assert len(views) == 2
    assert views.of(EMPTY, JUNE) is not older  # the older revision went first


def test_an_answer_waits_for_no_one_once_it_is_kept() -> None:
    once, begun = Once(), Barrier(2)
    once.get("kept", lambda: 1, lambda: None)

    def slow() -> int:
        begun.wait()
        sleep(0.2)
        return 2

    worker = Thread(target=lambda: once.get("slow", slow, lambda: None))
    worker.start()
    begun.wait()
    assert once.get("kept", lambda: 3, impatient) == 1
    worker.join()


def test_a_promise_too_large_to_compute_leaves_the_others_their_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    silver = promised("sla-silver", SLA, "shop", "checkout", "99.99")
    found = assess(*checkout(), *silver)
    plain, expected = Headrooms.headroom, Headrooms.expected

    def refused(self: Headrooms, about: Commitment, ledger: Ledger = Ledger.EXPERIENCED) -> Headroom:
        if about.agreement.key == "sla-silver":
            raise AnalysisTooLarge("too large")
        return plain(self, about, ledger)

    def unexpected(self: Headrooms, about: Commitment) -> Decimal | None:
        return None if refused(self, about).expected_minutes is None else expected(self, about)

    monkeypatch.setattr(Headrooms, "headroom", refused)
    monkeypatch.setattr(Headrooms, "expected", unexpected)
    keys = [c.key for c in found.promises.commitments()]
    assert keys == [GOLD, "sla-silver/checkout/availability/calendar_month"]  # the worse one, were it known
    assert [f.subject for f in found.findings() if f.code is FindingCode.PROMISE_IN_SHORTFALL] == [GOLD]
    with pytest.raises(AnalysisTooLarge):
        found.promises.headroom(keys[1])


def test_a_company_without_promises_has_no_commitments() -> None:
    quiet = assess(company("acme"), entity("sales", EntityKind.TRANSACTION), agreement("sla", SLA, "acme", "sales"))
    assert quiet.promises.commitments() == ()
