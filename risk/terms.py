"""The closed sets of words in which every analysis answers; the API's enums are these."""

from enum import StrEnum


class Basis(StrEnum):
    """Which promises or measurements an own availability is read from."""

    CONTRACTED = "contracted"
    OBJECTIVE = "objective"
    OBSERVED = "observed"
    BEST_KNOWN = "best_known"


class FigureOrigin(StrEnum):
    """Where an own availability comes from."""

    STATED = "stated"
    TARGET = "target"
    MEASUREMENT = "measurement"
    NONE_NEEDED = "none_needed"


class MissingPolicy(StrEnum):
    """What a figure that nobody knows counts as: up, with a flag, or a refusal to answer."""

    CEILING = "ceiling"
    FAIL = "fail"


class Ledger(StrEnum):
    """What counts against a commitment: all that the customer experiences, or what its contract counts."""

    EXPERIENCED = "experienced"
    CONTRACTUAL = "contractual"


class Method(StrEnum):
    """How a probability was found; all but the last two are exact."""

    CLOSED_FORM = "closed_form"
    DIAGRAM = "diagram"
    CONDITIONED = "conditioned"
    INTERVAL = "interval"
    SAMPLED = "sampled"


class FailureLevel(StrEnum):
    """What fails as one: an entity, or all that a vendor, group, domain, agreement or owner stands for."""

    ENTITY = "entity"
    VENDOR = "vendor"
    VENDOR_GROUP = "vendor_group"
    FAILURE_DOMAIN = "failure_domain"
    AGREEMENT = "agreement"
    OWNER = "owner"


class ConcentrationLevel(StrEnum):
    """What a business may hang on too much; a fourth party is a vendor in so far as it stands beneath another one."""

    VENDOR = "vendor"
    VENDOR_GROUP = "vendor_group"
    FOURTH_PARTY = "fourth_party"
    FAILURE_DOMAIN = "failure_domain"
    OWNER = "owner"


class ExposureBasis(StrEnum):
    """What exposure is measured by: the first of these that can be told."""

    REVENUE = "revenue"
    CRITICAL_TRANSACTIONS = "critical_transactions"
    TRANSACTIONS = "transactions"


class ImpactState(StrEnum):
    """How an entity fares when something else has failed, best first."""

    UP = "up"
    AT_RISK = "at_risk"
    DEGRADED = "degraded"
    DOWN = "down"


class Direction(StrEnum):
    """Which way a walk goes: to what is required, or to what requires."""

    REQUIRES = "requires"
    REQUIRED_BY = "required_by"


class Verdict(StrEnum):
    """What a comparison of promises comes to; the first that applies, in this order."""

    NOT_REQUIRED = "not_required"
    ACCEPTED_RISK = "accepted_risk"
    UNCOVERED = "uncovered"
    UNKNOWN = "unknown"
    SHORTFALL = "shortfall"
    THIN = "thin"
    COVERED = "covered"


class ReasonCode(StrEnum):
    """Why a verdict or a missing figure is as it is."""

    NO_AGREEMENT = "no_agreement"
    EXPIRED = "expired"
    FUTURE = "future"
    EXPIRES_BEFORE_COMMITMENT = "expires_before_commitment"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    DRAFT_ONLY = "draft_only"
    ASSUMED_RENEWAL = "assumed_renewal"
    NO_TARGET = "no_target"
    METRIC_MISMATCH = "metric_mismatch"
    WINDOW_MISMATCH = "window_mismatch"
    HOURS_GAP = "hours_gap"
    MAINTENANCE_GAP = "maintenance_gap"
    ROLLING_UPPER_BOUND = "rolling_upper_bound"
    UNBOUNDED_EXCLUSION = "unbounded_exclusion"
    MIN_DURATION_CARVEOUT = "min_duration_carveout"
    FORCE_MAJEURE_NOT_PASSED_THROUGH = "force_majeure_not_passed_through"
    GUARANTEED_SHORTFALL = "guaranteed_shortfall"
    AMBIGUOUS_AGREEMENT = "ambiguous_agreement"
    NO_PENALTY = "no_penalty"
    PENALTY_BELOW_EXPOSURE = "penalty_below_exposure"
    TIER_BELOW_REQUIRED = "tier_below_required"
    FOURTH_PARTY_NO_CONTRACT = "fourth_party_no_contract"
    PROMISE_EXCEEDS_SUPPLY = "promise_exceeds_supply"
    EXTRA_NINE_FAIL = "extra_nine_fail"
    UNREACHABLE_BY_THIS_SUPPLIER = "unreachable_by_this_supplier"
    NO_FIGURE = "no_figure"
    NO_LOSS_STATED = "no_loss_stated"
    RETIRED = "retired"
    CLAIM_EXPIRED = "claim_expired"
    NO_AMOUNT = "no_amount"
    CYCLE = "cycle"


class FindingCode(StrEnum):
    """The rules that look for what is doubtful in a view."""

    ORPHAN = "orphan"
    NO_OWNER = "no_owner"
    CYCLE = "cycle"
    COLD_START_RISK = "cold_start_risk"
    GROUP_OF_ONE = "group_of_one"
    UNDOCUMENTED_VENDOR = "undocumented_vendor"
    RETIRED_SUPPLIER = "retired_supplier"
    TIER_INVERSION = "tier_inversion"
    UNTESTED_STANDBY = "untested_standby"
    SAME_VENDOR_GROUP = "same_vendor_group"
    SAME_DOMAIN_GROUP = "same_domain_group"
    HIDDEN_COMMON_CAUSE = "hidden_common_cause"
    SERVICE_WITHOUT_OLA = "service_without_ola"
    DUPLICATE_DEPENDENCY = "duplicate_dependency"
    CONFLICTING_FACTS = "conflicting_facts"
    PERFECT_PROMISE = "perfect_promise"
    PROMISE_EXCEEDS_SUPPLY = "promise_exceeds_supply"
    METRIC_MISMATCH = "metric_mismatch"
    AMBIGUOUS_AGREEMENT = "ambiguous_agreement"
    MISSING_FIGURE = "missing_figure"
    PROMISE_IN_SHORTFALL = "promise_in_shortfall"
    SUPPLIER_UNCOVERED = "supplier_uncovered"
    NOTICE_DUE = "notice_due"
    VERSION_REWRITTEN = "version_rewritten"


class Severity(StrEnum):
    """How much a finding weighs, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
