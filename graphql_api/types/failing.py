"""What is said to fail, as an input."""

from collections.abc import Sequence

import strawberry

from graphql_api.errors import bad_input
from graphql_api.fields import doc_one_of
from risk.failing import Failing
from risk.terms import FailureLevel

UNSET = strawberry.UNSET
_MOST = 1000


@doc_one_of
class FailureInput:
    """Something that fails; exactly one field is given."""

    entity: str | None = strawberry.field(default=UNSET, description="The key of an entity.")
    vendor: str | None = strawberry.field(default=UNSET, description="The key of a vendor: all that it provides.")
    vendor_group: str | None = strawberry.field(
        default=UNSET, description="The key of a vendor's group: all that it and the vendors beneath it provide."
    )
    failure_domain: str | None = strawberry.field(
        default=UNSET, description="The key of an entity of kind infrastructure."
    )
    agreement: str | None = strawberry.field(
        default=UNSET, description="The key of an agreement that lapses: all that it covers."
    )
    owner: str | None = strawberry.field(default=UNSET, description="The key of a party: all entities that it owns.")


_FIELDS = {
    "entity": FailureLevel.ENTITY,
    "vendor": FailureLevel.VENDOR,
    "vendor_group": FailureLevel.VENDOR_GROUP,
    "failure_domain": FailureLevel.FAILURE_DOMAIN,
    "agreement": FailureLevel.AGREEMENT,
    "owner": FailureLevel.OWNER,
}


def failing_of(failed: Sequence[FailureInput]) -> tuple[Failing, ...]:
    """What an argument `failed` says.

    Raises:
        BadInput: it names more than may fail in one question.
    """
    if len(failed) > _MOST:
        raise bad_input("TOO_MANY", f"failed names {len(failed)} failures; at most {_MOST} are allowed.", "failed")
    return tuple(
        Failing(level, key)
        for given in failed
        for name, level in _FIELDS.items()
        if isinstance(key := getattr(given, name), str)
    )
