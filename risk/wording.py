"""How reasons and figures are called in a sentence."""

from risk.terms import ReasonCode

_WHY = {
    ReasonCode.NO_FIGURE: "nothing states or promises it",
    ReasonCode.NO_AGREEMENT: "nothing states or promises it",
    ReasonCode.METRIC_MISMATCH: "what is promised is not minutes of availability",
    ReasonCode.NO_TARGET: "its agreement names no figure",
    ReasonCode.EXPIRED: "its agreement has expired",
    ReasonCode.SUSPENDED: "its agreement is suspended",
    ReasonCode.TERMINATED: "its agreement is terminated",
    ReasonCode.FUTURE: "its agreement is not yet in force",
    ReasonCode.DRAFT_ONLY: "its agreement is only a draft",
    ReasonCode.RETIRED: "it is outside its validity",
}


def words(reason: ReasonCode) -> str:
    """A reason's code as words: `no agreement`."""
    return str(reason).replace("_", " ")


def why_missing(reason: ReasonCode) -> str:
    """Why an entity's own availability is not known, as half a sentence."""
    return _WHY.get(reason) or words(reason)


def what_is_missing(entity: str, reason: ReasonCode) -> str:
    """What is missing, as one sentence."""
    if reason is ReasonCode.NO_LOSS_STATED:
        return f'What the loss of "{entity}" costs is not stated.'
    return f'The availability of "{entity}" itself is not known: {why_missing(reason)}.'
