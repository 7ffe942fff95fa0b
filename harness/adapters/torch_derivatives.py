"""PyTorch's derivatives: `torch.autograd` around a function, and the transforms of `torch.func`.

`torch.autograd` differentiates what a compiled function did, so there the function is compiled. A transform of
`torch.func` runs a compiled function as it stands, without a word, so there the transformed function is compiled
(https://docs.pytorch.org/docs/stable/func.ux_limitations.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.adapters.base import NotOfferedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[..., Any]

__all__ = ["TorchDerivatives"]


class TorchDerivatives:
    """Prepares derivatives of functions.

    The methods are those of the adapter, which says what they take and return.

    Args:
        torch: The framework's top module.
        compiled: Compiles a function in a mode.
    """

    def __init__(self, torch: Any, compiled: Callable[[Function, str], Function]) -> None:
        """Hold the framework and its compiler."""
        self._torch = torch
        self._compiled = compiled

    def vjp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Sweep backward: by `autograd.grad`, by `.backward()`, recording the sweep itself, or by `torch.func`."""
        torch = self._torch

        def transformed(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            _, pullback = torch.func.vjp(outputs, *sources)
            return tuple(pullback(tuple(cotangents)))

        if path == "func":
            return self._compiled(transformed, mode)
        if path not in {"", "backward", "create_graph"}:
            raise NotOfferedError("torch", "vjp", path)
        prepared = self._compiled(function, mode)

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._recorded(prepared, arrays, inputs)
            if path == "backward":
                torch.autograd.backward(outputs, cotangents)
                return tuple(source.grad for source in sources)
            again = path == "create_graph"
            return tuple(torch.autograd.grad(outputs, sources, cotangents, allow_unused=True, create_graph=again))

        return product

    def value_and_vjp(self, function: Function, mode: str, inputs: Sequence[int]) -> Function:
        """Sweep backward by `autograd.grad`, on leaves that share the memory of what is given."""
        torch = self._torch
        prepared = self._compiled(function, mode)

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves = [array.detach().requires_grad_(position in inputs) for position, array in enumerate(arrays)]
            outputs = _floating(prepared(*leaves))
            sources = [leaves[position] for position in inputs]
            return outputs, torch.autograd.grad(outputs, sources, cotangents, allow_unused=True)

        return product

    def jvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward: by `torch.func`, by dual numbers, or by differentiating a backward sweep."""
        torch = self._torch
        forward = torch.autograd.forward_ad

        def transformed(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            return tuple(torch.func.jvp(outputs, sources, tuple(tangents))[1])

        def dual(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(prepared, arrays, inputs)
            with forward.dual_level():
                found = outputs(*map(forward.make_dual, sources, tangents))
                parts = [forward.unpack_dual(output) for output in found]
                return tuple(torch.zeros_like(one.primal) if one.tangent is None else one.tangent for one in parts)

        def twice(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            # The VJP is linear in its cotangent, so its derivative with respect to that is the JVP, whatever it is.
            outputs, sources = self._recorded(prepared, arrays, inputs)
            cotangents = [torch.ones_like(output).requires_grad_() for output in outputs]
            return self._again(self._gradients(outputs, sources, cotangents), cotangents, tangents)

        if path == "":
            return self._compiled(transformed, mode)
        if path not in {"dual", "double_backward"}:
            raise NotOfferedError("torch", "jvp", path)
        prepared = self._compiled(function, mode)
        return dual if path == "dual" else twice

    def hvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Differentiate twice: reverse over reverse by `autograd.grad`, or by `torch.func`, or with one forward mode.

        A compiled function cannot be differentiated by `autograd.grad` twice ("torch.compile with aot_autograd does
        not currently support double backward"), so in compiled modes the usual way is that of `torch.func`.
        """
        torch = self._torch

        def twice(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._recorded(function, arrays, inputs)
            return self._again(self._gradients(outputs, sources, cotangents), sources, tangents)

        def transformed(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            weights, directions = tuple(cotangents), tuple(tangents)

            def gradients(*given: Any) -> tuple[Any, ...]:
                return tuple(torch.func.vjp(outputs, *given)[1](weights))

            def moved(*given: Any) -> tuple[Any, ...]:
                return tuple(torch.func.jvp(outputs, given, directions)[1])

            if path == "forward_over_reverse":
                return tuple(torch.func.jvp(gradients, sources, directions)[1])
            if path == "reverse_over_forward":
                return tuple(torch.func.vjp(moved, *sources)[1](weights))
            return tuple(torch.func.vjp(gradients, *sources)[1](directions))

        if path not in {"", "func", "forward_over_reverse", "reverse_over_forward"}:
            raise NotOfferedError("torch", "hvp", path)
        return twice if path == "" and mode == "eager" else self._compiled(transformed, mode)

    def curvature(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward twice: `jvp` of `jvp`, or `jacfwd` of `jacfwd` along the line x + tv."""
        torch = self._torch

        def twice(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            directions = tuple(tangents)

            def moved(*given: Any) -> tuple[Any, ...]:
                return tuple(torch.func.jvp(outputs, given, directions)[1])

            return tuple(torch.func.jvp(moved, sources, directions)[1])

        def along(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)

            def line(time: Any) -> Any:
                return outputs(*(source + time * tangent for source, tangent in zip(sources, tangents, strict=True)))

            return tuple(torch.func.jacfwd(torch.func.jacfwd(line))(torch.zeros_like(tangents[0]).sum()))

        if path not in {"", "jacfwd"}:
            raise NotOfferedError("torch", "curvature", path)
        return self._compiled(along if path == "jacfwd" else twice, mode)

    def jacobian(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Return the whole Jacobian, in reverse or forward mode."""
        ways = {"": self._torch.func.jacrev, "forward": self._torch.func.jacfwd}
        if path not in ways:
            raise NotOfferedError("torch", "jacobian", path)

        def whole(*arrays: Any) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            every = tuple(range(len(sources)))
            return tuple(ways[path](lambda *given: outputs(*given)[0], argnums=every)(*sources))

        return self._compiled(whole, mode)

    def vmap(self, function: Function, mode: str, path: str) -> Function:
        """Run a batch in one go."""
        if path:
            raise NotOfferedError("torch", "vmap", path)
        return self._compiled(self._torch.func.vmap(function), mode)

    def _outputs(
        self, function: Function, arrays: Sequence[Any], inputs: Sequence[int]
    ) -> tuple[Function, tuple[Any, ...]]:
        """Return the floating-point outputs as a function of the inputs asked for, and these."""

        def outputs(*sources: Any) -> tuple[Any, ...]:
            replaced = dict(zip(inputs, sources, strict=True))
            return _floating(function(*(replaced.get(position, array) for position, array in enumerate(arrays))))

        return outputs, tuple(arrays[position] for position in inputs)

    def _recorded(
        self, function: Function, arrays: Sequence[Any], inputs: Sequence[int]
    ) -> tuple[tuple[Any, ...], list[Any]]:
        """Run a function on leaves of its own, and give its floating-point outputs and the inputs asked for."""
        leaves = [array.detach().clone().requires_grad_(position in inputs) for position, array in enumerate(arrays)]
        return _floating(function(*leaves)), [leaves[position] for position in inputs]

    def _gradients(self, outputs: Sequence[Any], sources: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(self._torch.autograd.grad(outputs, sources, cotangents, create_graph=True, materialize_grads=True))

    def _again(self, gradients: Sequence[Any], sources: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
        """Differentiate gradients; those of a linear function are constants, whose derivative is zero.

        So says `torch.autograd.functional.hvp` of them ("a Tensor of zeros … the expected mathematical value").
        """
        pairs = [(one, other) for one, other in zip(gradients, tangents, strict=True) if one.requires_grad]
        if not pairs:
            return tuple(map(self._torch.zeros_like, sources))
        moving, directions = zip(*pairs, strict=True)
        return tuple(self._torch.autograd.grad(moving, sources, directions, materialize_grads=True))


def _floating(found: Any) -> tuple[Any, ...]:
    outputs = found if isinstance(found, (tuple, list)) else (found,)
    return tuple(output for output in outputs if output.is_floating_point() or output.is_complex())
