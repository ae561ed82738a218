"""The closed sets of the schema: the domain's own enums, offered as far as they work, every value described."""

from enum import StrEnum

from graphql_api.described import doc_enum
from risk import cut_sets, deltas, terms
from topology import facts, model

doc_enum(
    model.EntityKind,
    {
        model.EntityKind.TRANSACTION: "Something that the business sells or lives by.",
        model.EntityKind.SERVICE: "Software that serves transactions or other services.",
        model.EntityKind.COMPONENT: "A part that a service is built of.",
        model.EntityKind.INFRASTRUCTURE: "A zone, region, site or other shared failure domain.",
        model.EntityKind.EXTERNAL: "A vendor's product.",
    },
)
doc_enum(
    model.PartyKind,
    {
        model.PartyKind.SELF: "The company itself.",
        model.PartyKind.TEAM: "A team of the company.",
        model.PartyKind.VENDOR: "Somebody the company buys from.",
        model.PartyKind.CUSTOMER: "Somebody the company promises to.",
    },
)
doc_enum(
    model.Criticality,
    {
        model.Criticality.CRITICAL: "The company cannot be without it.",
        model.Criticality.HIGH: "Its loss hurts at once.",
        model.Criticality.MEDIUM: "Its loss hurts after a while.",
        model.Criticality.LOW: "Its loss is a nuisance.",
    },
)
doc_enum(
    model.Substitutability,
    {
        model.Substitutability.EASY: "Replaced in days.",
        model.Substitutability.MEDIUM: "Replaced with a project.",
        model.Substitutability.COMPLEX: "Replaced with great effort.",
        model.Substitutability.NONE: "There is nothing to replace it with.",
    },
)
doc_enum(
    model.AgreementType,
    {
        model.AgreementType.SLA: "A promise to a customer.",
        model.AgreementType.OLA: "A promise between teams.",
        model.AgreementType.UC: "An underpinning contract: a vendor's promise.",
        model.AgreementType.SLO: "An internal objective.",
    },
)
doc_enum(
    model.AgreementStatus,
    {
        model.AgreementStatus.DRAFT: "Not agreed yet.",
        model.AgreementStatus.ACTIVE: "Agreed.",
        model.AgreementStatus.SUSPENDED: "Agreed, and out of force for now.",
        model.AgreementStatus.TERMINATED: "Ended before its time.",
    },
)
doc_enum(
    model.AgreementLevel,
    {
        model.AgreementLevel.SERVICE: "For one service: the narrowest, which wins.",
        model.AgreementLevel.CUSTOMER: "For all that one customer gets.",
        model.AgreementLevel.CORPORATE: "For everybody.",
    },
)
doc_enum(
    model.Extent,
    {
        model.Extent.INTRINSIC: "Own faults only; suppliers come on top.",
        model.Extent.END_TO_END: "The whole, suppliers included.",
    },
)
doc_enum(
    model.Comparator,
    {
        model.Comparator.AT_LEAST: "The promise is kept at the value or above.",
        model.Comparator.AT_MOST: "The promise is kept at the value or below.",
    },
)
doc_enum(
    model.WindowKind,
    {
        model.WindowKind.CALENDAR_MONTH: "Each month of the calendar.",
        model.WindowKind.CALENDAR_QUARTER: "Each quarter of the calendar.",
        model.WindowKind.CALENDAR_YEAR: "Each year of the calendar.",
        model.WindowKind.CONTRACT_YEAR: "Each year from the agreement's start.",
        model.WindowKind.ROLLING: "Any stretch of so many days.",
        model.WindowKind.PER_INCIDENT: "Each incident by itself.",
    },
)
doc_enum(
    model.CreditKind,
    {
        model.CreditKind.PERCENT_OF_FEE: "A share of the fee, by tiers.",
        model.CreditKind.PROPORTIONAL: "The fee for the time that was lost.",
        model.CreditKind.SERVICE_DAYS: "So many days of the fee for each event.",
        model.CreditKind.TERMINATION_RIGHT: "No money: the right to leave.",
    },
)
doc_enum(
    facts.FactBasis,
    {
        facts.FactBasis.DECLARED: "Somebody wrote it down.",
        facts.FactBasis.OBSERVED: "It was seen in traffic.",
        facts.FactBasis.INFERRED: "It was concluded from something else.",
        facts.FactBasis.ASSUMED: "Something refers to it, and nobody describes it.",
    },
)
doc_enum(
    terms.Direction,
    {
        terms.Direction.REQUIRES: "From a consumer to what it needs.",
        terms.Direction.REQUIRED_BY: "From a supplier to what needs it.",
    },
)
doc_enum(
    terms.Basis,
    {
        terms.Basis.CONTRACTED: "What vendors and teams have promised, or owners have stated.",
        terms.Basis.OBJECTIVE: "Internal objectives first, then promises.",
        terms.Basis.OBSERVED: "Measurements and nothing else.",
        terms.Basis.BEST_KNOWN: "Measurements, then promises, then objectives.",
    },
)
doc_enum(
    terms.FigureOrigin,
    {
        terms.FigureOrigin.STATED: "An availability stated for the entity itself.",
        terms.FigureOrigin.TARGET: "A target of an agreement.",
        terms.FigureOrigin.MEASUREMENT: "A measurement.",
        terms.FigureOrigin.NONE_NEEDED: "None: a transaction without a figure has no faults of its own.",
    },
)
doc_enum(
    terms.MissingPolicy,
    {
        terms.MissingPolicy.CEILING: "Count it as up, and say that the result is an upper bound.",
        terms.MissingPolicy.FAIL: "Refuse to answer.",
    },
)
doc_enum(
    terms.Ledger,
    {
        terms.Ledger.EXPERIENCED: "Everything that the customer experiences.",
        terms.Ledger.CONTRACTUAL: "What the commitment's agreement counts.",
    },
)
doc_enum(
    cut_sets.CutSetCap,
    {
        cut_sets.CutSetCap.FIRST: "More were found than were asked for.",
        cut_sets.CutSetCap.ORDER: "Larger ones may exist, of more entities than were asked for.",
    },
)
doc_enum(
    terms.Method,
    {
        terms.Method.CLOSED_FORM: "Exact, by products alone.",
        terms.Method.DIAGRAM: "Exact, by a decision diagram.",
        terms.Method.CONDITIONED: "Exact, by cases and decision diagrams.",
        terms.Method.INTERVAL: "Guaranteed bounds; the exact figure was out of reach.",
        terms.Method.SAMPLED: "Sampled, with an interval of confidence.",
    },
)
doc_enum(
    terms.Verdict,
    {
        terms.Verdict.NOT_REQUIRED: "The commitment does not need this supplier.",
        terms.Verdict.ACCEPTED_RISK: "Somebody has accepted the gap.",
        terms.Verdict.UNCOVERED: "No agreement at this date.",
        terms.Verdict.UNKNOWN: "No figure that could be compared.",
        terms.Verdict.SHORTFALL: "The promise is not kept by what lies beneath it.",
        terms.Verdict.THIN: "Kept by less than the margin, or not guaranteed.",
        terms.Verdict.COVERED: "Kept.",
    },
)
doc_enum(
    terms.Severity,
    {
        terms.Severity.ERROR: "A promise is broken, or the data contradicts itself.",
        terms.Severity.WARNING: "Somebody should look at it.",
        terms.Severity.NOTICE: "Worth knowing.",
    },
)
doc_enum(
    terms.FailureLevel,
    {
        terms.FailureLevel.ENTITY: "One entity.",
        terms.FailureLevel.VENDOR: "All externals of a vendor.",
        terms.FailureLevel.VENDOR_GROUP: "All externals of the vendors of one group.",
        terms.FailureLevel.FAILURE_DOMAIN: "A zone, region or site: an entity of kind infrastructure.",
        terms.FailureLevel.AGREEMENT: "All that one agreement in force covers: its lapse.",
        terms.FailureLevel.OWNER: "All that one team owns.",
    },
)
doc_enum(
    terms.ConcentrationLevel,
    {
        terms.ConcentrationLevel.VENDOR: "All externals of a vendor.",
        terms.ConcentrationLevel.VENDOR_GROUP: "All externals of the vendors of one group.",
        terms.ConcentrationLevel.FOURTH_PARTY: "A vendor's externals that other vendors' externals stand on.",
        terms.ConcentrationLevel.FAILURE_DOMAIN: "A zone, region or site: an entity of kind infrastructure.",
        terms.ConcentrationLevel.OWNER: "All that one team owns.",
    },
)
doc_enum(
    terms.ExposureBasis,
    {
        terms.ExposureBasis.REVENUE: "The revenue per hour of the transactions that are stopped.",
        terms.ExposureBasis.CRITICAL_TRANSACTIONS: "How many critical transactions are stopped: revenue is unknown.",
        terms.ExposureBasis.TRANSACTIONS: "How many transactions are stopped: neither of the others is known.",
    },
)
doc_enum(
    terms.ImpactState,
    {
        terms.ImpactState.UP: "It goes on.",
        terms.ImpactState.AT_RISK: "It goes on, and can lose no more.",
        terms.ImpactState.DEGRADED: "It goes on at a loss.",
        terms.ImpactState.DOWN: "It stops.",
    },
)


class EntityOrder(StrEnum):
    """What a list of entities is ordered by; ties are broken by key."""

    KEY = "key"
    NAME = "name"
    CRITICALITY = "criticality"
    MINUTES_PER_30_DAYS = "minutes_per_30_days"


doc_enum(
    EntityOrder,
    {
        EntityOrder.KEY: "The key.",
        EntityOrder.NAME: "The name, as it is written but for the case of its letters.",
        EntityOrder.CRITICALITY: "The most critical first; those without one last.",
        EntityOrder.MINUTES_PER_30_DAYS: "The most expected downtime first, by the middle where only bounds are known.",
    },
)
doc_enum(
    deltas.ChangeVerdict,
    {
        deltas.ChangeVerdict.PASS: "No promise is worse off.",
        deltas.ChangeVerdict.WARN: "No promise breaks by the change, but something wants a look.",
        deltas.ChangeVerdict.FAIL: "The change breaks a promise, or one that is broken gets worse.",
    },
)
