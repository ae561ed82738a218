"""The document models of the native format: the one list of its keys, and the JSON Schema made of them."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from importers.figures import FigureError
from importers.native import fields as f
from importers.native.fields import scalar
from topology.facts import Reading as OverruleReading
from topology.model import ExclusionKind


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ContactModel(_Model):
    """Whom to call."""

    role: f.Free = None
    name: f.Free = None
    email: f.Free = None
    phone: f.Free = None
    response: f.Minutes | None = Field(None, description="how soon they answer")


class PartyModel(_Model):
    """The company itself, a team, a vendor or a customer."""

    id: f.Id
    kind: f.PartyKind
    name: f.Free = Field(None, description="absent: the id")
    parent: f.Key | None = Field(None, description="the group that it belongs to")
    contacts: tuple[ContactModel, ...] | None = None


class ValidModel(_Model):
    """The days on which an entity exists; `until` is the last of them."""

    start: f.Day | None = Field(None, alias="from")
    until: f.LastDay | None = None


class ExitPlanModel(_Model):
    """How to leave a vendor's product."""

    reviewed: f.Day | None = None
    doc: f.Free = None


class NeedModel(_Model):
    """One supplier, with how long the consumer survives without it and how long a handoff to it takes."""

    entity: f.Key
    tolerates: f.Minutes | None = None
    handoff: f.Minutes | None = None


def _shape(node: object) -> str:
    """Which reading of a need applies; the tags stand in angle brackets, which no key has."""
    if not isinstance(node, dict):
        return "<key>"
    if "any" in node:
        return "<any>"
    return "<at_least>" if "at_least" in node or "of" in node else "<need>"


def _member_shape(node: object) -> str:
    return "<need>" if isinstance(node, dict) else "<key>"


Member = Annotated[Annotated[f.Key, Tag("<key>")] | Annotated[NeedModel, Tag("<need>")], Discriminator(_member_shape)]


class _GroupModel(_Model):
    name: f.Free = Field(None, description="unique for each consumer")
    tested: f.Day | None = Field(None, description="when a failover was last tested")
    beta: f.Fraction | None = Field(None, description="the share of failures that stop all members at once")


class AnyModel(_GroupModel):
    """One of several suppliers is enough."""

    any: tuple[Member, ...]


class AtLeastModel(_GroupModel):
    """So many of several suppliers are needed."""

    at_least: f.Integer
    of: tuple[Member, ...]


Need = Annotated[
    Annotated[f.Key, Tag("<key>")]
    | Annotated[NeedModel, Tag("<need>")]
    | Annotated[AnyModel, Tag("<any>")]
    | Annotated[AtLeastModel, Tag("<at_least>")],
    Discriminator(_shape),
]


class DegradeModel(_Model):
    """A supplier whose loss degrades, and does not stop."""

    entity: f.Key
    loss: f.Fraction | None = None
    tolerates: f.Minutes | None = None


def _degrade_shape(node: object) -> str:
    return "<degrade>" if isinstance(node, dict) else "<key>"


Degrade = Annotated[
    Annotated[f.Key, Tag("<key>")] | Annotated[DegradeModel, Tag("<degrade>")], Discriminator(_degrade_shape)
]


class EntityModel(_Model):
    """Anything that is up or down; with `ref` instead of `id`, what is added to another source's entity."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["id", "kind"]}, {"required": ["ref"]}]})

    id: f.Id | None = None
    ref: f.Key | None = None
    kind: f.EntityKind | None = None
    name: f.Free = Field(None, description="absent: the id")
    owner: f.Key | None = Field(None, description="who runs it")
    provider: f.Key | None = Field(None, description="the vendor of an external")
    criticality: f.Criticality | None = None
    tier: f.Positive | None = Field(None, description="1 is the highest")
    family: f.Free = None
    availability: f.Ratio | None = Field(None, description="own faults only, suppliers aside")
    valid: ValidModel | None = None
    needs: tuple[Need, ...] | None = Field(None, description="every line must hold")
    degrades: tuple[Degrade, ...] | None = None
    journey: f.Free = None
    revenue_per_hour: f.Amount | None = None
    rto: f.Minutes | None = None
    rpo: f.Minutes | None = None
    impact_tolerance: f.Minutes | None = None
    substitutability: f.Substitutability | None = None
    exit_plan: ExitPlanModel | None = None


def _overrule_shape(node: object) -> str:
    if not isinstance(node, dict):
        return "<word>"
    return "<any>" if "any" in node else "<at_least>"


def _word(value: object) -> OverruleReading:
    text = scalar(value).strip().lower()
    if text not in ("none", "degrades"):
        raise FigureError("UP-ENUM", f'"{text[:40]}" is not one of none, degrades', "write none, degrades or a group")
    return OverruleReading(text)


OverruleWord = Annotated[
    OverruleReading, PlainValidator(_word), WithJsonSchema({"type": "string", "enum": ["none", "degrades"]})
]
OverruleAs = Annotated[
    Annotated[OverruleWord, Tag("<word>")]
    | Annotated[AnyModel, Tag("<any>")]
    | Annotated[AtLeastModel, Tag("<at_least>")],
    Discriminator(_overrule_shape),
]


class OverruleModel(_Model):
    """Another source's edges, seen rightly."""

    consumer: f.Key
    supplier: f.Key | None = Field(None, description="absent where `as` is a group")
    reading: OverruleAs = Field(alias="as")
    loss: f.Fraction | None = None
    tolerates: f.Minutes | None = None


class MaintenanceModel(_Model):
    """Planned downtime: a weekly slot, or an allowance for each window."""

    weekly: f.Slot | None = None
    allowance: f.Minutes | None = None
    per: f.FixedWindow | None = None


class ExclusionModel(_Model):
    """A carve-out with a figure or a list."""

    shorter_than: f.Minutes | None = None
    entities: tuple[f.Key, ...] | None = None


def _exclusion_word(value: object) -> ExclusionKind:
    text = scalar(value).strip().lower().replace(" ", "_")
    if text not in SIMPLE_EXCLUSIONS:
        hint = "with a figure or a list, write {shorter_than: 5 min} or {entities: [isp]}"
        raise FigureError("UP-ENUM", f'"{text[:40]}" is not one of {", ".join(SIMPLE_EXCLUSIONS)}', hint)
    return ExclusionKind(text)


SIMPLE_EXCLUSIONS: Final = tuple(
    kind.value for kind in ExclusionKind if kind not in (ExclusionKind.SHORTER_THAN, ExclusionKind.ENTITIES)
)
ExclusionWord = Annotated[
    ExclusionKind,
    PlainValidator(_exclusion_word),
    WithJsonSchema({"type": "string", "enum": list(SIMPLE_EXCLUSIONS)}),
]


def _exclusion_shape(node: object) -> str:
    return "<exclude>" if isinstance(node, dict) else "<word>"


Exclusion = Annotated[
    Annotated[ExclusionWord, Tag("<word>")] | Annotated[ExclusionModel, Tag("<exclude>")],
    Discriminator(_exclusion_shape),
]


class TargetModel(_Model):
    """One promised figure; it has a `min` or a `max`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["min"]}, {"required": ["max"]}]})

    covers: f.Covered | None = Field(None, description="absent: what the agreement covers")
    metric: f.Free
    min: f.Figure | None = None
    max: f.Figure | None = None
    window: f.Span | None = None
    extent: f.Extent | None = None
    measure: f.Measure | None = None
    credit_kind: f.CreditKind | None = None
    credits: dict[f.Ratio, f.Percent] | None = Field(None, description="below the figure, that percent of the fee")


class AgreementModel(_Model):
    """One version of an agreement."""

    id: f.Id
    type: f.AgreementType
    provider: f.Key
    name: f.Free = Field(None, description="absent: the id")
    version: f.Positive | None = Field(None, description="absent: 1")
    consumer: f.Key | None = None
    status: f.AgreementStatus | None = Field(None, description="absent: active")
    start: f.Day | None = None
    end: f.LastDay | None = Field(None, description="the last day in force; absent: open")
    auto_renew: f.Stretch | None = None
    notice: f.Stretch | None = None
    notice_given: f.Day | None = None
    level: f.AgreementLevel | None = Field(None, description="absent: service; the narrower wins")
    precedence: f.Integer | None = Field(None, description="absent: 0; the higher wins")
    service_tier: f.Free = None
    covers: tuple[f.Covered, ...] | None = Field(None, description="for all targets without their own")
    extent: f.Extent | None = Field(None, description="whether the figures include the suppliers")
    timezone: f.Zone | None = None
    service_hours: f.Hours | None = None
    holidays: tuple[f.Holiday, ...] | None = None
    maintenance: tuple[MaintenanceModel, ...] | None = None
    excludes: tuple[Exclusion, ...] | None = None
    fee: f.Price | None = None
    credit_cap: f.Cap | None = None
    claim_within: f.Minutes | None = None
    doc: f.Free = None
    note: f.Free = None
    targets: tuple[TargetModel, ...] | None = None


class DefaultsModel(_Model):
    """What holds where an agreement or an amount does not say otherwise."""

    window: f.Span | None = None
    service_hours: f.Hours | None = None
    timezone: f.Zone | None = None
    currency: f.CurrencyCode | None = None


Pair = tuple[f.Key, f.Key]


class NativeDocument(_Model):
    """One company, or one team's part of it."""

    model_config = ConfigDict(title="Underpin native format, version 1")

    underpin: f.FormatVersion
    source: f.SourceName | None = Field(None, description="the owner of every fact in the file")
    scope: f.Free = Field(None, description="a part of a source, which is imported by itself")
    as_of: f.Day | None = Field(None, description="the date that this describes")
    defaults: DefaultsModel | None = None
    parties: tuple[PartyModel, ...] | None = None
    entities: tuple[EntityModel, ...] | None = None
    same: tuple[Pair, ...] | None = Field(None, description="two keys that are one thing; the first is shown")
    overrule: tuple[OverruleModel, ...] | None = None
    agreements: tuple[AgreementModel, ...] | None = None


CONTAINERS: Final[dict[str, type[BaseModel]]] = {
    "contacts": ContactModel,
    "valid": ValidModel,
    "exit_plan": ExitPlanModel,
    "<need>": NeedModel,
    "<any>": AnyModel,
    "<at_least>": AtLeastModel,
    "<degrade>": DegradeModel,
    "<exclude>": ExclusionModel,
    "maintenance": MaintenanceModel,
    "targets": TargetModel,
    "defaults": DefaultsModel,
}
"""The model that holds the keys of a mapping, by the key under which the mapping stands or the tag of its reading."""


def json_schema() -> dict[str, object]:
    """The JSON Schema of a native YAML file, for editors."""
    schema = NativeDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


Section = Literal["parties", "entities", "same", "overrule", "agreements"]
SECTIONS: Final[tuple[Section, ...]] = ("parties", "entities", "same", "overrule", "agreements")
