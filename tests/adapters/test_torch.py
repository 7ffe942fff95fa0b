"""PyTorch's adapter."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.adapters.base import Adapter

__all__: list[str] = []


def _multiplied(factor: float) -> Callable[[Any], Any]:
    return lambda x: x * factor


def test_many_functions_of_one_factory_are_all_compiled(torch_adapter: Adapter) -> None:
    """More functions than dynamo's limit of 8 that share a code object are compiled, none run eagerly."""
    import torch._dynamo.utils as dynamo

    prepared = [torch_adapter.value(_multiplied(float(factor)), "aot") for factor in range(12)]
    dynamo.counters.clear()
    x = torch_adapter.array(np.array([1.0]))
    assert list(map(float, range(12))) == [float(function(x)) for function in prepared]
    assert dynamo.counters["stats"]["unique_graphs"] == 12
    assert not dynamo.counters["graph_break"]


def test_other_values_are_not_compiled_again(torch_adapter: Adapter) -> None:
    """A second evaluation at other values of the same shape uses the graph that is there."""
    import torch._dynamo.utils as dynamo

    prepared = torch_adapter.value(lambda x: x * x + 1, "aot")
    dynamo.counters.clear()
    values = [float(prepared(torch_adapter.array(np.array(number)))) for number in (2.0, 3.0)]
    assert [5.0, 10.0] == values
    assert dynamo.counters["stats"]["unique_graphs"] == 1


def test_the_vocabulary_breaks_no_graph(torch_adapter: Adapter) -> None:
    """A function written in `xp` is one graph, though its words are resolved while it is traced."""
    import torch._dynamo

    xp = torch_adapter.namespace()
    explained = torch._dynamo.explain(lambda x: xp.sum(xp.exp(x - xp.max(x))))(torch_adapter.array(np.array([1.0])))
    assert (1, 0) == (explained.graph_count, explained.graph_break_count)


def test_an_output_without_a_graph_raises_the_framework_s_own_error(torch_adapter: Adapter) -> None:
    """A detached result is PyTorch's error, not a missing gradient."""
    product = torch_adapter.vjp(lambda x: x.detach() * 2, "eager", [0])
    one = torch_adapter.array(np.array(1.0))
    with pytest.raises(RuntimeError, match="does not require grad"):
        product((one,), (one,))


def test_one_thread_and_no_reduced_precision(torch_adapter: Adapter) -> None:
    """Threads and the precision of matrix products are fixed."""
    import torch

    assert torch.get_num_threads() == 1
    assert torch.get_float32_matmul_precision() == "highest"


def test_a_failed_compilation_takes_no_gradients_away(torch_adapter: Adapter) -> None:
    """What a failure does to the thread's dispatch keys is undone before the next computation."""
    import torch

    from harness.adapters.torch_keys import Keys

    def fails(key: Any) -> None:
        torch._C._dispatch_tls_set_dispatch_key_excluded(key, True)
        raise ValueError("no")

    x = torch.ones(2, requires_grad=True)
    keys = Keys(torch)
    with pytest.raises(ValueError, match="no"):
        keys.watched(fails)(torch._C.DispatchKey.AutogradCPU)
    assert not (x * x).requires_grad
    keys.restore()
    assert (x * x).requires_grad


def test_a_failed_compilation_takes_no_forward_mode_away(torch_adapter: Adapter) -> None:
    """A level of forward mode that a failure left open is closed before the next computation."""
    import torch

    from harness.adapters.torch_keys import Keys

    def fails() -> None:
        torch._C._enter_dual_level()
        raise ValueError("no")

    x = torch_adapter.array(np.array(2.0))
    keys = Keys(torch)
    with pytest.raises(ValueError, match="no"):
        keys.watched(fails)()
    curvature = torch_adapter.curvature(lambda x: x * x * x, "eager", [0], "")
    with pytest.raises(RuntimeError, match="Nested forward mode AD"):
        curvature((x,), (torch.ones_like(x),))
    keys.restore()
    assert [12.0] == [float(one) for one in curvature((x,), (torch.ones_like(x),))]
    keys.restore()
    assert [12.0] == [float(one) for one in curvature((x,), (torch.ones_like(x),))]


def test_gradients_are_there_after_nested_transforms_that_pytorch_cannot_compile(torch_adapter: Adapter) -> None:
    """Whether or not this release compiles jacfwd of jacfwd, the gradient after it is right, in both modes."""
    x, one = np.array([2.0, 3.0]), np.array([1.0, 1.0])
    with contextlib.suppress(RuntimeError):
        torch_adapter.curvature(lambda x: 2 * x, "aot", [0], "jacfwd")(
            (torch_adapter.array(x),), (torch_adapter.array(one),)
        )
    gc.collect()
    for mode in ("eager", "aot"):
        product = torch_adapter.vjp(lambda x: x * x, mode, [0])
        (gradient,) = product((torch_adapter.array(x),), (torch_adapter.array(one),))
        assert [4.0, 6.0] == torch_adapter.numpy(gradient).tolist()


def test_zeros_without_memory_are_brought_back_as_zeros(torch_adapter: Adapter) -> None:
    """Transforms give zeros that have no memory; a view of them is brought back without reading anybody's memory."""
    import torch

    zeros = torch._efficientzerotensor((200, 300)).diagonal(1)
    assert zeros._is_zerotensor()
    brought = torch_adapter.numpy(zeros)
    assert brought.shape == (200,)
    assert not brought.any()
