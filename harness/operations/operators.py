"""Python's operators, as a case writes them, the words of `xp` that they stand for, and arrays whose operators are words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.costs import INDEXED
from harness.operations.operation import PRIMITIVE, Operation

if TYPE_CHECKING:
    from typing import Self

__all__ = ["BINARY", "COMPARISONS", "INDEXING", "UNARY", "Operand"]

COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
"""Name of the method, without underscores, to the word; these have no reflection of their own."""

BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "pow",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
"""The same of those that have one: `radd`."""

UNARY = {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "logical_not"}
"""The same of those of one operand."""

INDEXING = Operation(
    "getitem",
    "x[key], with integers, slices, `...`, None and integer arrays",
    PRIMITIVE,
    accuracy=0.0,
    cost=INDEXED,
    source="https://data-apis.org/array-api/2024.12/API_specification/indexing.html",
)
"""Indexing, which is no word that a case can write, but an operation of its run as every other is."""


class Operand:
    """An array whose operators and whose indexing are words of its own `xp`: so who listens to that hears them too."""

    __slots__ = ()
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]  # == compares elements

    @property
    def xp(self) -> Any:
        """The vocabulary that its operators belong to; it knows `getitem` as well."""
        raise NotImplementedError

    def __getitem__(self, key: Any) -> Self:
        """Index with integers, slices, `...`, None and integer arrays."""
        return self.xp.getitem(self, key)  # type: ignore[no-any-return]  # looked up by name

    if TYPE_CHECKING:  # `_install` makes these, below.

        def __neg__(self) -> Self: ...
        def __pos__(self) -> Self: ...
        def __abs__(self) -> Self: ...
        def __invert__(self) -> Self: ...
        def __add__(self, other: Any) -> Self: ...
        def __radd__(self, other: Any) -> Self: ...
        def __sub__(self, other: Any) -> Self: ...
        def __rsub__(self, other: Any) -> Self: ...
        def __mul__(self, other: Any) -> Self: ...
        def __rmul__(self, other: Any) -> Self: ...
        def __truediv__(self, other: Any) -> Self: ...
        def __rtruediv__(self, other: Any) -> Self: ...
        def __pow__(self, other: Any) -> Self: ...
        def __rpow__(self, other: Any) -> Self: ...
        def __matmul__(self, other: Any) -> Self: ...
        def __rmatmul__(self, other: Any) -> Self: ...
        def __and__(self, other: Any) -> Self: ...
        def __rand__(self, other: Any) -> Self: ...
        def __or__(self, other: Any) -> Self: ...
        def __ror__(self, other: Any) -> Self: ...
        def __xor__(self, other: Any) -> Self: ...
        def __rxor__(self, other: Any) -> Self: ...
        def __lt__(self, other: Any) -> Self: ...
        def __le__(self, other: Any) -> Self: ...
        def __gt__(self, other: Any) -> Self: ...
        def __ge__(self, other: Any) -> Self: ...
        def __eq__(self, other: object) -> Self: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Self: ...  # type: ignore[override]


def _install(method: str, word: str, *, reflected: bool = False) -> None:
    """Return `Operand` an operator."""

    def call(self: Operand, *others: Any) -> Any:
        operands = (*others, self) if reflected else (self, *others)
        return getattr(self.xp, word)(*operands)

    call.__doc__ = f"Call `xp.{word}`."
    setattr(Operand, f"__{method}__", call)


for _name, _word in (UNARY | BINARY | COMPARISONS).items():
    _install(_name, _word)
for _name, _word in BINARY.items():
    _install(f"r{_name}", _word, reflected=True)
