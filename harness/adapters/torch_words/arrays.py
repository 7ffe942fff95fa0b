"""What PyTorch calls the operations: what makes, moves, orders and counts elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _pad(torch: Any, x: Any, widths: tuple[tuple[int, int], ...], /, *, value: float = 0.0) -> Any:
    # From the last axis to the first.
    return torch.nn.functional.pad(x, [width for sides in reversed(widths) for width in sides], value=value)


def _scatter_max(torch: Any, x: Any, indices: Any, updates: Any, /) -> Any:
    places = indices.reshape((-1,) + (1,) * (updates.ndim - 1)).expand(updates.shape)
    return torch.scatter_reduce(x, 0, places, updates, "amax")


def _bincount(torch: Any, numbers: Any, weights: Any = None, /, *, length: int) -> Any:
    found = torch.bincount(numbers, weights, minlength=length)
    return found if weights is None else found.to(weights.dtype)


_DEFINED = (
    "segment_sum",
    "interp",
    "average",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    # array-api-compat writes NaN through a mask, which torch.vmap refuses.
    "sign": lambda torch, x: torch.where(torch.isnan(x), x, torch.sign(x)) if x.dtype.is_floating_point else x.sgn(),
    "angle": "angle",
    "pad": _pad,
    "rot90": lambda torch, x, k=1, /, axes=(0, 1): torch.rot90(x, k, axes),
    "diag": "diag",
    "trapezoid": lambda torch, y, *, dx=1.0, axis=-1: torch.trapezoid(y, dx=dx, dim=axis),
    "scatter_add": lambda torch, x, indices, updates: x.index_add(0, indices, updates),
    "scatter_max": _scatter_max,
    "bincount": _bincount,
    "histogram": lambda torch, x, edges: torch.histogram(x, edges).hist.to(torch.int64),
    "top_k": lambda torch, x, k: tuple(torch.topk(x, k)),
    "quantile": lambda torch, x, q, *, axis=None: torch.quantile(x, q, axis),
    "median": lambda torch, x, *, axis=None: torch.quantile(x, 0.5, axis),
    "cov": "cov",
    "corrcoef": "corrcoef",
}
