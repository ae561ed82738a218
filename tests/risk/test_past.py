"""What another revision takes over of an assessment is what it would work out itself, with all that answers carry."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from benchmarks.estate import estate
from risk.assessment import Assessment
from risk.past import taken_over
from risk.terms import Basis
from tests.risk.changing_estates import AT, random_estate
from topology.snapshot import EMPTY, Snapshot, apply


def answers(assessment: Assessment) -> list[object]:
    return [assessment.composite(key, basis) for basis in Basis for key in sorted(assessment.snapshot.entities)]


def test_answers_after_any_change_are_those_of_an_assessment_made_anew() -> None:
    """Seeds differ in figures, needs, losses, agreements and in which entities there are; half also in the date."""
    for seed in range(60):
        before = Assessment(random_estate(seed, "UTC"), AT)
        answers(before)
        changed, at = random_estate(seed + 1, "UTC"), AT + timedelta(days=seed % 2)
        assert answers(Assessment(changed, at, before=before)) == answers(Assessment(changed, at))


def without_a_need(snapshot: Snapshot, random: Random) -> Snapshot:
    """The estate after some entity has lost one of its groups, or its soft edges."""
    groups, soft = dict(snapshot.groups), dict(snapshot.degradations)
    if random.random() < 0.5 and soft:
        del soft[random.choice(sorted(soft))]
    else:
        chosen = random.choice(sorted(groups))
        groups[chosen] = groups[chosen][1:]
    return replace(snapshot, groups=groups, degradations=soft, revision=snapshot.revision + 1)


def test_one_change_leaves_most_answers_as_they_are() -> None:
    random = Random(3)
    snapshot = apply(EMPTY, estate(300, 0.2, 3), (), revision=1, recorded_at=None)
    for _ in range(5):
        before = Assessment(snapshot, AT)
        for key in snapshot.entities:
            before.composite(key)
        changed = without_a_need(snapshot, random)
        after, afresh = Assessment(changed, AT, before=before), Assessment(changed, AT)
        kept = taken_over(Assessment(changed, AT)._ground.view(), before.past()[Basis.CONTRACTED], lambda: None)
        assert len(kept) > len(snapshot.entities) / 2
        for key in changed.entities:
            assert after.composite(key) == afresh.composite(key)
        snapshot = changed
