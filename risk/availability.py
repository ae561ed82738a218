"""Composite availability: the exact probability that an entity is up, over its hard closure, each entity once.

Formula: `U(v) = 1 - prod over N(v) of (1 - q) x prod over factors of (1 - U_factor)`: what v cannot do without, and
what redundancy leaves, taken apart into independent factors (`reductions.py`, `factors.py`).
Units: unavailability `q = 1 - p` throughout, so that U = 1e-13 keeps 12 digits.
Assumes: own faults are independent of one another.
Source: Beyer et al., The Calculus of Service Availability (2017); Rauzy (1993).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Generic, overload

from risk.common_cause import common_causes
from risk.diagrams.factors import products_of_others
from risk.diagrams.ladder import exact, method_of
from risk.graph import System
from risk.limits import DEFAULT_LIMITS, Check, Limits, unhurried
from risk.probability import P, either
from risk.reduced.cones import Cone
from risk.reduced.prepared import Prepared
from risk.sampling import Worlds, worlds
from risk.structure import closure
from risk.terms import Method
from risk.unavailability import Composite, Down, are_wide, sampled
from topology.errors import AnalysisTooLarge

_WORST_FIRST = (Method.INTERVAL, Method.CONDITIONED, Method.DIAGRAM, Method.CLOSED_FORM)


@dataclass(frozen=True, slots=True)
class Before(Generic[P]):
    """The engine before a change, and the entities that the change reaches: all others are as they were in it."""

    engine: "Availability[P]"
    reached: frozenset[int]


class Availability(Generic[P]):
    """Composite availabilities of one system under own unavailabilities, which are independent of one another.

    Groups that state a `beta` share a common cause (`common_cause.py`); it is no entity, but composites feel it.

    Args:
        system: the system.
        own: own unavailability of every entity, 0..1, by number; read when it is first needed.
        limits: sizes at which the engine goes to its next rung.
        prepared: what is known of the system already.
        failed: what has failed itself, whatever its figure says; common causes stay as the figures make them.
        before: an engine of the same numbers that answers for what a change does not reach.

    Attributes:
        own: own unavailabilities, 1 for what has failed.
        figures: the same without that.
    """

    def __init__(
        self,
        system: System,
        own: Sequence[P],
        *,
        limits: Limits = DEFAULT_LIMITS,
        prepared: Prepared | None = None,
        failed: frozenset[int] = frozenset(),
        before: Before[P] | None = None,
    ) -> None:
        self.system = system
        self.own: Sequence[P] = _with_failed(own, failed) if failed else own
        self.prepared = prepared or Prepared(system, limits)
        self.figures: Sequence[P] = own
        self._failed = failed
        self._before: Before[P] | None = before
        self._extended: Availability[P] | None = None
        self._parts: dict[Prepared, Availability[P]] = {}
        self._known: dict[int, Composite[P]] = {}
        self._values: OrderedDict[int, dict[tuple[int, ...], tuple[P, P]]] = OrderedDict()

    def with_own(self, own: Sequence[P]) -> "Availability[P]":
        """The same system with other figures; what was worked out about its structure is shared."""
        return Availability(self.system, own, prepared=self.prepared)

    def about(self, root: int) -> "Availability[P]":
        """The engine that answers for a root: this one, that of a part, or that from before a change."""
        if self._before is not None and root not in self._before.reached:
            return self._before.engine.about(root)
        prepared = self.prepared.about(root)
        if prepared is self.prepared:
            return self
        found = self._parts.get(prepared)
        if found is None:
            found = Availability(self.system, self.figures, prepared=prepared, failed=self._failed)
            self._parts[prepared] = found
        return found

    @property
    def with_causes(self) -> "Availability[P]":
        """The engine of the system extended by the common causes that groups state; itself without any."""
        return self.extended(unhurried)

    def extended(self, check: Check) -> "Availability[P]":
        """The same; `check` is called every few thousand steps while they are looked for."""
        if self._extended is None:
            caused = self.prepared.causes(check)
            if caused is None:
                self._extended = self
            else:
                causes, prepared = caused
                figures = causes.figures(self.figures)
                self._extended = Availability(causes.system, figures, prepared=prepared, failed=self._failed)
        return self._extended

    def supposing(self, beta: Decimal, root: int) -> "Availability[P]":
        """The engine to ask about a root if every redundant group that states no common cause had one.

        Args:
            beta: its share of the least own q of the members, 0..1; what groups state themselves stays.
            root: the entity that will be asked about; only causes that reach something beneath it are made.
        """
        within = closure(self.system, root)
        causes = common_causes(self.system, beta, about=within)
        if causes is None:
            return self
        part = within.union(range(len(self.system), len(causes.system)))
        prepared = Prepared(causes.system, self.prepared.limits, part=part)
        return Availability(causes.system, causes.figures(self.figures), prepared=prepared, failed=self._failed)

    def composite(self, root: int, check: Check = unhurried, *, besides: Sequence[int] = ()) -> Composite[P]:
        """`1 - A(root)`.

        Args:
            root: the entity.
            check: called every few thousand steps.
            besides: formulas, in the context of what the root needs, that count as its being down.

        Raises:
            AnalysisTooLarge: a limit of size was met, with formulas `besides`; without any, worlds are sampled then.
        """
        engine = self.about(root).extended(check)
        if engine is not self:
            return engine.composite(root, check, besides=besides)
        block = self.prepared.blocks(check).block_of[root]
        with self.prepared.lock:
            return self._taken_apart(block, check, besides) if besides else self._of_block(block, check)

    def in_cones(self, entities: Collection[int], check: Check = unhurried) -> list[tuple[int, ...]]:
        """Some entities, those that share most tables together, in the order in which to ask about all of them."""
        found: list[tuple[int, ...]] = []
        if self._before is not None:
            reached = self._before.reached
            found += self._before.engine.in_cones([each for each in entities if each not in reached], check)
            entities = [each for each in entities if each in reached]
        if entities:
            plain = self.prepared.in_cones(entities, check)
            caused = self.extended(check)
            found += plain if caused is self else caused.prepared.in_cones(entities, check)
        return found

    def knows(self, root: int) -> bool:
        """Whether its composite has been worked out."""
        engine = self.about(root).with_causes
        return engine.knows(root) if engine is not self else self.prepared.condensed.block_of[root] in self._known

    def learn(self, root: int, found: Composite[P]) -> None:
        """Take over a composite that an equal engine has worked out, in another process say."""
        engine = self.about(root).with_causes
        if engine is not self:
            engine.learn(root, found)
        else:
            self._known[self.prepared.condensed.block_of[root]] = found

    def known(self) -> dict[int, Composite[P]]:
        """The composites that have been worked out so far, by entity."""
        if self.with_causes is not self:
            return {each: found for each, found in self.with_causes.known().items() if each < len(self.system)}
        members = self.prepared.condensed.members
        return {each: found for block, found in self._known.copy().items() for each in members[block]}

    def exactly(
        self, root: int, check: Check = unhurried, *, failed: Collection[int] = (), working: Collection[int] = ()
    ) -> P:
        """`1 - A(root)`, or what it is given these, for whoever has no use for bounds.

        Raises:
            AnalysisTooLarge: only bounds are known.
        """
        is_plain = not failed and not working
        found = self.composite(root, check) if is_plain else self.conditional(root, failed, working, check)
        if not found.is_exact:
            key = self.system.keys[root]
            raise AnalysisTooLarge(
                f'the exact availability of "{key}" is needed here, and only its bounds are known ({found.method.name})'
            )
        return found.unavailability

    def or_sampled(
        self, root: int, certain: Composite[P] | None, down: Down | None = None, check: Check = unhurried
    ) -> Composite[P]:
        """Bounds that are certain, unless there are none or they are wide: then a sampled interval.

        Args:
            root: the entity.
            certain: the bounds that are known, if any.
            down: the worlds that count, by the state of any entities; absent: those in which the root is down.
            check: called every few thousand steps.
        """
        engine = self.about(root)
        if engine is not self:
            return engine.or_sampled(root, certain, down, check)
        with self.prepared.lock:
            return self._or_sampled(self.prepared.blocks(check).block_of[root], certain, down, check)

    def _of_block(self, block: int, check: Check) -> Composite[P]:
        """As known; else at the end of the chain of single hard suppliers, and from there back link by link."""
        chain = []
        condensed = self.prepared.condensed
        while block not in self._known and condensed.is_link(block):
            chain.append(block)
            (block,) = condensed.hard[block]
        found = self._known.get(block)
        if found is None:
            found = self._known[block] = self._apart_or_sampled(block, check)
        for link in reversed(chain):
            q = self._blocks[link]
            middle, lower, upper = (either(bound, q) for bound in (found.unavailability, found.lower, found.upper))
            found = self._known[link] = replace(found, unavailability=middle, lower=lower, upper=upper)
        return found

    def _apart_or_sampled(self, block: int, check: Check) -> Composite[P]:
        try:
            found = self._taken_apart(block, check, ())
        except AnalysisTooLarge:
            return self._or_sampled(block, None, None, check)
        return found if found.is_exact else self._or_sampled(block, found, None, check)

    def _or_sampled(self, block: int, certain: Composite[P] | None, down: Down | None, check: Check) -> Composite[P]:
        """What the block cannot do without enters exactly; sampled are the worlds in which all of that stands."""
        sampling = self.prepared.limits.sampling
        needs = self.prepared.cone_of(block, check).reduction.needs(block)
        standing = self._standing(needs)
        if certain is not None and not are_wide(certain.lower, certain.upper, standing, sampling):
            return certain

        def fallen(some: Worlds) -> int:
            return some.down[block]

        condensed = self.prepared.condensed
        roots = (block,) if down is None else range(len(condensed.members))
        drawn = worlds(condensed, roots, self._blocks, sampling, check, standing=needs)
        return sampled(drawn, down or fallen, standing, sampling, certain)

    def _taken_apart(self, block: int, check: Check, besides: Sequence[int]) -> Composite[P]:
        cone = self.prepared.cone_of(block, check)
        residual = cone.reduction.residual(block, check, besides)
        lower = upper = self._standing(residual.blocks)
        nodes, methods = 0, {Method.CLOSED_FORM}
        for key in residual.factors:
            solution = cone.factor(key, check)
            nodes += solution.nodes
            methods.add(method_of(solution))
            least, most = self._bounds(cone, key, check)
            lower, upper = either(lower, least), either(upper, most)
        method = next(method for method in _WORST_FIRST if method in methods)
        middle = lower if lower == upper else (lower + upper) / 2
        return Composite(middle, method, nodes, lower, upper)

    def supplied(self, root: int, check: Check = unhurried) -> P:
        """`1 - A'(root)`: its unavailability when it, and all on one hard cycle with it, have no faults of their own.

        Their own figures are not read. Common causes are left out: they change no entity's own figure.

        Raises:
            AnalysisTooLarge: a limit of size was met, or only bounds are known.
        """
        engine = self.about(root)
        if engine is not self:
            return engine.supplied(root, check)
        with self.prepared.lock:
            mine = self.prepared.blocks(check).block_of[root]
            cone = self.prepared.cone_of(mine, check)
            residual = cone.reduction.residual(mine, check)
            found = self._standing(block for block in residual.blocks if block != mine)
            for key in residual.factors:
                exact(cone.factor(key, check))
                found = either(found, self._bounds(cone, key, check)[0])
            return found

    def conditional(
        self, root: int, failed: Collection[int], working: Collection[int] = (), check: Check = unhurried
    ) -> Composite[P]:
        """`1 - A(root)` given that `failed` have failed and `working` have not (own faults)."""
        engine = self.extended(check)
        own = list(engine.own)
        for entity in working:
            own[entity] *= 0
        for entity in failed:
            own[entity] = own[entity] * 0 + 1
        return engine.with_own(own).composite(root, check)

    def birnbaum(self, root: int, check: Check = unhurried) -> dict[int, P]:
        """`A|x=1 - A|x=0` of every entity x of the hard closure, by one backward pass; 0 where x never matters.

        Raises:
            AnalysisTooLarge: of a part only bounds are known.
        """
        engine = self.about(root).extended(check)
        if engine is not self:
            slopes = engine.birnbaum(root, check)
            return {entity: slope for entity, slope in slopes.items() if entity < len(self.system)}
        with self.prepared.lock:
            block = self.prepared.blocks(check).block_of[root]
            cone = self.prepared.cone_of(block, check)
            residual = cone.reduction.residual(block, check)
            factors = [exact(cone.factor(key, check)) for key in residual.factors]
            values: list[P] = [self._bounds(cone, key, check)[0] for key in residual.factors]
        blocks = self._blocks
        terms: list[P] = [1 - blocks[block] for block in residual.blocks]
        terms.extend(1 - value for value in values)
        others = products_of_others(terms)
        slopes = dict(zip(residual.blocks, others, strict=False))
        for factor, share in zip(factors, others[len(residual.blocks) :], strict=True):
            slopes.update((block, share * slope) for block, slope in factor.slopes(blocks, check).items())
        return self._of_entities(root, slopes)

    def _standing(self, blocks: Iterable[int]) -> P:
        """The probability that any of some blocks has failed."""
        found = self.own[0] * 0
        for block in blocks:
            found = either(found, self._blocks[block])
        return found

    def _of_entities(self, root: int, slopes: Mapping[int, P]) -> dict[int, P]:
        """What a closure's entities matter by what their blocks do, by number: a block stands while all members do."""
        block_of, members = self.prepared.condensed.block_of, self.prepared.condensed.members
        never = self.own[0] * 0
        within = sorted(closure(self.system, root))
        found = {entity: slopes.get(block_of[entity], never) for entity in within}
        for block in {block_of[entity] for entity in within if len(members[block_of[entity]]) > 1}:
            others = products_of_others([1 - self.own[member] for member in members[block]])
            for member, standing in zip(members[block], others, strict=True):
                found[member] *= standing
        return found

    @cached_property
    def _blocks(self) -> Sequence[P]:
        return _Blocks(self.prepared, self.own)

    def _bounds(self, cone: Cone, key: tuple[int, ...], check: Check) -> tuple[P, P]:
        values = self._values.get(cone.serial)
        if values is None:
            values = self._values[cone.serial] = {}
            if len(self._values) > self.prepared.limits.cones_at_work:
                self._values.popitem(last=False)
        found = values.get(key)
        if found is None:
            found = values[key] = cone.factor(key, check).bounds(self._blocks, check)
        return found


class _Blocks(Sequence[P]):
    """Unavailability of each block by its members' own faults, any of them; worked out when it is asked for."""

    def __init__(self, prepared: Prepared, own: Sequence[P]) -> None:
        self._members = prepared.condensed.members
        self._own: Sequence[P] = own
        self._known: dict[int, P] = {}

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, block: int) -> P: ...
    @overload
    def __getitem__(self, block: slice) -> Sequence[P]: ...
    def __getitem__(self, block: int | slice) -> P | Sequence[P]:
        if isinstance(block, slice):
            return [self[one] for one in range(*block.indices(len(self)))]
        found = self._known.get(block)
        if found is None:
            members = self._members[block]
            found = self._own[members[0]]
            for member in members[1:]:
                found = either(found, self._own[member])
            self._known[block] = found
        return found


def _with_failed(own: Sequence[P], failed: Collection[int]) -> Sequence[P]:
    found = list(own)
    for entity in failed:
        found[entity] = found[entity] * 0 + 1
    return found
