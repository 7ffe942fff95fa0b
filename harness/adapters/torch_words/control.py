"""What PyTorch calls the operations: `control`.

PyTorch has functions of control flow (torch.cond, and while_loop and scan in torch._higher_order_ops) for what
`torch.compile` traces; run eagerly, its documentation says to write Python's statements, and torch.func refuses
torch.cond. So each word is Python's statement until a function is traced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.control import arrays_of, cond, formed_like, scan, while_loop
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _copy(state: Any) -> Any:
    return formed_like(state, tuple([part.clone() for part in arrays_of(state)]))


def _copying(function: Any) -> Any:
    """What comes out of a function of PyTorch's operators may not share memory with what went in."""
    return lambda *operands: _copy(function(*operands))


def _cond(torch: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return cond(None, predicate, true_function, false_function, *operands)
    return torch.cond(predicate, _copying(true_function), _copying(false_function), operands)


def _while_loop(torch: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return while_loop(None, condition, body, initial)

    def step(*parts: Any) -> Any:
        return arrays_of(_copying(body)(formed_like(initial, parts)))

    loop = torch._higher_order_ops.while_loop  # noqa: SLF001 - where PyTorch's documentation imports it from
    return formed_like(initial, loop(lambda *parts: condition(formed_like(initial, parts)), step, arrays_of(initial)))


def _scan(torch: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return scan(torch, body, initial, xs)

    def step(state: Any, x: Any) -> Any:
        state, y = body(state, x)
        return _copy(state), _copy(y)

    return torch._higher_order_ops.scan(step, initial, xs)  # noqa: SLF001 - where PyTorch's documentation imports it from


_DEFINED = ("control.fori_loop",)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "control.cond": _cond,
    "control.while_loop": _while_loop,
    "control.scan": _scan,
}
