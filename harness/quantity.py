"""What is checked of a computation: its value, its gradients, and the other kinds of quantity, in one table.

Workers know quantities too, so this needs the standard library alone. A new kind is one row of `KINDS`, one method of the
adapters (`harness.adapters.base`), and the lines of `harness.reference.evaluate` that say how the tape gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

__all__ = ["KINDS", "Kind", "Quantity", "kind_names"]


@dataclass(frozen=True)
class Kind:
    """A kind of quantity.

    Attributes:
        name: Its word, which is also the name of the adapter's method that prepares it.
        per: What there is one of it for: each array that the case returns, each array that it is differentiated with
            respect to, or the whole case.
        order: How many times the case is differentiated.
        prepared_with: What the adapter's method takes after function and mode: `inputs` (positions of arguments), `path`.
        takes: What the prepared call takes after the arrays: `cotangents` (one for each floating-point output),
            `tangents` (one for each input).
        word: What it is called where one is missing.
        title: What it is called in a report; `{of}` stands for the argument or the number of the output.
        batched: Whether it is asked of a batch of samples.
        contracted: Whether what comes back is contracted with the cotangents to one number.
        of_complex: Whether there is one where an input is complex.
        single: Whether there is one only where the case returns one array.
        largest: Most elements that all inputs, and the output, may have; none where that does not matter.
    """

    name: str
    per: Literal["output", "input", "case"]
    order: int
    prepared_with: tuple[str, ...]
    takes: tuple[str, ...]
    word: str
    title: str
    batched: bool = False
    contracted: bool = False
    of_complex: bool = True
    single: bool = False
    largest: int | None = None

    @property
    def is_derivative(self) -> bool:
        """Whether it depends on the function nearby, not at the point alone."""
        return self.order > 0

    @property
    def moves(self) -> bool:
        """Whether the inputs are moved along tangents."""
        return "tangents" in self.takes


_DERIVED = ("inputs", "path")

KINDS = {
    kind.name: kind
    for kind in (
        Kind("value", "output", 0, (), (), "value", "value, output {of}"),
        Kind("vjp", "input", 1, _DERIVED, ("cotangents",), "gradient", "gradient with respect to {of}"),
        Kind("jvp", "output", 1, _DERIVED, ("tangents",), "tangent", "JVP, output {of}"),
        Kind("hvp", "input", 2, _DERIVED, ("cotangents", "tangents"), "product", "HVP with respect to {of}"),
        Kind(
            "curvature",
            "case",
            2,
            _DERIVED,
            ("tangents",),
            "second derivative",
            "curvature",
            contracted=True,
            of_complex=False,
        ),
        Kind(
            "jacobian",
            "input",
            1,
            _DERIVED,
            (),
            "Jacobian",
            "Jacobian with respect to {of}",
            of_complex=False,
            single=True,
            largest=16,
        ),
        Kind("vmap", "output", 0, ("path",), (), "batch", "vmap, output {of}", batched=True),
    )
}
"""Every kind by name, in the order in which they are planned and shown."""


def kind_names() -> str:
    """Return the names of all kinds, for a message."""
    return ", ".join(KINDS)


@dataclass(frozen=True)
class Quantity:
    """One quantity of a computation.

    Attributes:
        kind: A name in `KINDS`.
        of: The argument that it is a derivative with respect to, or the number of the output; empty for the whole.
        path: Which of a framework's several ways to it; empty for its usual one.

    Example:
        >>> Quantity.parse("vjp:x@func")
        Quantity(kind='vjp', of='x', path='func')
        >>> str(Quantity("vjp", "x", "func")), Quantity("vjp", "x", "func").name
        ('vjp:x@func', 'vjp:x')
    """

    kind: str
    of: str = ""
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `vjp`, `vjp:x` or `vjp:x@func`. Whether there is such a kind is not asked."""
        name, _, path = text.partition("@")
        kind, _, of = name.partition(":")
        return cls(kind, of, path)

    def __str__(self) -> str:
        """Write it down, as `parse` reads it."""
        return f"{self.name}@{self.path}" if self.path else self.name

    @property
    def name(self) -> str:
        """What it is, whichever way it was come by: `vjp:x`. References and records know it by this name."""
        return f"{self.kind}:{self.of}" if self.of else self.kind

    @property
    def facts(self) -> Kind:
        """What is known of its kind.

        Raises:
            KeyError: If there is no such kind.
        """
        return KINDS[self.kind]

    @property
    def title(self) -> str:
        """What a report calls it: `gradient with respect to x`."""
        known = KINDS.get(self.kind)
        return known.title.format(of=self.of) if known is not None and self.of else self.name

    def by(self, path: str) -> Self:
        """Return the same quantity by another way."""
        return replace(self, path=path)

    def as_kind(self, kind: str) -> Self:
        """Return the quantity of another kind, of the same argument or output."""
        return replace(self, kind=kind)

    def includes(self, other: Quantity) -> bool:
        """Whether what was asked for as `vjp` or `vjp:x` names another quantity; of paths nothing is said."""
        return self.kind == other.kind and self.of in {"", other.of}
