"""Stand-ins: what an import refers to and nobody describes is assumed to exist, and counted."""

from topology.facts import EntityStatement, Fact, FactBasis, Statement, Subject
from topology.model import Agreement, AgreementType, EntityKind, Party, PartyKind, Target

_PROVIDERS = {
    AgreementType.SLA: PartyKind.SELF,
    AgreementType.OLA: PartyKind.TEAM,
    AgreementType.UC: PartyKind.VENDOR,
    AgreementType.SLO: PartyKind.SELF,
}
_CONSUMERS = {
    AgreementType.SLA: PartyKind.CUSTOMER,
    AgreementType.OLA: PartyKind.TEAM,
    AgreementType.UC: PartyKind.SELF,
    AgreementType.SLO: PartyKind.SELF,
}


def stub(missing: Subject, referrer: Fact, agreement: Agreement | None) -> Fact | None:
    """The stand-in for what `referrer` refers to, or None where none makes sense (an agreement must be described).

    Args:
        missing: what is described nowhere.
        referrer: the fact that refers to it; the stub takes its place.
        agreement: where `referrer` is a target, the agreement that it belongs to.
    """
    space, key = missing
    statement: Statement
    if space == "party":
        statement = Party(key, _party_kind(key, referrer.statement), key)
    elif space == "entity":
        statement = _entity(key, agreement if isinstance(referrer.statement, Target) else referrer.statement)
    else:
        return None
    return Fact(statement, referrer.source, referrer.scope, FactBasis.ASSUMED, referrer.place)


def _party_kind(key: str, statement: Statement) -> PartyKind:
    if isinstance(statement, Party):
        return statement.kind
    if isinstance(statement, Agreement):
        kinds = _PROVIDERS if statement.provider == key else _CONSUMERS
        return kinds[statement.type]
    provides = isinstance(statement, EntityStatement) and statement.provider == key
    return PartyKind.VENDOR if provides else PartyKind.TEAM


def _entity(key: str, statement: Statement | None) -> EntityStatement:
    """An external of the vendor where an underpinning contract covers it; else a component that nobody owns."""
    if isinstance(statement, Agreement) and statement.type is AgreementType.UC:
        return EntityStatement(key, EntityKind.EXTERNAL, provider=statement.provider)
    return EntityStatement(key, EntityKind.COMPONENT)
