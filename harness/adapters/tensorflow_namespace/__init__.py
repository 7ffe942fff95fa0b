"""TensorFlow under the names of the Array API standard 2024.12; no other package offers it.

One module a subject, as in the standard; each holds one class, and `TensorflowNamespace` joins them. What TensorFlow
has a function for is that function, since TensorFlow is what is being tested; what it lacks is composed of its
functions. Shapes must be known when a function is traced.

Two words are not settled by the standard and follow `tf.experimental.numpy`: the default dtypes are float64 and int64.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness.adapters.tensorflow_namespace.arithmetic import Arithmetic
from harness.adapters.tensorflow_namespace.comparison import Comparison
from harness.adapters.tensorflow_namespace.creation import Creation
from harness.adapters.tensorflow_namespace.elementwise import Elementwise
from harness.adapters.tensorflow_namespace.linear import Linear
from harness.adapters.tensorflow_namespace.reductions import Reductions
from harness.adapters.tensorflow_namespace.searching import Searching
from harness.adapters.tensorflow_namespace.shaping import Shaping

__all__ = ["TensorflowNamespace"]

_LINALG = (
    "cross",
    "diagonal",
    "matmul",
    "matrix_transpose",
    "outer",
    "solve",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
)


class TensorflowNamespace(Arithmetic, Comparison, Elementwise, Reductions, Searching, Shaping, Linear, Creation):
    """The standard's namespace, made of the functions of one `tensorflow` module.

    Attributes:
        linalg: The standard's linear algebra extension, as far as it is offered.

    Args:
        tensorflow: The imported module.
    """

    def __init__(self, tensorflow: Any) -> None:
        """Hide every function from AutoGraph, as TensorFlow's own are: it is for the code of users."""
        super().__init__(tensorflow)
        opaque = tensorflow.autograph.experimental.do_not_convert
        for name in dir(type(self)):
            if not name.startswith("_"):
                setattr(self, name, opaque(getattr(self, name)))
        self.linalg = SimpleNamespace(**{name: getattr(self, name) for name in _LINALG})
