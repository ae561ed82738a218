"""What can be changed: one input for each kind of change, of which exactly one is given."""

from datetime import date
from decimal import Decimal

import strawberry

from graphql_api.fields import doc_input, doc_one_of
from topology import model

UNSET = strawberry.UNSET
CONSUMER = "Who needs it: the key of an entity."
SUPPLIER = "Who is needed: the key of an entity."
TOLERANCE = "How many minutes the consumer survives without it; 0 when absent."


@doc_input
class PartyInput:
    """A party to add, or to state anew."""

    key: str = strawberry.field(description="Its key, unique among parties.")
    kind: model.PartyKind = strawberry.field(description="Which of the four it is.")
    name: str | None = strawberry.field(default=UNSET, description="Its name; the key when absent.")
    parent: str | None = strawberry.field(default=UNSET, description="The key of the group it belongs to.")


@doc_input
class EntityInput:
    """An entity to add."""

    key: str = strawberry.field(description="Its key, unique among entities.")
    kind: model.EntityKind = strawberry.field(description="What it is.")
    name: str | None = strawberry.field(default=UNSET, description="Its name; the key when absent.")
    owner: str | None = strawberry.field(default=UNSET, description="The key of the party that runs it.")
    provider: str | None = strawberry.field(default=UNSET, description="The key of the vendor of an external.")
    availability_percent: Decimal | None = strawberry.field(
        default=UNSET, description="Its own availability in percent, suppliers aside."
    )


@doc_input
class SetOwnAvailabilityInput:
    """An entity's own availability, suppliers aside."""

    entity: str = strawberry.field(description="The key of the entity.")
    percent: Decimal = strawberry.field(description="The availability in percent.")


@doc_input
class RequirementInput:
    """A plain need: the consumer is down without the supplier."""

    consumer: str = strawberry.field(description=CONSUMER)
    supplier: str = strawberry.field(description=SUPPLIER)
    tolerance_minutes: Decimal | None = strawberry.field(default=UNSET, description=TOLERANCE)


@doc_input
class DegradationInput:
    """A soft need: losing the supplier costs the consumer a part, and does not stop it."""

    consumer: str = strawberry.field(description=CONSUMER)
    supplier: str = strawberry.field(description=SUPPLIER)
    loss_percent: Decimal | None = strawberry.field(
        default=UNSET, description="How much is lost, in percent; unknown when absent."
    )
    tolerance_minutes: Decimal | None = strawberry.field(default=UNSET, description=TOLERANCE)


@doc_input
class EdgeInput:
    """A need between two entities."""

    consumer: str = strawberry.field(description=CONSUMER)
    supplier: str = strawberry.field(description=SUPPLIER)


@doc_input
class GroupInput:
    """A requirement group: the consumer needs at least `required` of the members."""

    consumer: str = strawberry.field(description=CONSUMER)
    name: str = strawberry.field(description="The group's name, unique for its consumer.")
    required: int = strawberry.field(description="How many members must be up.")
    members: list[str] = strawberry.field(description="The keys of the members; those that stay keep their tolerance.")


@doc_input
class MemberInput:
    """One more member of a requirement group."""

    consumer: str = strawberry.field(description=CONSUMER)
    group: str = strawberry.field(description="The group's name.")
    supplier: str = strawberry.field(description=SUPPLIER)
    tolerance_minutes: Decimal | None = strawberry.field(default=UNSET, description=TOLERANCE)


@doc_input
class ReplaceInput:
    """One supplier in the place of another; groups and tolerances stay."""

    consumer: str | None = strawberry.field(default=UNSET, description="Whose supplier; everybody's when absent.")
    from_: str = strawberry.field(name="from", description="The key of the supplier that goes.")
    to: str = strawberry.field(description="The key of the supplier that comes.")


@doc_input
class TargetInput:
    """A promised figure."""

    entity: str = strawberry.field(description="The key of the entity that it is about.")
    metric: str = strawberry.field(description="What is measured, such as `availability`.")
    comparator: model.Comparator = strawberry.field(description="Which side of the value keeps the promise.")
    value: Decimal = strawberry.field(description="The figure, in `unit`.")
    unit: str = strawberry.field(description="The value's unit: `%`, `ratio`, `min`, `ms` and so on.")
    window: str = strawberry.field(description="The window, such as `calendar_month`, `rolling_30d` or `per_incident`.")


@doc_input
class AgreementInput:
    """A new agreement, or a new version of one; what a version says is never changed afterwards."""

    key: str = strawberry.field(description="Its key, unique among agreements.")
    version: int = strawberry.field(description="The version's number; a higher one supersedes.")
    type: model.AgreementType = strawberry.field(description="Which side of the promise it is on.")
    provider: str = strawberry.field(description="The key of the party that promises.")
    consumer: str = strawberry.field(description="The key of the party that is promised.")
    start: date | None = strawberry.field(default=UNSET, description="The first day in force; open when absent.")
    end: date | None = strawberry.field(default=UNSET, description="The last day in force; open when absent.")
    targets: list[TargetInput] = strawberry.field(description="What it promises.")


@doc_one_of
class ChangeInput:
    """One change; exactly one field is given. It writes facts of the named source and never edits another's."""

    put_party: PartyInput | None = strawberry.field(default=UNSET, description="Add a party, or state it anew.")
    remove_party: str | None = strawberry.field(default=UNSET, description="Take back a party that the source states.")
    add_entity: EntityInput | None = strawberry.field(default=UNSET, description="Add an entity.")
    retire_entity: str | None = strawberry.field(
        default=UNSET, description="Let an entity end on the day before the server's date; it stays in the past."
    )
    remove_entity: str | None = strawberry.field(
        default=UNSET, description="Take back an entity that the source states, with what it says that it needs."
    )
    set_own_availability: SetOwnAvailabilityInput | None = strawberry.field(
        default=UNSET, description="State an entity's own availability."
    )
    add_requirement: RequirementInput | None = strawberry.field(default=UNSET, description="Add a plain need.")
    remove_requirement: EdgeInput | None = strawberry.field(
        default=UNSET, description="Take back a plain need; another source's is overruled."
    )
    set_group: GroupInput | None = strawberry.field(default=UNSET, description="State a requirement group.")
    add_member: MemberInput | None = strawberry.field(default=UNSET, description="Add a member to a group.")
    replace_supplier: ReplaceInput | None = strawberry.field(
        default=UNSET, description="Put one supplier in the place of another."
    )
    put_degradation: DegradationInput | None = strawberry.field(default=UNSET, description="State a soft need.")
    remove_degradation: EdgeInput | None = strawberry.field(
        default=UNSET, description="Take back a soft need; another source's is overruled."
    )
    add_agreement_version: AgreementInput | None = strawberry.field(
        default=UNSET, description="Add an agreement, or a version of one."
    )


@doc_input
class SubmitChangesInput:
    """What to write, all of it or nothing."""

    changes: list[ChangeInput] = strawberry.field(description="The changes, in order; each sees those before it.")
    reason: str = strawberry.field(description="Why; it stands in the log.")
    expected_revision: int | None = strawberry.field(
        default=UNSET, description="Write only if the graph is at this revision."
    )
    dry_run: bool = strawberry.field(default=False, description="Check and count only.")
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description="A repetition with the same key gives the first answer and writes nothing."
    )
    source: str = strawberry.field(default="manual", description="Whose facts they are.")


@doc_input
class ImportSourceInput:
    """A file to import: planned without a digest, written with the plan's."""

    file_name: str = strawberry.field(description="The file's name; problems and provenance show it.")
    base64: str = strawberry.field(description="The file's bytes in Base64.")
    source: str | None = strawberry.field(default=UNSET, description="Whose facts they are, where the file is silent.")
    scope: str | None = strawberry.field(default=UNSET, description="Which part of the source it is, likewise.")
    digest: str | None = strawberry.field(default=UNSET, description="The digest of the plan that is agreed to.")
    strict: bool = strawberry.field(default=False, description="Whether any error refuses everything.")
    allow_removals: int | None = strawberry.field(
        default=UNSET, description="How many removals are meant; without it many are refused."
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET, description="A repetition with the same key gives the first answer and writes nothing."
    )
