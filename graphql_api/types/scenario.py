"""What a view may suppose: one input for each operation of a scenario, of which exactly one is given."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_input, doc_one_of
from graphql_api.types.changes import (
    EdgeInput,
    EntityInput,
    GroupInput,
    MemberInput,
    ReplaceInput,
    RequirementInput,
    SetOwnAvailabilityInput,
)

UNSET = strawberry.UNSET


@doc_input
class SetTargetInput:
    """What an agreement promises of an entity; exactly one of `percent` and `minutes` is given."""

    agreement: str = strawberry.field(description="The key of the agreement.")
    entity: str = strawberry.field(description="The key of an entity that the agreement promises the metric of.")
    metric: str = strawberry.field(default="availability", description="What is measured.")
    percent: Decimal | None = strawberry.field(
        default=UNSET, description="The figure in percent, for availability and success_rate."
    )
    minutes: Decimal | None = strawberry.field(default=UNSET, description="The figure in minutes, for times.")


@doc_one_of
class OperationInput:
    """One operation of a scenario; exactly one field is given. It acts on the view, whoever stated what it changes."""

    fail_entity: str | None = strawberry.field(default=UNSET, description="This entity has failed.")
    fail_vendor: str | None = strawberry.field(default=UNSET, description="All that this vendor provides has failed.")
    fail_vendor_group: str | None = strawberry.field(
        default=UNSET, description="All that this party and those beneath it provide has failed."
    )
    fail_domain: str | None = strawberry.field(default=UNSET, description="This piece of infrastructure has failed.")
    fail_owner: str | None = strawberry.field(default=UNSET, description="All that this party owns has failed.")
    lapse_agreement: str | None = strawberry.field(default=UNSET, description="This agreement applies no longer.")
    retire_entity: str | None = strawberry.field(
        default=UNSET, description="This entity ended on the day before the view's date."
    )
    set_own_availability: SetOwnAvailabilityInput | None = strawberry.field(
        default=UNSET, description="State an entity's own availability; an external's contract still goes before it."
    )
    set_target: SetTargetInput | None = strawberry.field(default=UNSET, description="Let an agreement promise this.")
    add_requirement: RequirementInput | None = strawberry.field(default=UNSET, description="Add a plain need.")
    remove_requirement: EdgeInput | None = strawberry.field(default=UNSET, description="Take a plain need away.")
    set_group: GroupInput | None = strawberry.field(default=UNSET, description="State a requirement group.")
    add_member: MemberInput | None = strawberry.field(default=UNSET, description="Add a member to a group.")
    replace_supplier: ReplaceInput | None = strawberry.field(
        default=UNSET, description="Put one supplier in the place of another."
    )
    add_entity: EntityInput | None = strawberry.field(default=UNSET, description="Add an entity.")


@doc_input
class ScenarioInput:
    """What is supposed over a view, in order; nothing is stored."""

    operations: list[OperationInput] = strawberry.field(
        description="The operations, each acting on what those before it left; at most 200. None is the baseline."
    )
