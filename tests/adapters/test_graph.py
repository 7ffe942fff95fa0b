"""What adapters say of compiled computations: traces, graphs, breaks, and operations of control flow."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.adapters.base import Adapter

__all__: list[str] = []


def _branching(x: Any) -> Any:
    if x > 0:
        return x * 2
    return x - 1


def _looping(x: Any) -> Any:
    while x > 1:
        x = x / 2
    return x


def _called(adapter: Adapter, prepared: Callable[..., Any], *inputs: Any) -> list[Any]:
    return [adapter.numpy(prepared(adapter.array(np.array(value, dtype=np.float32)))).tolist() for value in inputs]


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """PyTorch warns of a graph break, and AutoGraph of what it cannot convert: neither is ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_pytorch_falls_back_at_a_branch(torch_adapter: Adapter) -> None:
    """A branch on a value breaks the graph; both sides are right."""
    prepared = torch_adapter.value(_branching, "aot")
    assert [6.0, -3.0] == _called(torch_adapter, prepared, 3.0, -2.0)
    facts = torch_adapter.graph(prepared)
    assert facts["graph_breaks"] > 0
    assert facts["graphs"] > 1


def test_pytorch_holds_both_sides_of_its_own_condition(torch_adapter: Adapter) -> None:
    """Through `xp.control.cond` there is one graph, without a break, and it is compiled once."""
    xp = torch_adapter.namespace()
    prepared = torch_adapter.value(lambda x: xp.control.cond(x > 0, lambda v: v * 2, lambda v: v, x), "aot")
    assert [6.0, -2.0] == _called(torch_adapter, prepared, 3.0, -2.0)
    assert {"graphs": 1, "graph_breaks": 0, "eager_frames": 0, "recompiles": 0} == torch_adapter.graph(prepared)


def test_pytorch_counts_another_shape_as_a_recompilation(torch_adapter: Adapter) -> None:
    """Each computation has counts of its own, also where it is wrapped, and other computations do not change them."""
    prepared = torch_adapter.vjp(lambda x: x * x, "aot", [0])
    for size in (2, 3, 2):
        x = torch_adapter.array(np.ones(size, dtype=np.float32))
        prepared((x,), (x,))
    other = torch_adapter.value(lambda x: x * x * x, "aot")
    assert [8.0] == _called(torch_adapter, other, 2.0)
    assert (2, 1) == tuple(torch_adapter.graph(prepared)[name] for name in ("graphs", "recompiles"))
    assert (1, 0) == tuple(torch_adapter.graph(other)[name] for name in ("graphs", "recompiles"))


def test_pytorch_knows_nothing_of_what_is_not_compiled(torch_adapter: Adapter) -> None:
    """In eager mode there are no facts."""
    assert {} == torch_adapter.graph(torch_adapter.value(_branching, "eager"))


def test_counts_survive_a_reset_of_the_compiler(torch_adapter: Adapter) -> None:
    """What is counted before and after a reset adds up."""
    import torch._dynamo

    prepared = torch_adapter.value(lambda x: x + 4, "aot")
    assert [5.0] == _called(torch_adapter, prepared, 1.0)
    torch._dynamo.reset()
    torch_adapter._meter.forget()  # type: ignore[attr-defined]  # as the adapter does when it resets
    assert [6.0] == _called(torch_adapter, prepared, 2.0)
    assert 2 == torch_adapter.graph(prepared)["graphs"]


@pytest.mark.parametrize("mode", ["function", "xla"])
def test_tensorflow_names_what_autograph_made(tensorflow_adapter: Adapter, mode: str) -> None:
    """A Python branch becomes an If and a loop a While; one trace serves both sides."""
    for function, operation in ((_branching, "StatelessIf"), (_looping, "StatelessWhile")):
        prepared = tensorflow_adapter.value(function, mode)
        assert [function(3.0), function(-2.0)] == _called(tensorflow_adapter, prepared, 3.0, -2.0)
        assert {"traces": 1, operation: 1} == tensorflow_adapter.graph(prepared)


def test_tensorflow_counts_traces(tensorflow_adapter: Adapter) -> None:
    """Each shape is another trace; without control flow nothing else is said."""
    prepared = tensorflow_adapter.value(lambda x: x + 1, "function")
    _called(tensorflow_adapter, prepared, [1.0], [1.0, 2.0], [3.0])
    assert {"traces": 2} == tensorflow_adapter.graph(prepared)


def test_jax_counts_traces(jax_adapter: Adapter) -> None:
    """Each shape is another trace, in a gradient too."""
    prepared = jax_adapter.value(lambda x: x + 1, "jit")
    _called(jax_adapter, prepared, [1.0], [1.0, 2.0], [3.0])
    assert {"traces": 2} == jax_adapter.graph(prepared)


def test_jax_refuses_a_branch_on_a_value(jax_adapter: Adapter) -> None:
    """What cannot be traced raises JAX's own error, and its own condition holds both sides."""
    import jax

    with pytest.raises(jax.errors.TracerBoolConversionError, match="traced array"):
        _called(jax_adapter, jax_adapter.value(_branching, "jit"), 3.0)
    xp = jax_adapter.namespace()
    prepared = jax_adapter.value(lambda x: xp.control.cond(x > 0, lambda v: v * 2, lambda v: v - 1, x), "jit")
    assert [6.0, -3.0] == _called(jax_adapter, prepared, 3.0, -2.0)
    assert {"traces": 1} == jax_adapter.graph(prepared)
