"""Calls of products, systems of equations, decompositions and Fourier transforms."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.calls.specification import AXES, OMITTED, Choice, call, matrix, numbers

__all__ = ["ENTRIES"]


def _symmetric(xp: Any, x: Any) -> Any:
    return x + xp.matrix_transpose(x)


def _signless(name: str) -> Any:
    """Take the sizes of what is defined but for its signs, such as singular vectors."""
    return lambda xp, x, **named: tuple([xp.abs(part) for part in getattr(xp.linalg, name)(x, **named)])


_KEPT = Choice(False, True)
_TRANSFORMED = numbers("m", "n", kinds="c")
_HALF = numbers("k", 4, kinds="c")
_LENGTH = Choice(OMITTED, None, 7, 6)


def _inner(*shape: Any) -> Any:
    return numbers(*shape, kinds="fiuc")


ENTRIES: dict[str, Any] = {
    "matmul": (
        call(_inner(..., "N", "K"), _inner(..., "K", "M")),
        call(_inner("K"), _inner("K")),
        call(_inner(..., "N", "K"), _inner("K")),
        call(_inner("K"), _inner(..., "K", "M")),
    ),
    "vecdot": (call(_inner(..., "K"), _inner(..., "K")), call(_inner("K", "N"), _inner("K", "N"), axis=-2)),
    "tensordot": (
        call(_inner("N", "K"), _inner("K", "M"), axes=1),
        call(_inner("N", "K", "M"), _inner("K", "M", 3), axes=Choice(2, ([1, 2], [0, 1]))),
        call(_inner("N", "K"), _inner("M"), axes=0),
        call(_inner("N", "K"), _inner("K", "N", 2), axes=((0, 1), (1, 0))),
    ),
    "einsum": (
        call("ij,jk->ik", numbers("n", "m"), numbers("m", "k")),
        call("ij,kj->ik", numbers("n", "m"), numbers("k", "m")),
        call("bij,bjk->bk", numbers("k", "n", "m"), numbers("k", "m", "n")),
        call(Choice("ij->ji", "ij->"), numbers("n", "m")),
        call(Choice("i,i->", "i,j->ij"), numbers("n"), numbers("n")),
        call("ij,jk,kl->il", numbers("n", "m"), numbers("m", "k"), numbers("k", "n")),
        call("ij,ij->i", numbers("n", "m"), numbers("n", "m")),
    ),
    "linalg.outer": call(_inner("N"), _inner("M")),
    "linalg.diagonal linalg.trace": call(_inner(..., "M", "N"), offset=Choice(OMITTED, -1, 1, -4, 4)),
    "linalg.cross": (
        call(numbers(..., 3), numbers(..., 3)),
        call(numbers("N", 3, "M"), numbers("N", 3, "M"), axis=-2),
        call(numbers(3, "M"), numbers(3, "M"), axis=Choice(0, -2)),
    ),
    "linalg.multi_dot": (
        call((numbers("n", "m"), numbers("m", "k"), numbers("k", "n"))),
        call((numbers("n", "m"), numbers("m", "k"), numbers("k", "n"), numbers("n", "k"))),
    ),
    "linalg.vander": call(numbers("n"), Choice(4, 1, 3)),
    "kron": call(numbers("n", "m"), numbers("k", "n")),
    "linalg.vector_norm": call(
        numbers("m", "n", low=0.25),
        axis=AXES,
        keepdims=_KEPT,
        ord=Choice(OMITTED, 1, 2, 3, math.inf, -math.inf),
    ),
    "linalg.matrix_norm": call(
        matrix(..., "m", "n"), keepdims=_KEPT, ord=Choice("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf, OMITTED)
    ),
    "linalg.matrix_power": call(matrix(..., "n", "n"), Choice(0, 1, 2, 3, 4, -1, -2)),
    "linalg.inv linalg.det linalg.slogdet linalg.cond linalg.svdvals": call(matrix(..., "n", "n")),
    "linalg.expm": call(matrix(..., "n", "n"), form=lambda xp, x: xp.linalg.expm(x / 16)),
    "linalg.pinv": (call(matrix(..., "n", "k")), call(matrix(..., "k", "n"))),
    "linalg.cholesky": call(matrix(..., "n", "n"), form=lambda xp, x: xp.linalg.cholesky(_symmetric(xp, x))),
    "linalg.logdet": call(matrix(..., "n", "n"), form=lambda xp, x: xp.linalg.logdet(_symmetric(xp, x))),
    "linalg.eigvalsh": call(matrix(..., "n", "n"), form=lambda xp, x: xp.linalg.eigvalsh(_symmetric(xp, x))),
    "linalg.eigh": call(
        matrix(..., "n", "n", without=(0.0,)), form=lambda xp, x: _signless("eigh")(xp, _symmetric(xp, x))
    ),
    "linalg.qr": (
        call(matrix(..., "n", "n", without=(0.0,)), form=_signless("qr")),
        call(matrix(..., "2n", "n", without=(0.0,)), form=_signless("qr")),
    ),
    "linalg.svd": (
        call(matrix(..., "n", "n", without=(0.0,)), form=_signless("svd"), full_matrices=False),
        call(matrix(..., "2n", "n", without=(0.0,)), form=_signless("svd"), full_matrices=False),
        call(matrix("n", "2n", without=(0.0,)), form=_signless("svd"), full_matrices=False),
    ),
    "linalg.solve": (
        call(matrix(..., "n", "n"), numbers("n")),
        call(matrix(..., "n", "n"), numbers(..., "n", "k")),
    ),
    "linalg.solve_triangular": (
        call(matrix("n", "n", triangle="upper"), numbers("n", "k"), lower=Choice(OMITTED, False)),
        call(matrix("k", "n", "n", triangle="lower"), numbers("k", "n", 2), lower=True),
    ),
    "linalg.cholesky_solve": (
        call(matrix("n", "n", triangle="lower"), numbers("n", "k")),
        call(matrix("k", "n", "n", triangle="lower"), numbers("k", "n", 2)),
    ),
    "linalg.lstsq": (call(matrix("2n", "n"), numbers("2n", "k")), call(matrix("n", "n"), numbers("n", 2))),
    "fft.fft fft.ifft": (call(_TRANSFORMED, axis=Choice(0, OMITTED, -1)), call(numbers("3n", kinds="c"))),
    "fft.fftn fft.ifftn": (
        call(_TRANSFORMED, axes=Choice((0, 1), (-1, -2), None, (0,), OMITTED)),
        call(numbers("k", "m", "n", kinds="c"), axes=Choice((-1, -3), (1,))),
    ),
    "fft.rfft": (call(numbers(..., "n")), call(numbers("2n"))),
    "fft.irfft fft.hfft": call(_HALF, n=_LENGTH),
}
"""Names of operations, with blanks between them, to a call of each, or to several."""
