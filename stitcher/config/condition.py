"""A condition as YAML writes it in, a tree that `core.conditions` compiles out.

    {field: NAME, op: OP, value: VALUE}       a comparison; or `other: NAME`; `case: false`, `negate: true`
    {and: [...]}  {or: [...]}  {not: [...]}   a group
    [...]                                     the same as and

`When` is the type of a field that takes any of these.  `WhenEarly` is the same for filters before enrichment, where
there is no TIDetect yet.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from stitcher.config._faults import unknown
from stitcher.config._model import Loc, Model, fault, faults
from stitcher.core.conditions import OPERATORS, TI_FIELD, Condition, Group, Tree, check_value
from stitcher.errors import ConfigError

_KINDS: Final = ("and", "or", "not")
Scalar = str | int | float | bool


def _known(op: Any) -> Any:
    if isinstance(op, str) and op not in OPERATORS:
        raise fault(unknown("operator", op, OPERATORS))
    return op


Operator = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(OPERATORS)}, mode="validation")
]
_TOO_EARLY: Final = "threat intelligence comes with enrichment, which is later; use it in filters of destinations"


def _early_operator(op: str) -> str:
    if op == "TIDetect":
        raise fault(_TOO_EARLY)
    return op


def _early_field(name: str) -> str:
    if name.split(".")[0] == TI_FIELD:
        raise fault(_TOO_EARLY)
    return name


class Comparison(Model):
    """One field, an operator, and what is on its right."""

    field: str | None = Field(default=None, min_length=1, description="the field on the left; TIDetect knows its own")
    fields: tuple[str, ...] = Field(default=(), description="fields whose values, joined by |, are a dictionary's key")
    op: Operator = Field(description="the operator")
    value: Scalar | tuple[Scalar, ...] | None = Field(
        default=None, description="the right operand; of a list, any of them"
    )
    other: str | None = Field(default=None, min_length=1, description="a field as the right operand")
    case: bool = Field(default=True, description="false: upper and lower case are the same")
    negate: bool = Field(default=False, description="true: holds where the comparison does not")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if found := [*self._left_faults(), *self._right_faults()]:
            raise faults(found)
        return self

    def tree(self) -> Tree:
        """What `compile_condition` takes."""
        names = self.fields or (self.field or TI_FIELD,)
        return Condition(names, self.op, self._values(), self.other or "", self.case, self.negate)

    def _values(self) -> tuple[Scalar, ...]:
        if self.value is None:
            return ()
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def _left_faults(self) -> list[tuple[Loc, str]]:
        if self.field and self.fields:
            return [(("fields",), "there is a 'field' too; one of them is enough")]
        if self.fields and OPERATORS[self.op].right != "table":
            return [(("fields",), f"several fields are the key of a dictionary; {self.op} takes one 'field'")]
        if not self.field and not self.fields and self.op != "TIDetect":
            return [(("field",), "the field is missing")]
        return []

    def _right_faults(self) -> list[tuple[Loc, str]]:
        operator, op = OPERATORS[self.op], self.op
        found: list[tuple[Loc, str]] = []
        if not self.case and not operator.case:
            found.append((("case",), f"{op} knows no upper and lower case; remove it"))
        if self.other and not operator.other:
            found.append((("other",), f"{op} takes no field on its right"))
        elif self.other and self.value is not None:
            found.append((("other",), "there is a 'value' too; one of them is enough"))
        if self.value is None:
            if not self.other and operator.right not in ("none", "category"):
                found.append((("value",), f"{op} needs a 'value'" + (" or an 'other' field" if operator.other else "")))
        elif operator.right == "none":
            found.append((("value",), f"{op} takes no value; remove it"))
        elif self.value == ():
            found.append((("value",), "the list is empty; nothing is in it"))
        else:
            found += self._value_faults()
        return found

    def _value_faults(self) -> list[tuple[Loc, str]]:
        found: list[tuple[Loc, str]] = []
        for at, value in enumerate(self._values()):
            try:
                check_value(self.op, value)
            except ConfigError as cause:
                found.append((("value", at) if isinstance(self.value, tuple) else ("value",), str(cause)))
        return found


class Combination(Model):
    """Conditions that are combined: one of `and`, `or`, `not`."""

    and_: "tuple[When, ...] | None" = Field(default=None, alias="and", description="all of them hold")
    or_: "tuple[When, ...] | None" = Field(default=None, alias="or", description="at least one holds")
    not_: "tuple[When, ...] | None" = Field(default=None, alias="not", description="not all of them hold")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [(kind, parts) for kind, parts in self.parts().items() if parts is not None]
        if len(given) > 1:
            raise fault(f"'{given[0][0]}' and '{given[1][0]}' in one group; put one into the other", given[1][0])
        if not given or not given[0][1]:
            raise fault("the group is empty; give it a condition", *([given[0][0]] if given else []))
        return self

    def parts(self) -> "dict[Literal['and', 'or', 'not'], tuple[When, ...] | None]":
        """What stands under each word."""
        return {"and": self.and_, "or": self.or_, "not": self.not_}

    def tree(self) -> Tree:
        """What `compile_condition` takes."""
        ((kind, parts),) = ((kind, parts) for kind, parts in self.parts().items() if parts is not None)
        return Group(kind, tuple(part.tree() for part in parts))


def _grouped(values: Any) -> Any:
    """A plain list is an and."""
    if values == []:
        raise fault("the list is empty; give it a condition")
    return {"and": values} if isinstance(values, list) else values


def _kind_of(values: Any) -> str:
    if isinstance(values, Combination):
        return "group"
    return "group" if isinstance(values, dict) and any(kind in values for kind in _KINDS) else "comparison"


class _OrList:
    """Tells editors that a list of conditions is one, too."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        one = handler(schema)
        return {"anyOf": [one, {"type": "array", "items": one}]}


When = Annotated[
    Annotated[Comparison, Tag("comparison")] | Annotated[Combination, Tag("group")],
    Discriminator(_kind_of),
    BeforeValidator(_grouped),
    _OrList,
]


class EarlyComparison(Comparison):
    """The same before enrichment."""

    op: Annotated[Operator, AfterValidator(_early_operator)] = Field(description="the operator")
    field: Annotated[str, AfterValidator(_early_field)] | None = Field(
        default=None, min_length=1, description="the field on the left"
    )
    other: Annotated[str, AfterValidator(_early_field)] | None = Field(
        default=None, min_length=1, description="a field as the right operand"
    )


class EarlyCombination(Combination):
    """The same before enrichment."""

    and_: "tuple[WhenEarly, ...] | None" = Field(default=None, alias="and", description="all of them hold")
    or_: "tuple[WhenEarly, ...] | None" = Field(default=None, alias="or", description="at least one holds")
    not_: "tuple[WhenEarly, ...] | None" = Field(default=None, alias="not", description="not all of them hold")


WhenEarly = Annotated[
    Annotated[EarlyComparison, Tag("comparison")] | Annotated[EarlyCombination, Tag("group")],
    Discriminator(_kind_of),
    BeforeValidator(_grouped),
    _OrList,
]

Combination.model_rebuild()
EarlyCombination.model_rebuild()
