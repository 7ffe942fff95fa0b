"""What the tape does by itself: arithmetic, selections, sums, products of matrices, and moving elements.

Each primitive takes the tape first and then what `xp` was given. Linear maps of elements are a pair: the map and its
transpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.operation import Elementwise, Operation
from harness.operations.reductions import normalize_axes
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.tape import Variable, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.reference.arithmetic import Component
    from harness.reference.tape import Tape

__all__ = ["PRIMITIVES"]


def _cast(tape: Tape, variable: Variable, dtype: str) -> Variable:
    """Give the same numbers as another dtype: exact here, rounded by the arithmetic that rounds."""
    if variable.dtype == dtype:
        return variable
    dual = variable.dual
    if not is_floating(dtype):
        return Variable(tape, Dual(tape.arithmetic, dual.value.astype(dtype), None, dtype), None)
    if not is_floating(variable.dtype):
        runs = [tape.arithmetic.lift(dual.value[..., run], dtype) for run in range(dual.value.shape[-1])]
        return Variable(tape, Dual(tape.arithmetic, np.concatenate(runs, axis=-1), None, dtype), None)
    converted = Dual(tape.arithmetic, dual.value, dual.tangent, dtype)
    return tape.record(converted, [(variable, lambda adjoint: adjoint)])


def _pair(tape: Tape, a: Any, b: Any) -> tuple[Variable, Variable]:
    """Lift both operands to one dtype; a Python number takes that of the array beside it."""
    weak_a, weak_b = (isinstance(x, (int, float)) and not isinstance(x, np.generic) for x in (a, b))
    if weak_a and weak_b:
        a, weak_a = tape.constant(float(a)), False
    if weak_a or weak_b:
        array, number = (tape.constant(b), a) if weak_a else (tape.constant(a), b)
        dtype = array.dtype
        if isinstance(number, float) and not is_floating(dtype):
            dtype = tape.arithmetic.dtype
            array = _cast(tape, array, dtype)
        scalar = tape.constant(number, dtype)
        return (scalar, array) if weak_a else (array, scalar)
    left, right = tape.constant(a), tape.constant(b)
    dtype = left.dtype if left.dtype == right.dtype else np.promote_types(left.dtype, right.dtype).name
    if is_floating(left.dtype) != is_floating(right.dtype):
        dtype = left.dtype if is_floating(left.dtype) else right.dtype
    return _cast(tape, left, dtype), _cast(tape, right, dtype)


def _plain(tape: Tape, value: np.ndarray[Any, Any]) -> Variable:
    """Wrap integers or booleans, whose last axis is the runs."""
    dtype = "bool" if value.dtype.kind == "b" else "int64"
    return Variable(tape, Dual(tape.arithmetic, value.astype(dtype), None, dtype), None)


def _binary(numpy_name: str, rule: Callable[[Tape, Variable, Variable], Variable]) -> Callable[..., Variable]:
    def primitive(tape: Tape, a: Any, b: Any, /) -> Variable:
        left, right = _pair(tape, a, b)
        if not is_floating(left.dtype):
            return _plain(tape, getattr(np, numpy_name)(left.dual.value, right.dual.value))
        return rule(tape, left, right)

    return primitive


def _add(tape: Tape, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual + b.dual, [(a, lambda g: unbroadcast(g, a.shape)), (b, lambda g: unbroadcast(g, b.shape))]
    )


def _subtract(tape: Tape, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual - b.dual, [(a, lambda g: unbroadcast(g, a.shape)), (b, lambda g: unbroadcast(-g, b.shape))]
    )


def _multiply(tape: Tape, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual * b.dual,
        [(a, lambda g: unbroadcast(g * b.dual, a.shape)), (b, lambda g: unbroadcast(g * a.dual, b.shape))],
    )


def _divide(tape: Tape, a: Any, b: Any, /) -> Variable:
    left, right = _pair(tape, a, b)
    if not is_floating(left.dtype):
        left, right = (_cast(tape, x, tape.arithmetic.dtype) for x in (left, right))
    quotient = left.dual / right.dual
    return tape.record(
        quotient,
        [
            (left, lambda g: unbroadcast(g / right.dual, left.shape)),
            (right, lambda g: unbroadcast(-(g * quotient / right.dual), right.shape)),
        ],
    )


def _negative(tape: Tape, x: Any, /) -> Variable:
    variable = tape.constant(x)
    return tape.record(-variable.dual, [(variable, lambda g: -g)])


def _power(exponent: float) -> Operation:
    """Make the row of x to a constant power."""

    def slope(xp: Any, x: Dual, y: Dual) -> Any:
        del xp, y
        if exponent == 0:
            return x * 0.0
        if exponent == 1:
            return x * 0.0 + 1.0
        if exponent == 2:  # noqa: PLR2004 - the square
            return x * 2.0
        return x.apply(_power(exponent - 1)) * exponent

    def raised(x: Any) -> Any:
        if float(exponent).is_integer():
            return x ** int(exponent)
        return (x.log() * exponent).exp()

    def floating(np: Any, x: Any) -> Any:
        return np.power(x, x.dtype.type(exponent))

    return Operation("pow", f"x to the power {exponent}", Elementwise(raised, raised, slope), numpy=floating)


def _pow(tape: Tape, a: Any, b: Any, /) -> Variable:
    if isinstance(b, (int, float)):
        base = tape.constant(a)
        if not is_floating(base.dtype):
            return _plain(tape, base.dual.value ** int(b))
        row = _power(float(b))
        result = base.dual.apply(row)
        return tape.record(result, [(base, lambda g: g * base.dual.derivative(row, result))])
    xp = tape.xp
    left, right = _pair(tape, a, b)
    return xp.exp(right * xp.log(left))  # type: ignore[no-any-return]


def _atan2(tape: Tape, a: Any, b: Any, /) -> Variable:
    """atan2(a, b): the angle from the half-plane's own arctangent, which keeps every quotient below 1 in size."""
    xp = tape.xp
    left, right = _pair(tape, a, b)
    steep = xp.abs(left) > xp.abs(right)
    small = xp.where(steep, right, left)
    large = xp.where(steep, left, right)
    angle = xp.atan(small / large)
    quarter = xp.where(left > 0, xp.pi / 2, -xp.pi / 2)
    half = xp.where(right > 0, 0.0, xp.where(left >= 0, xp.pi, -xp.pi))
    return xp.where(steep, quarter - angle, half + angle)  # type: ignore[no-any-return]


def _compared(*wanted: int) -> Callable[..., Variable]:
    def primitive(tape: Tape, a: Any, b: Any, /) -> Variable:
        left, right = _pair(tape, a, b)
        if is_floating(left.dtype):
            found = tape.arithmetic.order(left.dual.value, right.dual.value, strict=True)
        else:
            found = np.sign(np.subtract(left.dual.value, right.dual.value, dtype=np.int64)).astype(np.int8)
        return _plain(tape, np.isin(found, wanted))

    return primitive


def _logical(name: str) -> Callable[..., Variable]:
    def primitive(tape: Tape, *arguments: Any) -> Variable:
        values = (tape.constant(argument).dual.value for argument in arguments)
        return _plain(tape, getattr(np, name)(*values))

    return primitive


def _sign(tape: Tape, x: Any, /) -> Variable:
    variable = tape.constant(x)
    found = tape.arithmetic.order(variable.dual.value, tape.arithmetic.zeros((1,)), strict=True)
    runs = [tape.arithmetic.lift(found[..., run].astype(float), variable.dtype) for run in range(found.shape[-1])]
    return Variable(tape, Dual(tape.arithmetic, np.concatenate(runs, axis=-1), None, variable.dtype), None)


def _select(tape: Tape, weight: np.ndarray[Any, Any], a: Variable, b: Variable) -> Variable:
    """Take a with a weight in [0, 1], b with the rest; exact where the weight is 0 or 1."""
    arithmetic = tape.arithmetic
    rest = 1 - weight
    tangent = None
    if a.dual.tangent is not None or b.dual.tangent is not None:
        shares = [
            arithmetic.scale(share, part.dual.tangent)
            for share, part in ((weight, a), (rest, b))
            if part.dual.tangent is not None
        ]
        tangent = shares[0] if len(shares) == 1 else np.add(*shares)
    value = arithmetic.blend(weight, a.dual.value, b.dual.value)
    if tangent is not None:
        tangent = np.broadcast_to(tangent, value.shape)
    return tape.record(
        Dual(arithmetic, value, tangent, a.dtype),
        [
            (a, lambda g: unbroadcast(g.map(lambda part: arithmetic.scale(weight, part)), a.shape)),
            (b, lambda g: unbroadcast(g.map(lambda part: arithmetic.scale(rest, part)), b.shape)),
        ],
    )


def _extremum(sign: int) -> Callable[..., Variable]:
    def primitive(tape: Tape, a: Any, b: Any, /) -> Variable:
        left, right = _pair(tape, a, b)
        if not is_floating(left.dtype):
            return _plain(tape, (np.maximum if sign > 0 else np.minimum)(left.dual.value, right.dual.value))
        found = tape.arithmetic.order(left.dual.value, right.dual.value, strict=False)
        ties = found == 0
        tape.ties += int(ties.any())
        weight = np.where(found == sign, 1.0, np.where(ties, tape.tie, 0.0))
        # An unordered pair has a NaN in it, which must be what is taken.
        unordered = found == 2  # noqa: PLR2004 - Arithmetic.order's own code
        if unordered.any():
            weight = np.where(unordered, np.not_equal(left.dual.value, left.dual.value).astype(float), weight)
        return _select(tape, weight, left, right)

    return primitive


def _where(tape: Tape, condition: Any, a: Any, b: Any, /) -> Variable:
    mask = tape.constant(condition).dual.value.astype(bool)
    left, right = _pair(tape, a, b)
    if not is_floating(left.dtype):
        return _plain(tape, np.where(mask, left.dual.value, right.dual.value))
    return _select(tape, mask.astype(np.float64), left, right)


def _squeezed(dual: Dual, axes: tuple[int, ...], *, keepdims: bool) -> Dual:
    return dual if keepdims else dual.map(lambda part: np.squeeze(part, axis=axes))


def _sum(tape: Tape, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Variable:
    variable = tape.constant(x)
    axes = normalize_axes(axis, variable.ndim)
    if not is_floating(variable.dtype):
        return _plain(tape, np.asarray(np.sum(variable.dual.value.astype(np.int64), axis=axes, keepdims=keepdims)))
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    tangent = None if dual.tangent is None else arithmetic.total(dual.tangent, axes, dtype)
    kept = Dual(arithmetic, arithmetic.total(dual.value, axes, dtype), tangent, dtype)
    shape = kept.shape

    def pullback(g: Dual) -> Dual:
        wide = g.map(lambda part: part.reshape((*shape, part.shape[-1])))
        return wide.map(lambda part: np.broadcast_to(part, (*variable.shape, part.shape[-1])))

    return tape.record(_squeezed(kept, axes, keepdims=keepdims), [(variable, pullback)])


def _peak(sign: int) -> Callable[..., Variable]:
    """Make max (sign 1) or min (sign -1) over axes."""

    def primitive(tape: Tape, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Variable:
        variable = tape.constant(x)
        axes = normalize_axes(axis, variable.ndim)
        others = tuple(number for number in range(variable.ndim) if number not in axes)
        lengths = tuple(variable.shape[number] for number in others)
        flat = tape.xp.reshape(tape.xp.permute_dims(variable, (*others, *axes)), (*lengths, -1))
        if not is_floating(variable.dtype):
            found = _plain(tape, (np.max if sign > 0 else np.min)(flat.dual.value, axis=-2))
        else:
            found = _choose(tape, flat, sign)
        if not keepdims:
            return found
        shape = tuple(1 if number in axes else size for number, size in enumerate(variable.shape))
        return tape.xp.reshape(found, shape)  # type: ignore[no-any-return]

    return primitive


def _choose(tape: Tape, x: Variable, sign: int) -> Variable:
    """Take the largest along the last axis, with the tape's weights where several are equal."""
    arithmetic = tape.arithmetic
    value = x.dual.value
    marks = arithmetic.largest(value if sign > 0 else -value, value.ndim - 2)
    count = marks.sum(axis=-2, keepdims=True)
    weight = marks.astype(np.float64)
    if (count > 1).any():
        tape.ties += 1
        place = marks.cumsum(axis=-2)
        first = marks & (place == 1)
        share = np.where(count > 1, (1 - tape.tie) / np.maximum(count - 1, 1), 0.0)
        if tape.tie == 0.5:  # noqa: PLR2004 - the even split
            tied = 1 / count
        else:
            last = marks & (place == count)
            tied = np.where(first, tape.tie, last.astype(float) if tape.tie == 0 else share)
        weight = np.where(count > 1, np.where(marks, tied, 0.0), weight)
    index = np.argmax(marks, axis=-2)[..., None, :]
    chosen = np.take_along_axis(np.broadcast_to(value, marks.shape), index, axis=-2)[..., 0, :]
    if (count > 1).any():
        for number in range(value.shape[-2]):
            tied = marks[..., number, :] & (count > 1)[..., 0, :]
            if tied.any():
                chosen[tied] = arithmetic.between(chosen[tied], value[..., number, :][tied])
    tangent = None
    if x.dual.tangent is not None:
        tangent = np.sum(arithmetic.scale(weight, x.dual.tangent), axis=-2)

    def pullback(g: Dual) -> Dual:
        return g.map(lambda part: arithmetic.scale(weight, part[..., None, :]))

    return tape.record(Dual(arithmetic, chosen, tangent, x.dtype), [(x, pullback)])


def _position(sign: int) -> Callable[..., Variable]:
    def primitive(tape: Tape, x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Variable:
        variable = tape.constant(x)
        flat = tape.xp.reshape(variable, (-1,)) if axis is None else variable
        number = normalize_axes(0 if axis is None else axis, flat.ndim)[0]
        value = flat.dual.value * sign
        marks = tape.arithmetic.largest(value, number) if is_floating(variable.dtype) else value
        found = np.argmax(marks, axis=number)
        if keepdims:
            shape = (1,) * variable.ndim if axis is None else None
            found = found.reshape((*shape, found.shape[-1])) if shape else np.expand_dims(found, number)
        return _plain(tape, np.asarray(found))

    return primitive


def _cumulative_sum(tape: Tape, x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Variable:
    variable = tape.constant(x)
    if axis is None and variable.ndim != 1:
        raise ValueError(f"cumulative_sum needs an axis for an array of {variable.ndim} dimensions.")
    number = normalize_axes(0 if axis is None else axis, variable.ndim)[0]
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    tangent = None if dual.tangent is None else arithmetic.cumulative(dual.tangent, number, dtype)
    result = Dual(arithmetic, arithmetic.cumulative(dual.value, number, dtype), tangent, dtype)

    def pullback(g: Dual) -> Dual:
        def reverse(part: Component) -> Component:
            return np.flip(arithmetic.cumulative(np.flip(part, number), number, dtype), number)

        return g.map(reverse)

    found = tape.record(result, [(variable, pullback)])
    if not include_initial:
        return found
    shape = tuple(1 if place == number else size for place, size in enumerate(variable.shape))
    return tape.xp.concat((tape.xp.zeros(shape, dtype=dtype), found), axis=number)  # type: ignore[no-any-return]


def _matmul(tape: Tape, a: Any, b: Any, /) -> Variable:
    left, right = _pair(tape, a, b)
    if left.ndim == 1:
        return tape.xp.squeeze(_matmul(tape, left[None, :], right), axis=-2)  # type: ignore[no-any-return]
    if right.ndim == 1:
        return tape.xp.squeeze(_matmul(tape, left, right[:, None]), axis=-1)  # type: ignore[no-any-return]
    product = tape.arithmetic.matmul

    def swapped(dual: Dual) -> Dual:
        return dual.map(lambda part: np.swapaxes(part, -2, -3))

    return tape.record(
        left.dual.bilinear(right.dual, product),
        [
            (left, lambda g: unbroadcast(g.bilinear(swapped(right.dual), product), left.shape)),
            (right, lambda g: unbroadcast(swapped(left.dual).bilinear(g, product), right.shape)),
        ],
    )


def _moved(
    tape: Tape, x: Any, forward: Callable[[Component], Component], transpose: Callable[[Component], Component]
) -> Variable:
    """Apply an exact linear map of elements: its action on a component, and its transpose's."""
    variable = tape.constant(x)
    return tape.record(variable.dual.map(forward), [(variable, lambda g: g.map(transpose))])


def _reshape(tape: Tape, x: Any, /, shape: Sequence[int]) -> Variable:
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


def _permute_dims(tape: Tape, x: Any, /, axes: Sequence[int]) -> Variable:
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


def _moveaxis(tape: Tape, x: Any, source: Any, destination: Any, /) -> Variable:
    variable = tape.constant(x)
    places = list(range(variable.ndim))
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    sources = [axis % variable.ndim for axis in sources]
    targets = [axis % variable.ndim for axis in targets]
    rest = [place for place in places if place not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        rest.insert(target, axis)
    return _permute_dims(tape, variable, rest)


def _expand_dims(tape: Tape, x: Any, /, *, axis: int = 0) -> Variable:
    variable = tape.constant(x)
    place = axis % (variable.ndim + 1)
    return _reshape(tape, variable, (*variable.shape[:place], 1, *variable.shape[place:]))


def _squeeze(tape: Tape, x: Any, /, axis: Any) -> Variable:
    variable = tape.constant(x)
    axes = normalize_axes(axis, variable.ndim)
    if any(variable.shape[number] != 1 for number in axes):
        raise ValueError(f"squeeze(axis={axis!r}): expected axes of length 1 in shape {variable.shape}.")
    return _reshape(tape, variable, tuple(s for number, s in enumerate(variable.shape) if number not in axes))


def _broadcast_to(tape: Tape, x: Any, /, shape: Sequence[int]) -> Variable:
    variable = tape.constant(x)
    result = variable.dual.map(lambda part: np.broadcast_to(part, (*shape, part.shape[-1])))
    return tape.record(result, [(variable, lambda g: unbroadcast(g, variable.shape))])


def _concat(tape: Tape, arrays: Sequence[Any], /, *, axis: int | None = 0) -> Variable:
    parts = [tape.constant(array) for array in arrays]
    if axis is None:
        parts, axis = [_reshape(tape, part, (-1,)) for part in parts], 0
    dtype = next((part.dtype for part in parts if is_floating(part.dtype)), parts[0].dtype)
    parts = [_cast(tape, part, dtype) for part in parts]
    place = axis % parts[0].ndim
    runs = max(part.dual.value.shape[-1] for part in parts)

    def join(components: list[Component]) -> Component:
        return np.concatenate([np.broadcast_to(c, (*c.shape[:-1], runs)) for c in components], axis=place)

    tangent = None
    if any(part.dual.tangent is not None for part in parts):
        zeros = tape.arithmetic.zeros
        tangent = join(
            [zeros(part.dual.value.shape) if part.dual.tangent is None else part.dual.tangent for part in parts]
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


def _getitem(tape: Tape, x: Any, key: Any) -> Variable:
    variable = tape.constant(x)
    full = _indexed(key, variable.ndim)
    repeats = any(isinstance(part, (list, np.ndarray)) for part in full)

    def scatter(part: Component) -> Component:
        found = tape.arithmetic.zeros((*variable.shape, part.shape[-1]))
        if repeats:
            np.add.at(found, full, part)
        else:
            found[full] = part
        return found

    return _moved(tape, variable, lambda part: part[full], scatter)


def _take(tape: Tape, x: Any, indices: Any, /, *, axis: int | None = None) -> Variable:
    variable = tape.constant(x)
    chosen = indices.unanimous() if isinstance(indices, Variable) else np.asarray(indices)
    place = normalize_axes(0 if axis is None else axis, variable.ndim)[0]
    return _getitem(tape, variable, (*(slice(None),) * place, chosen))


def _flip(tape: Tape, x: Any, /, *, axis: Any = None) -> Variable:
    axes = normalize_axes(axis, tape.constant(x).ndim)
    return _moved(tape, x, lambda part: np.flip(part, axes), lambda part: np.flip(part, axes))


def _triangle(keep: Callable[..., np.ndarray[Any, Any]]) -> Callable[..., Variable]:
    def primitive(tape: Tape, x: Any, /, *, k: int = 0) -> Variable:
        variable = tape.constant(x)
        mask = keep(np.ones(variable.shape[-2:], dtype=bool), k)[..., None].astype(np.float64)
        return _moved(
            tape,
            variable,
            lambda part: tape.arithmetic.scale(mask, part),
            lambda part: tape.arithmetic.scale(mask, part),
        )

    return primitive


def _astype(tape: Tape, x: Any, dtype: Any, /, *, copy: bool = True) -> Variable:
    del copy
    return _cast(tape, tape.constant(x), _name(dtype))


def _name(dtype: Any) -> str:
    """Give a dtype's name; the NumPy adapter hands over NumPy's own dtypes."""
    return dtype if isinstance(dtype, str) else np.dtype(dtype).name


def _asarray(tape: Tape, value: Any, /, *, dtype: Any = None) -> Variable:
    if dtype is None:
        return tape.constant(value)
    return _cast(tape, tape.constant(value, _name(dtype)), _name(dtype))


def _made(maker: Callable[..., np.ndarray[Any, Any]]) -> Callable[..., Variable]:
    """Make an array whose entries are small exact numbers."""

    def primitive(tape: Tape, *arguments: Any, dtype: Any = None, **keywords: Any) -> Variable:
        return tape.constant(maker(*arguments, **keywords), _name(dtype or tape.arithmetic.dtype))

    return primitive


def _full(tape: Tape, shape: Any, fill: Any, /, *, dtype: Any = None) -> Variable:
    kind = _name(dtype or tape.arithmetic.dtype)
    dimensions = (shape,) if isinstance(shape, int) else tuple(shape)
    return _broadcast_to(tape, tape.constant(fill, kind), dimensions)


def _like(fill: float | None) -> Callable[..., Variable]:
    def primitive(tape: Tape, x: Any, value: Any = fill, /, *, dtype: Any = None) -> Variable:
        variable = tape.constant(x)
        return _full(tape, variable.shape, value, dtype=_name(dtype or variable.dtype))

    return primitive


def _arange(tape: Tape, start: Any, stop: Any = None, step: Any = 1, /, *, dtype: Any = None) -> Variable:
    first, end = (0, start) if stop is None else (start, stop)
    values = np.arange(first, end, step)
    kind = _name(dtype or ("int64" if values.dtype.kind == "i" else tape.arithmetic.dtype))
    return tape.constant(values, kind)


def _linspace(tape: Tape, start: Any, stop: Any, /, num: int, *, dtype: Any = None) -> Variable:
    """Space evenly; the steps are rounded by the framework, and so by the budget."""
    kind = _name(dtype or tape.arithmetic.dtype)
    places = tape.constant(np.arange(num, dtype=np.float64), kind)
    return places * ((stop - start) / max(num - 1, 1)) + start  # type: ignore[no-any-return]


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "add": _binary("add", _add),
    "subtract": _binary("subtract", _subtract),
    "multiply": _binary("multiply", _multiply),
    "divide": _divide,
    "negative": _negative,
    "positive": lambda tape, x: tape.constant(x),
    "pow": _pow,
    "atan2": _atan2,
    "sign": _sign,
    "equal": _compared(0),
    "not_equal": _compared(-1, 1, 2),
    "less": _compared(-1),
    "less_equal": _compared(-1, 0),
    "greater": _compared(1),
    "greater_equal": _compared(0, 1),
    "logical_and": _logical("logical_and"),
    "logical_or": _logical("logical_or"),
    "logical_xor": _logical("logical_xor"),
    "logical_not": _logical("logical_not"),
    "maximum": _extremum(1),
    "minimum": _extremum(-1),
    "where": _where,
    "sum": _sum,
    "max": _peak(1),
    "min": _peak(-1),
    "argmax": _position(1),
    "argmin": _position(-1),
    "cumulative_sum": _cumulative_sum,
    "matmul": _matmul,
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
    "astype": _astype,
    "asarray": _asarray,
    "zeros": _made(np.zeros),
    "ones": _made(np.ones),
    "eye": _made(np.eye),
    "full": _full,
    "zeros_like": _like(0.0),
    "ones_like": _like(1.0),
    "full_like": _like(None),
    "arange": _arange,
    "linspace": _linspace,
}
"""By the name they have in `xp`, without a prefix."""
