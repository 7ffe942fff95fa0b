"""Frames: what passes through the pipe between the supervisor and a worker.

A frame is a length, a CRC-32 and a payload. The payload is a header in JSON, prefixed with its own length, and the
raw little-endian bytes of arrays. The length is held against a cap before anything is allocated, so that a worker
that writes garbage can neither exhaust the supervisor's memory nor be believed.
"""

from __future__ import annotations

import json
import math
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from harness.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

__all__ = ["LIMIT", "MARK", "FrameError", "Named", "Source", "Target", "read_frame", "skip_noise", "write_frame"]

LIMIT = 1 << 30
"""Largest payload, in bytes."""

MARK = b"\0harness\n"
"""Written before the first frame: what stands before it was printed while Python itself started."""

_PREFIX = struct.Struct("<QI")
_HEADER = struct.Struct("<I")
_DTYPE = re.compile(r"bool|(bfloat|complex|float|int|uint)[0-9]+(_[a-z0-9]+)?")
_ESCAPE = "!"


class FrameError(WorkerError):
    """What was read is no frame."""


class Source(Protocol):
    """What frames are read from: `read` gives exactly `count` bytes, fewer only at the end of the stream."""

    def read(self, count: int, /) -> bytes:
        """Read bytes."""


class Target(Protocol):
    """What frames are written to."""

    def write(self, data: bytes, /) -> Any:
        """Write all bytes."""

    def flush(self) -> Any:
        """Hand over what was buffered."""


class Named(NamedTuple):
    """An array with the name of its dtype.

    Attributes:
        dtype: The name.
        array: In that dtype where NumPy knows it; otherwise unsigned integers of the same bits (bfloat16 becomes
            uint16 where ml_dtypes is not loaded).
    """

    dtype: str
    array: np.ndarray[Any, Any]


def write_frame(
    target: Target, header: dict[str, Any], arrays: Sequence[np.ndarray[Any, Any] | Named] = (), limit: int = LIMIT
) -> None:
    """Write one frame.

    Args:
        target: Where to.
        header: Names to JSON values; tuples and complex numbers in it keep their type.
        arrays: Booleans and numbers of any dtype. A `Named` array says that its bits mean another dtype.
        limit: Largest payload, in bytes.

    Raises:
        FrameError: If it would be larger, or an array holds no numbers. Nothing was written then.
    """
    named = [array if isinstance(array, Named) else Named(array.dtype.name, array) for array in arrays]
    described = [[name, array.dtype.itemsize, list(array.shape)] for name, array in named]
    for name, array in named:
        if not _DTYPE.fullmatch(name):
            raise FrameError(f"An array of dtype {array.dtype} cannot be sent: expected booleans or numbers.")
    text = json.dumps([_encode(header), described]).encode("ascii")
    pieces = [_HEADER.pack(len(text)), text, *(_little(array) for _, array in named)]
    length = sum(map(len, pieces))
    if length > limit:
        raise FrameError(f"A frame of {length} bytes is larger than the cap of {limit} bytes. Make the sample smaller.")
    checksum = 0
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    for piece in (_PREFIX.pack(length, checksum), *pieces):
        target.write(piece)
    target.flush()


def read_frame(source: Source, limit: int = LIMIT) -> tuple[dict[str, Any], list[Named]]:
    """Read one frame.

    Args:
        source: Where from.
        limit: Largest payload to accept, in bytes.

    Returns:
        The header, and writable arrays of their own memory.

    Raises:
        EOFError: If the stream ended before the frame began.
        FrameError: If the frame is too large, cut short, corrupt or malformed.
    """
    prefix = source.read(_PREFIX.size)
    if not prefix:
        raise EOFError
    if len(prefix) < _PREFIX.size:
        raise FrameError(f"The stream ended after {len(prefix)} bytes of a frame's prefix.")
    length, checksum = _PREFIX.unpack(prefix)
    if length > limit:
        raise FrameError(f"A frame claims {length} bytes, more than the cap of {limit}: it is noise, not a frame.")
    payload = source.read(length)
    if len(payload) < length:
        raise FrameError(f"The stream ended after {len(payload)} of a frame's {length} bytes.")
    if zlib.crc32(payload) != checksum:
        raise FrameError(f"A frame of {length} bytes does not match its CRC-32.")
    try:
        return _parse(payload)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error, RecursionError) as error:
        raise FrameError(f"A frame of {length} bytes is malformed: {error}") from error


def skip_noise(source: Source, limit: int = 1 << 16) -> bytes:
    """Read up to and including `MARK`, and give what stood before it.

    Raises:
        FrameError: If there is no mark within `limit` bytes.
        EOFError: If the stream ends before it.
    """
    seen = bytearray()
    while not seen.endswith(MARK):
        byte = source.read(1)
        if not byte:
            raise EOFError
        seen += byte
        if len(seen) > limit:
            raise FrameError(f"No greeting within {limit} bytes; they began with {bytes(seen[:60])!r}.")
    return bytes(seen[: -len(MARK)])


def _parse(payload: bytes) -> tuple[dict[str, Any], list[Named]]:
    (size,) = _HEADER.unpack_from(payload)
    position = _HEADER.size + size
    header, described = json.loads(payload[_HEADER.size : position])
    arrays = []
    for name, itemsize, shape in described:
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError(f"shape {shape}")
        start, position = position, position + itemsize * math.prod(shape)
        arrays.append(Named(name, _array(name, itemsize, payload[start:position]).reshape(shape)))
    if position != len(payload):
        raise ValueError(f"its arrays take {position} bytes")
    decoded = _decode(header)
    if not isinstance(decoded, dict):
        raise TypeError("its header is no object")
    return decoded, arrays


def _array(name: str, itemsize: int, data: bytes) -> np.ndarray[Any, Any]:
    import numpy as np

    if not _DTYPE.fullmatch(name):
        raise ValueError(f"dtype {name!r}")
    try:
        dtype = np.dtype(name)
    except TypeError:
        dtype = np.dtype(f"u{itemsize}")
    if dtype.itemsize != itemsize:
        raise ValueError(f"dtype {name} of {itemsize} bytes")
    # Copied, so that it is aligned and writable whatever stood before it in the frame.
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype, copy=True)


def _little(array: np.ndarray[Any, Any]) -> bytes:
    little = array.dtype.newbyteorder("<")
    return (array if array.dtype == little else array.astype(little)).tobytes()


def _encode(value: Any) -> Any:
    """Say in JSON what JSON has no word for: tuples, complex numbers, keys that are no strings."""
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value) and _ESCAPE not in value:
            return {key: _encode(item) for key, item in value.items()}
        return {_ESCAPE: "dict", "of": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, tuple):
        return {_ESCAPE: "tuple", "of": [_encode(item) for item in value]}
    if isinstance(value, complex):
        return {_ESCAPE: "complex", "of": [value.real, value.imag]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise FrameError(
        f"{value!r} of type {type(value).__name__} cannot be sent to a worker: expected None, a boolean, a number, "
        "a string, or lists, tuples and dictionaries of them."
    )


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _ESCAPE not in value:
        return {key: _decode(item) for key, item in value.items()}
    kind, items = value[_ESCAPE], value["of"]
    if kind == "tuple":
        return tuple(_decode(item) for item in items)
    if kind == "complex":
        return complex(*items)
    if kind == "dict":
        return {_decode(key): _decode(item) for key, item in items}
    raise ValueError(f"escape {kind!r}")
