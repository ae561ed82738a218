"""Agreements, one node for each version."""

from datetime import date

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.nodes import Node
from graphql_api.types.parties import Party, party_of
from graphql_api.types.provenance import Provenance, provenance_of
from graphql_api.types.references import ENTITY
from graphql_api.types.targets import Money, Target
from graphql_api.views import EntityNode, View
from risk.agreements.lifecycle import notice_deadline
from topology import facts, model


@doc_type
class Agreement(Node):
    """One version of an agreement; versions never change, a higher one supersedes a lower from its start."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.Agreement]

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id: the type, the key, and the date and moment that the view was given; never the revision."""
        return strawberry.ID(self.view.id("Agreement", self.data.key, str(self.data.version)))

    @doc_field
    def key(self) -> str:
        """The key, unique among agreements; all versions share it."""
        return self.data.key

    @doc_field
    def version(self) -> int:
        """The version's number."""
        return self.data.version

    @doc_field
    def type(self) -> model.AgreementType:
        """Which side of the promise it is on."""
        return self.data.type

    @doc_field
    def name(self) -> str:
        """The name; the key where there is none."""
        return self.data.name

    @doc_field
    def provider(self) -> Party | None:
        """Who promises."""
        return party_of(self.view, self.data.provider)

    @doc_field
    def consumer(self) -> Party | None:
        """Who is promised; null where it is everybody."""
        return party_of(self.view, self.data.consumer)

    @doc_field
    def status(self) -> model.AgreementStatus:
        """Where it stands in its life."""
        return self.data.status

    @doc_field
    def start(self) -> date | None:
        """The first day in force; null is open."""
        return self.data.start

    @doc_field
    def end(self) -> date | None:
        """The last day in force as it is written, renewals aside; null is open."""
        return self.data.end

    @doc_field
    def notice_deadline(self) -> date | None:
        """The last day to give notice of the term that the view's date is in; null where there is none to give."""
        return notice_deadline(self.data, self.view.at)

    @doc_field
    def service_tier(self) -> str | None:
        """The tier of service that it is for."""
        return self.data.service_tier

    @doc_field
    def level(self) -> model.AgreementLevel:
        """How narrow it is; the narrower wins."""
        return self.data.level

    @doc_field
    def precedence(self) -> int:
        """Among agreements of one level the higher wins."""
        return self.data.precedence

    @doc_field
    def service_hours(self) -> str:
        """When it holds, such as `24x7` or `Mon-Fri 08:00-18:00`."""
        return self.data.service_hours

    @doc_field
    def time_zone(self) -> str:
        """The IANA zone of its dates, windows and hours."""
        return self.data.timezone

    @doc_field(graphql_type=list[ENTITY])
    def covers(self) -> list[EntityNode]:
        """The entities that it is about, by key: named, of a named family, or all that its provider provides."""
        found = covered(self.view, self.data)
        self.view.clock.count(len(found))
        return self.view.nodes(found)

    @doc_field
    def targets(self) -> list[Target]:
        """What it promises."""
        found = self.view.snapshot.targets.get((self.data.key, self.data.version), ())
        return [Target(view=self.view, data=target) for target in found]

    @doc_field
    def fee(self) -> Money | None:
        """What it costs for each of its periods."""
        return None if self.data.fee is None else Money(data=self.data.fee.amount)

    @doc_field
    def document(self) -> str | None:
        """Where its text is."""
        return self.data.doc

    @doc_field
    def note(self) -> str | None:
        """A remark."""
        return self.data.note

    @doc_field
    def is_masked(self) -> bool:
        """Whether money and contract text are withheld from the asker."""
        return False

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who states it, targets aside."""
        about = self.view.snapshot.facts_about("agreement", self.data.key)
        return provenance_of(
            f for f in about if isinstance(f.statement, model.Agreement) and f.statement.version == self.data.version
        )


def covered(view: View, agreement: model.Agreement) -> list[str]:
    """The keys of all entities that an agreement version is about, its targets' included, in order."""
    targets = view.snapshot.targets.get((agreement.key, agreement.version), ())
    patterns = {*agreement.covers, *(target.covers for target in targets if target.covers is not None)}
    families = {pattern.removeprefix("family:") for pattern in patterns if pattern.startswith("family:")}
    named = {pattern for pattern in patterns if not facts.is_pattern(pattern)}
    found = {key for key in named if key in view.snapshot.entities}
    for family in families:
        found.update(_entities_by(view, "family").get(family, ()))
    if "*" in patterns:
        found.update(_entities_by(view, "provider").get(agreement.provider, ()))
    return sorted(found)


def _entities_by(view: View, field: str) -> dict[str, list[str]]:
    """The keys of entities by their family or provider."""

    def index() -> dict[str, list[str]]:
        held: dict[str, list[str]] = {}
        for entity in view.snapshot.entities.values():
            value = entity.family if field == "family" else entity.provider
            if value is not None:
                held.setdefault(value, []).append(entity.key)
        return held

    return view.kept(f"entities by {field}", index)


def covering(view: View, key: str) -> tuple[model.Agreement, ...]:
    """All agreement versions that are about an entity, by key and version."""

    def index() -> dict[str, tuple[model.Agreement, ...]]:
        found: dict[str, list[model.Agreement]] = {}
        for versions in view.snapshot.agreements.values():
            for version in versions:
                for entity in covered(view, version):
                    found.setdefault(entity, []).append(version)
        return {entity: tuple(held) for entity, held in found.items()}

    return view.kept("covering", index).get(key, ())
