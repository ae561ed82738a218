"""How the types are declared: a docstring is the description, and a resolver that only reads `self` costs one call.

Strawberry's own `field` decorator returns a value that mypy cannot type; these return what the resolver returns.
"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, dataclass_transform, overload

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from graphql_api import codes, enums
from graphql_api.described import described

S = TypeVar("S")
R = TypeVar("R")
T = TypeVar("T")
P = ParamSpec("P")
ENUMS = (enums, codes)
"""Imported for their effect: the domain's enums must be described before the first field names one."""


class _DocField(StrawberryField):
    """A field whose resolver is called directly where it takes nothing but `self`."""

    @property
    def is_basic_field(self) -> bool:
        return self.base_resolver is not None and not self.base_resolver.arguments and not self.extensions

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        if info is None and self.base_resolver is not None:
            call: Callable[[Any], Any] = self.base_resolver.wrapped_func  # type: ignore[assignment]
            return call(source)
        return super().get_result(source, info, args, kwargs)


@overload
def doc_field(resolver: Callable[Concatenate[S, P], R]) -> R: ...
@overload
def doc_field(*, graphql_type: Any = ..., name: str = ...) -> Callable[[Callable[Concatenate[S, P], R]], R]: ...
def doc_field(resolver: Callable[..., Any] | None = None, *, graphql_type: Any = None, name: str | None = None) -> Any:
    """A field whose description is its resolver's docstring.

    Args:
        resolver: a method of the type.
        graphql_type: the type to show, where Python's annotation is a protocol because the modules point at each other.
        name: the name to show, where Python's would be a keyword.
    """

    def field(method: Callable[..., Any]) -> StrawberryField:
        annotation = StrawberryAnnotation.from_annotation(graphql_type)
        return _DocField(graphql_name=name, type_annotation=annotation, description=described(method))(method)

    return field if resolver is None else field(resolver)


@dataclass_transform(kw_only_default=True)
def doc_type(cls: type[T]) -> type[T]:
    """An object type, described by its docstring."""
    return strawberry.type(cls, description=described(cls))


@dataclass_transform(kw_only_default=True)
def doc_interface(cls: type[T]) -> type[T]:
    """An interface, described by its docstring."""
    return strawberry.interface(cls, description=described(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def doc_input(cls: type[T]) -> type[T]:
    """An input type, described by its docstring."""
    return strawberry.input(cls, description=described(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def doc_one_of(cls: type[T]) -> type[T]:
    """An input of which exactly one field is given."""
    return strawberry.input(cls, description=described(cls), one_of=True)
