"""Arrays, bit for bit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Array"]


class Array(msgspec.Struct, frozen=True):
    """An array, bit for bit.

    Attributes:
        dtype: Name of the dtype: `float32`, `bfloat16`, `int64`, `bool`, ….
        shape: Its shape.
        data: Little-endian bytes in C order.
        sha256: Of `data`, in hexadecimal.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    sha256: str

    @classmethod
    def of(cls, array: np.ndarray[Any, Any]) -> Array:
        """Write an array down."""
        import numpy as np

        contiguous = np.ascontiguousarray(array)
        if contiguous.dtype.byteorder == ">":
            contiguous = contiguous.astype(contiguous.dtype.newbyteorder("<"))
        data = contiguous.tobytes()
        return cls(array.dtype.name, tuple(array.shape), data, hashlib.sha256(data).hexdigest())

    @property
    def intact(self) -> bool:
        """Whether bytes, shape and digest belong together."""
        return hashlib.sha256(self.data).hexdigest() == self.sha256

    def numpy(self) -> np.ndarray[Any, Any]:
        """Read the array back, in its own dtype. bfloat16, which NumPy lacks, comes back as exact float32."""
        import numpy as np

        if self.dtype == "bfloat16":
            widened = np.frombuffer(self.data, dtype="<u2").astype(np.uint32) << np.uint32(16)
            return widened.view(np.float32).reshape(self.shape)
        return np.frombuffer(self.data, dtype=np.dtype(self.dtype).newbyteorder("<")).reshape(self.shape)
