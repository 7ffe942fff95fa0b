"""Moving elements: exact linear maps, each a pair of its action on a component and of its transpose's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.reductions import normalize_axes
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives.promotion import cast, plain, promoted
from harness.reference.variables import Variable, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.reference.arithmetic import Component
    from harness.reference.variables import Recorder

__all__ = ["PRIMITIVES"]


def _moved(
    tape: Recorder, x: Any, forward: Callable[[Component], Component], transpose: Callable[[Component], Component]
) -> Variable:
    """Apply an exact linear map of elements: its action on a component, and its transpose's."""
    variable = tape.constant(x)
    return tape.record(variable.dual.map(forward), [(variable, lambda g: g.map(transpose))])


def _reshape(tape: Recorder, x: Any, /, shape: Sequence[int]) -> Variable:
    variable = tape.constant(x)
    dimensions = (shape,) if isinstance(shape, int) else tuple(int(size) for size in shape)
    if -1 in dimensions:
        known = -int(np.prod(dimensions, dtype=np.int64))
        missing = variable.size // known if known else 0
        dimensions = tuple(missing if size == -1 else size for size in dimensions)
    before = variable.shape
    return _moved(
        tape,
        variable,
        lambda part: part.reshape((*dimensions, part.shape[-1])),
        lambda part: part.reshape((*before, part.shape[-1])),
    )


def _permute_dims(tape: Recorder, x: Any, /, axes: Sequence[int]) -> Variable:
    variable = tape.constant(x)
    order = tuple(axis % variable.ndim for axis in axes) if variable.ndim else ()
    back = tuple(int(place) for place in np.argsort(order))
    last = variable.ndim
    return _moved(
        tape,
        variable,
        lambda part: np.transpose(part, (*order, last)),
        lambda part: np.transpose(part, (*back, last)),
    )


def _moveaxis(tape: Recorder, x: Any, source: Any, destination: Any, /) -> Variable:
    variable = tape.constant(x)
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    sources = [axis % variable.ndim for axis in sources]
    targets = [axis % variable.ndim for axis in targets]
    rest = [place for place in range(variable.ndim) if place not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        rest.insert(target, axis)
    return _permute_dims(tape, variable, rest)


def _expand_dims(tape: Recorder, x: Any, /, *, axis: int = 0) -> Variable:
    variable = tape.constant(x)
    place = normalize_axes(axis, variable.ndim + 1)[0]
    return _reshape(tape, variable, (*variable.shape[:place], 1, *variable.shape[place:]))


def _squeeze(tape: Recorder, x: Any, /, axis: Any) -> Variable:
    variable = tape.constant(x)
    axes = normalize_axes(axis, variable.ndim)
    if any(variable.shape[number] != 1 for number in axes):
        raise ValueError(f"squeeze(axis={axis!r}): expected axes of length 1 in shape {variable.shape}.")
    return _reshape(tape, variable, tuple(s for number, s in enumerate(variable.shape) if number not in axes))


def _broadcast_to(tape: Recorder, x: Any, /, shape: Sequence[int]) -> Variable:
    variable = tape.constant(x)
    result = variable.dual.map(lambda part: np.broadcast_to(part, (*shape, part.shape[-1])))
    return tape.record(result, [(variable, lambda g: unbroadcast(g, variable.shape))])


def _concat(tape: Recorder, arrays: Sequence[Any], /, *, axis: int | None = 0) -> Variable:
    parts = [tape.constant(array) for array in arrays]
    if axis is None:
        parts, axis = [_reshape(tape, part, (-1,)) for part in parts], 0
    dtype = promoted(*(part.dtype for part in parts))
    parts = [cast(tape, part, dtype) for part in parts]
    place = normalize_axes(axis, parts[0].ndim)[0]
    runs = max(part.dual.value.shape[-1] for part in parts)

    def join(components: list[Component]) -> Component:
        return np.concatenate([np.broadcast_to(c, (*c.shape[:-1], runs)) for c in components], axis=place)

    tangent = None
    if any(part.dual.tangent is not None for part in parts):
        tangent = join(
            [
                tape.arithmetic.zeros(part.dual.value.shape, dtype) if part.dual.tangent is None else part.dual.tangent
                for part in parts
            ]
        )
    result = Dual(tape.arithmetic, join([part.dual.value for part in parts]), tangent, dtype)
    ends = np.cumsum([part.shape[place] for part in parts])

    def share(number: int) -> Callable[[Dual], Dual]:
        start = 0 if number == 0 else int(ends[number - 1])
        key = (*(slice(None),) * place, slice(start, int(ends[number])))
        return lambda g: g.map(lambda component: component[key])

    return tape.record(result, [(part, share(number)) for number, part in enumerate(parts)])


def _indexed(key: Any, ndim: int) -> tuple[Any, ...]:
    """Write `...` out, so that the axis of runs stays the last, and take integers out of variables."""
    keys = [
        part.unanimous() if isinstance(part, Variable) else part for part in (key if isinstance(key, tuple) else (key,))
    ]
    used = sum(1 for part in keys if part is not None and part is not Ellipsis)
    filler = [slice(None)] * (ndim - used)
    place = next((number for number, part in enumerate(keys) if part is Ellipsis), None)
    if place is None:
        return (*keys, *filler, slice(None))
    return (*keys[:place], *filler, *keys[place + 1 :], slice(None))


def _getitem(tape: Recorder, x: Any, key: Any) -> Variable:
    variable = tape.constant(x)
    full = _indexed(key, variable.ndim)
    repeats = any(isinstance(part, (list, np.ndarray)) for part in full)
    arithmetic, dtype = tape.arithmetic, variable.dtype

    def scatter(part: Component) -> Component:
        shape = (*variable.shape, part.shape[-1])
        if repeats:
            return arithmetic.scatter(part, full, shape, dtype)
        found = arithmetic.zeros(shape, dtype)
        found[full] = part
        return found

    return _moved(tape, variable, lambda part: part[full], scatter)


def _take(tape: Recorder, x: Any, indices: Any, /, *, axis: int | None = None) -> Variable:
    variable = tape.constant(x)
    if axis is None and variable.ndim != 1:
        raise ValueError(f"take needs an axis for an array of {variable.ndim} dimensions.")
    chosen = indices.unanimous() if isinstance(indices, Variable) else np.asarray(indices)
    place = normalize_axes(0 if axis is None else axis, variable.ndim)[0]
    # Without indices NumPy would guess floating-point ones.
    return _getitem(tape, variable, (*(slice(None),) * place, chosen if chosen.size else chosen.astype(np.int64)))


def _flip(tape: Recorder, x: Any, /, *, axis: Any = None) -> Variable:
    axes = normalize_axes(axis, tape.constant(x).ndim)
    return _moved(tape, x, lambda part: np.flip(part, axes), lambda part: np.flip(part, axes))


def _triangle(keep: Callable[..., np.ndarray[Any, Any]]) -> Callable[..., Variable]:
    """Make tril or triu: what is not kept becomes 0, a NaN too."""

    def primitive(tape: Recorder, x: Any, /, *, k: int = 0) -> Variable:
        variable = tape.constant(x)
        mask = keep(np.ones(variable.shape[-2:], dtype=bool), k)[..., None]
        if not is_floating(variable.dtype):
            value = variable.dual.value
            return plain(tape, np.where(mask, value, np.zeros((), dtype=value.dtype)))
        weight = mask.astype(np.float64)

        def kept(part: Component) -> Component:
            return tape.arithmetic.scale(weight, part)

        return _moved(tape, variable, kept, kept)

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "getitem": _getitem,
    "reshape": _reshape,
    "permute_dims": _permute_dims,
    "moveaxis": _moveaxis,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "broadcast_to": _broadcast_to,
    "concat": _concat,
    "take": _take,
    "flip": _flip,
    "tril": _triangle(np.tril),
    "triu": _triangle(np.triu),
}
"""By the name they have in `xp`; `getitem` is what brackets do."""
