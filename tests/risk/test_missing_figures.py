"""What nobody knows is never taken for perfect: beneath soft edges, in single points, in contributions, in refusals."""

from datetime import date

import pytest

from risk.assessment import Assessment
from risk.results import SubjectKind
from risk.terms import FailureLevel, FindingCode, MissingPolicy, ReasonCode, Verdict
from tests.risk.estates import SLA, UC, assess, checkout, entity, external, near, promised
from tests.statements import company, degrades, needs, vendor
from topology.errors import BadInput
from topology.model import EntityKind, Party, PartyKind, Validity

ENDED = Validity(until=date(2026, 1, 1))


def softly() -> Assessment:
    """t1 needs o1, and loses 10 % with each of an external without figure, a retired one, and one above such one."""
    return assess(
        company("acme"),
        vendor("v"),
        entity("t1", EntityKind.TRANSACTION),
        entity("o1", percent="99"),
        external("so", "v"),
        entity("sr", percent="90", valid=ENDED),
        entity("sb", percent="90"),
        entity("sx"),
        needs("t1", "o1"),
        needs("sb", "sx"),
        *(degrades("t1", key, "0.1") for key in ("so", "sr", "sb")),
        *promised("sla", SLA, "acme", "t1", "98"),
    )


def test_figures_missing_beneath_soft_edges_are_reported_and_completeness_is_that_of_the_hard_closure() -> None:
    found = softly().composite("t1")
    assert near(found.expected_success.ratio, "0.9801")  # .99 x (1 - .1 x .1): what is missing counts as up
    assert [(m.entity, m.reason) for m in found.missing] == [
        ("so", ReasonCode.NO_FIGURE),
        ("sr", ReasonCode.RETIRED),
        ("sx", ReasonCode.NO_FIGURE),
    ]
    assert found.completeness == 1


def test_a_commitment_is_known_although_figures_beneath_soft_edges_are_missing() -> None:
    headroom = softly().promises.headroom("sla/t1/availability/calendar_month")
    assert (headroom.verdict, headroom.reasons) == (Verdict.COVERED, ())


def test_what_lies_beneath_a_degradation_of_unknown_loss_enters_no_figure() -> None:
    found = assess(entity("t", EntityKind.TRANSACTION), entity("mail"), degrades("t", "mail")).composite("t")
    assert [(m.entity, m.reason) for m in found.missing] == [("mail", ReasonCode.NO_LOSS_STATED)]


def test_findings_tell_of_soft_suppliers_too() -> None:
    found = softly().findings()
    missing = [f.subject for f in found if f.code is FindingCode.MISSING_FIGURE]
    assert missing == ["so", "sx"]
    (retired,) = [f for f in found if f.code is FindingCode.RETIRED_SUPPLIER]
    assert (retired.subject, retired.witness, retired.kind) == ("sr", ("sr", "t1"), SubjectKind.ENTITY)
    assert retired.message.endswith("is still softly needed by t1.")


def test_a_refusal_says_what_is_missing_in_words() -> None:
    with pytest.raises(BadInput) as refused:
        softly().composite("t1", missing=MissingPolicy.FAIL)
    assert [issue.message for issue in refused.value.issues] == [
        'The availability of "so" itself is not known: nothing states or promises it.',
        'The availability of "sr" itself is not known: it is outside its validity.',
        'The availability of "sx" itself is not known: nothing states or promises it.',
    ]
    lossless = assess(entity("t", EntityKind.TRANSACTION), entity("mail", percent="99"), degrades("t", "mail"))
    with pytest.raises(BadInput) as refused:
        lossless.composite("t", missing=MissingPolicy.FAIL)
    assert [issue.message for issue in refused.value.issues] == ['What the loss of "mail" costs is not stated.']


def priced() -> Assessment:
    """t5 needs an external without a figure, one of the same vendor with one, and a perfect one of another's."""
    return assess(
        company("acme"),
        Party("group", PartyKind.VENDOR, "Group"),
        Party("w", PartyKind.VENDOR, "W", "group"),
        vendor("x"),
        entity("t5", EntityKind.TRANSACTION),
        entity("rack", EntityKind.INFRASTRUCTURE),
        external("f1", "w"),
        external("f2", "w"),
        external("f3", "x"),
        needs("t5", "f1"),
        needs("t5", "f2"),
        needs("t5", "f3"),
        needs("t5", "rack"),
        *promised("uc-2", UC, "w", "f2", "99.9"),
        *promised("uc-3", UC, "x", "f3", "100"),
    )


def test_a_single_point_without_a_figure_has_no_minutes_and_is_not_structural() -> None:
    found = {row.subject: (row.structural, row.minutes) for row in priced().failures.single_points("t5") or ()}
    assert found["f1"] == (False, None)
    assert found["rack"] == (False, None)
    assert found["f3"] == (True, 0.0)
    assert found["f2"][1] == pytest.approx(43.2)
    assert [row.subject for row in priced().failures.single_points("t5") or ()] == ["f2", "f3", "f1", "rack"]


@pytest.mark.parametrize(
    ("level", "subject"),
    [(FailureLevel.VENDOR, "w"), (FailureLevel.VENDOR_GROUP, "group"), (FailureLevel.FAILURE_DOMAIN, "rack")],
)
def test_a_set_with_a_member_without_a_figure_has_no_minutes(level: FailureLevel, subject: str) -> None:
    found = {row.subject: (row.structural, row.minutes) for row in priced().failures.single_points("t5", level) or ()}
    assert found[subject] == (False, None)
    estate = {row.subject: row.structural for row in priced().failures.single_points_of_estate(level)}
    assert estate[subject] is False


def test_a_member_without_a_figure_that_the_root_does_not_reach_leaves_the_minutes() -> None:
    found = assess(
        *(company("acme"), vendor("w"), entity("t", EntityKind.TRANSACTION)),
        *(external("f1", "w"), external("f2", "w"), needs("t", "f2")),
        *promised("uc-2", UC, "w", "f2", "99.9"),
    )
    (row,) = found.failures.single_points("t", FailureLevel.VENDOR) or ()
    assert (row.subject, row.structural) == ("w", False)
    assert row.minutes == pytest.approx(43.2)


def test_a_contribution_without_a_figure_is_not_structural() -> None:
    assessment = priced()
    found = {assessment.key_of(row.entity): (row.structural, row.minutes) for row in assessment.contributions("t5")}
    assert found["f1"] == (False, 0.0)
    assert found["f3"] == (True, 0.0)
    assert found["t5"] == (True, 0.0)  # a transaction has no faults of its own


def test_what_costs_the_same_to_the_digits_shown_stands_by_key() -> None:
    """cloud-x and api cost checkout 4.315679354 minutes each, by different sums of floats."""
    found = assess(*checkout())
    same = ["api", "cdn", "cloud-x", "identity", "payments", "web"]
    assert [row.subject for row in found.failures.single_points("checkout") or ()] == ["orders-db", *same]
    assert [found.key_of(row.entity) for row in found.contributions("checkout")][1:7] == same
