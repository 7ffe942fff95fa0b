"""JAX's derivatives: its transforms, which compose; what is compiled is always the transformed function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.adapters.base import NotOfferedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[..., Any]

__all__ = ["JaxDerivatives"]


class JaxDerivatives:
    """Prepares derivatives of functions.

    The methods are those of the adapter, which says what they take and return.

    Args:
        jax: The framework's top module.
        compiled: Compiles a function in a mode.
    """

    def __init__(self, jax: Any, compiled: Callable[[Function, str], Function]) -> None:
        """Hold the framework and its compiler."""
        self._jax = jax
        self._compiled = compiled

    def vjp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Sweep backward: by `vjp`, by `grad` of a weighted sum, or by transposing what `linearize` gives."""
        jax = self._jax

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            weights = tuple(cotangents)

            def weighted(*given: Any) -> Any:
                return sum(jax.numpy.vdot(one, other) for one, other in zip(weights, outputs(*given), strict=True))

            if path == "grad":
                return tuple(jax.grad(weighted, argnums=tuple(range(len(sources))))(*sources))
            if path == "linearize":
                _, push = jax.linearize(outputs, *sources)
                return tuple(jax.linear_transpose(push, *sources)(weights))
            return tuple(jax.vjp(outputs, *sources)[1](weights))

        if path not in {"", "grad", "linearize"}:
            raise NotOfferedError("jax", "vjp", path)
        return self._compiled(product, mode)

    def value_and_vjp(self, function: Function, mode: str, inputs: Sequence[int]) -> Function:
        """Sweep backward by `vjp`, which gives the outputs too."""
        jax = self._jax

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            found, pullback = jax.vjp(outputs, *sources)
            return found, tuple(pullback(tuple(cotangents)))

        return self._compiled(product, mode)

    def jvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward: by `jvp`, or by `linearize`."""
        jax = self._jax

        def product(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            if path == "linearize":
                return tuple(jax.linearize(outputs, *sources)[1](*tangents))
            return tuple(jax.jvp(outputs, sources, tuple(tangents))[1])

        if path not in {"", "linearize"}:
            raise NotOfferedError("jax", "jvp", path)
        return self._compiled(product, mode)

    def hvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Differentiate twice: forward over reverse, as JAX's documentation advises, or any other way.

        Source: https://docs.jax.dev/en/latest/notebooks/autodiff_cookbook.html, on Hessian-vector products.
        """
        jax = self._jax

        def product(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            weights, directions = tuple(cotangents), tuple(tangents)

            def gradients(*given: Any) -> tuple[Any, ...]:
                return tuple(jax.vjp(outputs, *given)[1](weights))

            def moved(*given: Any) -> tuple[Any, ...]:
                return tuple(jax.jvp(outputs, given, directions)[1])

            if path == "reverse_over_reverse":
                return tuple(jax.vjp(gradients, *sources)[1](directions))
            if path == "reverse_over_forward":
                return tuple(jax.vjp(moved, *sources)[1](weights))
            return tuple(jax.jvp(gradients, sources, directions)[1])

        if path not in {"", "reverse_over_reverse", "reverse_over_forward"}:
            raise NotOfferedError("jax", "hvp", path)
        return self._compiled(product, mode)

    def curvature(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward twice: `jvp` of `jvp`, `jacfwd` of `jacfwd` along the line x + tv, or a Taylor series."""
        jax = self._jax

        def twice(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            directions = tuple(tangents)

            def moved(*given: Any) -> tuple[Any, ...]:
                return tuple(jax.jvp(outputs, given, directions)[1])

            return tuple(jax.jvp(moved, sources, directions)[1])

        def along(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)

            def line(time: Any) -> Any:
                return outputs(*(source + time * tangent for source, tangent in zip(sources, tangents, strict=True)))

            return tuple(jax.jacfwd(jax.jacfwd(line))(jax.numpy.zeros((), sources[0].dtype)))

        def series(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            from jax.experimental.jet import jet

            outputs, sources = self._outputs(function, arrays, inputs)
            lines = [[tangent, jax.numpy.zeros_like(tangent)] for tangent in tangents]
            try:
                # Its own factorials are exp(lgamma(n + 1)): in float64, 2! is 1.9999999999999976.
                _, terms = jet(outputs, sources, lines, factorial_scaled=False)
            except (NotImplementedError, KeyError) as error:
                # It is experimental: https://docs.jax.dev/en/latest/jax.experimental.jet.html
                raise NotOfferedError("jax", "curvature", "jet", f"it has no rule for {error}") from error
            return tuple(2 * term[1] for term in terms)

        ways = {"": twice, "jacfwd": along, "jet": series}
        if path not in ways:
            raise NotOfferedError("jax", "curvature", path)
        return self._compiled(ways[path], mode)

    def jacobian(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Return the whole Jacobian, in reverse or forward mode."""
        ways = {"": self._jax.jacrev, "forward": self._jax.jacfwd}
        if path not in ways:
            raise NotOfferedError("jax", "jacobian", path)

        def whole(*arrays: Any) -> tuple[Any, ...]:
            outputs, sources = self._outputs(function, arrays, inputs)
            every = tuple(range(len(sources)))
            return tuple(ways[path](lambda *given: outputs(*given)[0], argnums=every)(*sources))

        return self._compiled(whole, mode)

    def vmap(self, function: Function, mode: str, path: str) -> Function:
        """Run a batch in one go."""
        if path:
            raise NotOfferedError("jax", "vmap", path)
        return self._compiled(self._jax.vmap(function), mode)

    def _outputs(
        self, function: Function, arrays: Sequence[Any], inputs: Sequence[int]
    ) -> tuple[Function, tuple[Any, ...]]:
        """Return the floating-point outputs as a function of the inputs asked for, and these."""
        jnp = self._jax.numpy

        def outputs(*sources: Any) -> tuple[Any, ...]:
            replaced = dict(zip(inputs, sources, strict=True))
            found = function(*(replaced.get(position, array) for position, array in enumerate(arrays)))
            every = found if isinstance(found, (tuple, list)) else (found,)
            return tuple(output for output in every if jnp.issubdtype(jnp.result_type(output), jnp.inexact))

        return outputs, tuple(arrays[position] for position in inputs)
