"""Every derivative, by every path, in every framework: on polynomials of small integers, so that all of them are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.adapters.base import NotOfferedError, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.adapters.base import Adapter

__all__: list[str] = []

Array = np.ndarray[Any, Any]

KINDS = ("vjp", "jvp", "hvp", "curvature", "jacobian")

X, INDICES, Y = np.array([2.0, -3.0, 1.0]), np.array([1, 2]), np.array([4.0, -1.0])
V, W = np.array([1.0, 2.0, -1.0]), np.array([3.0, -2.0])
A, B = np.array([2.0, -1.0, 5.0]), np.array([-4.0, 3.0])

SLOPE = 3 * X * X * Y[0]
"""Of x³ y₀ with respect to x; Y³ Σx is the other output."""

EXPECTED: dict[str, tuple[Array, ...]] = {
    "vjp": (SLOPE * A + np.sum(B * Y**3), np.array([np.sum(A * X**3), 0]) + 3 * Y * Y * B * X.sum()),
    "jvp": (SLOPE * V + X**3 * W[0], Y**3 * V.sum() + 3 * Y * Y * W * X.sum()),
    "hvp": (
        6 * X * Y[0] * A * V + 3 * X * X * A * W[0] + np.sum(3 * Y * Y * B * W),
        np.array([np.sum(3 * X * X * A * V), 0]) + 6 * Y * W * B * X.sum() + 3 * Y * Y * B * V.sum(),
    ),
    "curvature": (
        6 * X * Y[0] * V * V + 2 * 3 * X * X * V * W[0],
        6 * Y * W * W * X.sum() + 2 * 3 * Y * Y * W * V.sum(),
    ),
    "jacobian": (np.diag(SLOPE), np.stack([X**3, np.zeros(3)], axis=1)),
}
"""Kind to what must come, worked out by hand."""


REFUSED = {("torch", "double_backward", "aot"), ("torch", "jacfwd", "aot")}
"""What PyTorch says itself that it cannot compile, or fails to: see below."""


def polynomials(x: Any, indices: Any, y: Any) -> tuple[Any, ...]:
    """Give x³ y₀ and y³ Σx, and integers between them."""
    return x * x * x * y[0], indices + 1, y * y * y * (x[0] + x[1] + x[2])


def first(x: Any, indices: Any, y: Any) -> Any:
    """Give x³ y₀ alone."""
    return polynomials(x, indices, y)[0]


def arguments(adapter: Adapter, kind: str, dtype: str = "float64") -> tuple[Any, ...]:
    """Give what a prepared computation of a kind is called with."""

    def made(*arrays: Array) -> tuple[Any, ...]:
        return tuple(adapter.array(array.astype(dtype) if array.dtype.kind == "f" else array) for array in arrays)

    inputs = made(X, INDICES, Y)
    if kind == "jacobian":
        return inputs
    if kind == "vjp":
        return inputs, made(A, B)
    if kind == "hvp":
        return inputs, made(A, B), made(V, W)
    return inputs, made(V, W)


def prepared(adapter: Adapter, kind: str, mode: str, path: str = "") -> Any:
    """Prepare a derivative of the polynomials with respect to both floating-point arrays."""
    function = first if kind == "jacobian" else polynomials
    return getattr(adapter, kind)(function, mode, [0, 2], path)


def fast(adapter: Adapter) -> list[str]:
    """Name the modes that need no C++ compiler."""
    return [mode for mode in adapter.modes if mode not in adapter.slow_modes]


def ways() -> Iterator[tuple[str, str, str]]:
    """List every framework's ways to every kind."""
    for name in ("torch", "tensorflow", "jax"):
        for kind in KINDS:
            for path in ("", *load(name).paths.get(kind, ())):
                yield name, kind, path


def present(adapters: dict[str, Adapter], name: str) -> Adapter:
    """Give an adapter, or skip."""
    if name not in adapters:
        pytest.skip(f"{name} is not installed")
    return adapters[name]


def assert_equal(expected: tuple[Array, ...], got: Any, adapter: Adapter, dtype: str = "float64") -> None:
    """Hold numbers, shapes and dtypes against each other; the sign of a zero may be either."""
    brought = [adapter.numpy(array) for array in got]
    assert [dtype] * len(expected) == [array.dtype.name for array in brought]
    assert [array.shape for array in expected] == [array.shape for array in brought]
    assert [array.tolist() for array in expected] == [array.tolist() for array in brought]


@pytest.mark.parametrize(("name", "kind", "path"), [*ways()])
def test_every_path_gives_the_known_derivative_in_every_mode(
    adapters: dict[str, Adapter], name: str, kind: str, path: str
) -> None:
    """Integers take no part, every input gets its share, and every output too; a second call gives the same."""
    adapter = present(adapters, name)
    for mode in fast(adapter):
        if (name, path, mode) in REFUSED:
            continue
        derivative = prepared(adapter, kind, mode, path)
        for _ in range(2):
            assert_equal(EXPECTED[kind], derivative(*arguments(adapter, kind)), adapter)


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_are_of_the_dtype_of_the_inputs(adapter: Adapter, kind: str) -> None:
    """What was prepared takes another dtype and answers in it."""
    for mode in fast(adapter):
        derivative = prepared(adapter, kind, mode)
        for dtype in ("float64", "float32"):
            assert_equal(EXPECTED[kind], derivative(*arguments(adapter, kind, dtype)), adapter, dtype)


@pytest.mark.parametrize("kind", ["hvp", "curvature"])
def test_a_linear_function_has_second_derivatives_of_zero(adapter: Adapter, kind: str) -> None:
    """By every path and in every mode they are zeros: no framework leaves them out, and no path fails."""
    x, one = adapter.array(np.array([2.0, 3.0])), adapter.array(np.array(1.0))
    given = ((x,), (one,), (x,)) if kind == "hvp" else ((x,), (x,))
    expected = np.zeros(2) if kind == "hvp" else np.zeros(())
    for mode in fast(adapter):
        for path in ("", *adapter.paths.get(kind, ())):
            if (adapter.name, path, mode) in REFUSED:
                continue
            derivative = getattr(adapter, kind)(lambda x: 2 * x[0] + x[1], mode, [0], path)
            assert_equal((expected,), derivative(*given), adapter)


@pytest.mark.parametrize("kind", ["jvp", "hvp", "jacobian"])
def test_what_does_not_depend_on_an_input_has_the_derivative_zero(adapter: Adapter, kind: str) -> None:
    """An input that takes no part gets zeros, by every path and in every mode."""
    x, y = adapter.array(np.array([2.0])), adapter.array(np.array([5.0, 7.0]))
    one = adapter.array(np.array([1.0]))
    given = {"jvp": ((x, y), (one, y)), "hvp": ((x, y), (one,), (one, y)), "jacobian": (x, y)}[kind]
    expected: tuple[Array, ...] = {
        "jvp": (np.array([4.0]),),
        "hvp": (np.array([2.0]), np.zeros(2)),
        "jacobian": (np.array([[4.0]]), np.zeros((1, 2))),
    }[kind]
    for mode in fast(adapter):
        for path in ("", *adapter.paths.get(kind, ())):
            if (adapter.name, path, mode) in REFUSED:
                continue
            derivative = getattr(adapter, kind)(lambda x, y: x * x, mode, [0, 1], path)
            assert_equal(expected, derivative(*given), adapter)


def test_a_batch_is_run_in_one_go(adapter: Adapter) -> None:
    """Every array has one more axis, and so has every result, integers included."""
    batch = (np.stack([X, 2 * X]), np.stack([INDICES, INDICES + 1]), np.stack([Y, -Y]))
    singles = [polynomials(*(array[number] for array in batch)) for number in range(2)]
    expected = [np.stack(parts) for parts in zip(*singles, strict=True)]
    for mode in fast(adapter):
        found = adapter.vmap(polynomials, mode)(*map(adapter.array, batch))
        assert [array.tolist() for array in expected] == [adapter.numpy(array).tolist() for array in found]


@pytest.mark.parametrize("kind", [*KINDS, "vmap"])
def test_an_unknown_path_is_not_offered(adapter: Adapter, kind: str) -> None:
    """The message names framework, quantity and path."""
    inputs = () if kind == "vmap" else ([0],)
    with pytest.raises(NotOfferedError, match=f"{adapter.name} does not offer {kind} by nowhere"):
        getattr(adapter, kind)(first, "eager", *inputs, "nowhere")


def test_a_matrix_has_a_jacobian_of_both_shapes(adapter: Adapter) -> None:
    """The Jacobian's shape is the output's followed by the input's, by every path; an empty input's is empty."""
    x = adapter.array(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    empty = adapter.array(np.zeros((0, 2)))
    expected = np.zeros((3, 2, 3))
    expected[np.arange(3), 0, np.arange(3)] = [8.0, 10.0, 12.0]
    expected[np.arange(3), 1, np.arange(3)] = [2.0, 4.0, 6.0]
    for path in ("", *adapter.paths["jacobian"]):
        whole = adapter.jacobian(lambda x, none: 2 * x[0] * x[1], "eager", [0], path)
        assert_equal((expected,), whole(x, empty), adapter)


def test_a_compiled_function_is_not_differentiated_twice_by_autograd(torch_adapter: Adapter) -> None:
    """PyTorch refuses: this is why the usual second derivatives of compiled modes are those of torch.func."""
    twice = prepared(torch_adapter, "jvp", "aot", "double_backward")
    with pytest.raises(RuntimeError, match="does not currently support double backward"):
        twice(*arguments(torch_adapter, "jvp"))


def test_a_series_without_a_rule_is_not_offered(jax_adapter: Adapter) -> None:
    """Taylor mode says itself which operation it lacks."""
    import jax

    series = jax_adapter.curvature(jax.numpy.cbrt, "eager", [0], "jet")
    x = jax_adapter.array(np.array([2.0]))
    with pytest.raises(NotOfferedError, match="jax does not offer curvature by jet: it has no rule for cbrt"):
        series((x,), (x,))


def test_inductor_differentiates_and_compiles_once(torch_adapter: Adapter) -> None:
    """Other values of the same shapes use the code that is there, and are right."""
    import torch._dynamo.utils as dynamo

    products = {kind: prepared(torch_adapter, kind, "compile") for kind in ("vjp", "jvp", "hvp")}
    dynamo.counters.clear()
    for kind, product in products.items():
        # Twice the tangents, where there are some, give twice the product.
        arrays, *moved = arguments(torch_adapter, kind)
        product(arrays, *[tuple(2 * one for one in part) for part in moved])
        assert_equal(EXPECTED[kind], product(arrays, *moved), torch_adapter)
    assert len(products) == dynamo.counters["stats"]["unique_graphs"]
    assert not dynamo.counters["graph_break"]
