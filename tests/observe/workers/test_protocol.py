"""Tests of the frames."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.observe.workers.protocol import MARK, FrameError, Named, read_frame, skip_noise, write_frame

__all__: list[str] = []

DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
]
SPECIAL = {
    "float16": ("u2", [0x8000, 0x0001, 0x7C00, 0xFC00, 0x7E00, 0x7D55, 0xFE01]),
    "float32": ("u4", [0x80000000, 0x00000001, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7FA12345, 0xFFC00001]),
    "float64": (
        "u8",
        [1 << 63, 1, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48, 0x7FF4_0000_DEAD_BEEF, 0xFFF8_0000_0000_0001],
    ),
}


def _frame(header: dict[str, Any], *arrays: Any) -> bytes:
    buffer = io.BytesIO()
    write_frame(buffer, header, arrays)
    return buffer.getvalue()


def _there_and_back(header: dict[str, Any], *arrays: Any) -> tuple[dict[str, Any], list[Named]]:
    return read_frame(io.BytesIO(_frame(header, *arrays)))


@given(st.sampled_from(DTYPES).flatmap(lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, min_side=0))))
def test_arrays_of_every_dtype_and_shape_survive(array: np.ndarray[Any, Any]) -> None:
    """Bits, dtype and shape are the same, for arrays without dimensions and without elements too."""
    _, (named,) = _there_and_back({}, array)
    assert named.dtype == array.dtype.name
    assert named.array.dtype == array.dtype
    assert named.array.shape == array.shape
    assert named.array.tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", SPECIAL)
def test_special_values_survive_bit_for_bit(dtype: str) -> None:
    """Negative zero, subnormals, infinities, and quiet and signalling NaNs keep payload and sign."""
    raw, bits = SPECIAL[dtype]
    array = np.array(bits, raw).view(dtype)
    _, (named,) = _there_and_back({}, array)
    assert bits == named.array.view(raw).tolist()
    assert named.array.flags.writeable
    assert named.array.flags.aligned


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_special_values_survive_in_complex_numbers(dtype: str) -> None:
    """Both parts keep their bits."""
    raw, bits = SPECIAL["float32" if dtype == "complex64" else "float64"]
    array = np.array(bits[:6], raw).view(dtype)
    _, (named,) = _there_and_back({}, array)
    assert bits[:6] == named.array.view(raw).tolist()


def test_arrays_of_any_layout_and_byte_order_survive() -> None:
    """Transposed, strided and big-endian arrays arrive as the same numbers in C order."""
    array = np.arange(24, dtype=">f8").reshape(4, 6).T[::2]
    _, (named,) = _there_and_back({}, array)
    assert array.tolist() == named.array.tolist()
    assert named.array.dtype == np.float64


def test_bfloat16_arrives_as_its_bits_where_numpy_does_not_know_it() -> None:
    """Without ml_dtypes it is uint16 with the name of the dtype; nothing is rounded."""
    bits = np.array([0x3F80, 0x8000, 0x7FC1, 0x0001], np.uint16)
    source = _frame({}, Named("bfloat16", bits))
    script = (
        "import io, sys\n"
        "from harness.observe.workers.protocol import read_frame\n"
        "_, (named,) = read_frame(io.BytesIO(sys.stdin.buffer.read()))\n"
        "print(named.dtype, named.array.dtype.name, named.array.tolist(), 'ml_dtypes' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=source, capture_output=True, check=True)
    assert f"bfloat16 uint16 {bits.tolist()} False" == done.stdout.decode().strip()


def test_bfloat16_keeps_its_dtype_where_numpy_knows_it() -> None:
    """With ml_dtypes loaded it is a bfloat16 array again."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.5, -0.0, math.nan], ml_dtypes.bfloat16)
    _, (named,) = _there_and_back({}, array)
    assert named.dtype == "bfloat16"
    assert array.dtype == named.array.dtype
    assert array.tobytes() == named.array.tobytes()


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple)
    | st.dictionaries(st.text(st.characters()) | st.integers() | st.tuples(st.integers()), inner),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(st.characters()), _PLAIN))
def test_headers_survive_with_their_types(header: dict[str, Any]) -> None:
    """Tuples stay tuples, keys keep their type, and lone surrogates and NUL pass."""
    got, _ = _there_and_back(header)
    assert header == got
    assert repr(header) == repr(got)


def test_a_header_that_looks_like_an_escape_survives() -> None:
    """The mark of an escape is escaped itself."""
    header = {"!": "tuple", "of": [{"!": {"!": 1}}], "\ud800": (math.inf, ("a",))}
    assert header == _there_and_back(header)[0]
    assert math.isnan(_there_and_back({"x": math.nan})[0]["x"])


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", np.float32(1)])
def test_what_cannot_be_said_in_json_is_refused(value: Any) -> None:
    """The message says what it was and what may be sent; nothing is written."""
    buffer = io.BytesIO()
    with pytest.raises(FrameError, match="cannot be sent to a worker: expected None"):
        write_frame(buffer, {"parameters": {"x": value}})
    assert buffer.getvalue() == b""


@pytest.mark.parametrize("array", [np.array([object()]), np.array(["a"]), np.array(["2020"], "datetime64[D]")])
def test_arrays_that_hold_no_numbers_are_refused(array: np.ndarray[Any, Any]) -> None:
    """Objects, strings and dates are refused by the sender."""
    with pytest.raises(FrameError, match="expected booleans or numbers"):
        _frame({}, array)


def test_a_frame_above_the_cap_is_refused_by_the_sender() -> None:
    """The cap is the same on both sides."""
    with pytest.raises(FrameError, match="cap of 100 bytes"):
        write_frame(io.BytesIO(), {}, [np.zeros(100)], limit=100)


class _Counting(io.BytesIO):
    def read(self, count: int | None = -1, /) -> bytes:
        assert count is not None
        assert 0 <= count <= 1000, "it asked for memory before it looked at the cap"
        return super().read(count)


def test_a_huge_frame_is_refused_before_anything_is_allocated() -> None:
    """A length above the cap is never read."""
    with pytest.raises(FrameError, match="noise, not a frame"):
        read_frame(_Counting(struct.pack("<QI", 1 << 62, 0) + b"x" * 100), limit=1000)


def test_the_end_of_the_stream_is_told_from_a_frame_cut_short() -> None:
    """Between frames it is the end; at every place inside one it is an error."""
    frame = _frame({"a": 1}, np.arange(3))
    with pytest.raises(EOFError):
        read_frame(io.BytesIO(b""))
    for length in range(1, len(frame)):
        with pytest.raises(FrameError, match="ended after"):
            read_frame(io.BytesIO(frame[:length]))


def test_every_flipped_bit_is_noticed() -> None:
    """No single bit of a frame can change unseen."""
    frame = _frame({"a": 1}, np.arange(3))
    for bit in range(8 * len(frame)):
        bad = bytearray(frame)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FrameError):
            read_frame(io.BytesIO(bad), limit=1 << 20)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        struct.pack("<I", 100) + b"{}",
        *(
            struct.pack("<I", len(text)) + text
            for text in (
                b"[{}, 1]",
                b"[[], []]",
                b"{}",
                b'[{}, [["float64", 8, [-1]]]]',
                b'[{}, [["float64", 8, [2]]]]',
                b'[{}, [["float64", 4, [0]]]]',
                b'[{}, [["object", 8, [0]]]]',
                b'[{}, [["bfloat16", 3, [0]]]]',
                b'[{"!": "pickle", "of": []}, []]',
                b'[{"!": "complex"}, []]',
                b"\xff\xfe",
            )
        ),
    ],
)
def test_malformed_payloads_are_refused(payload: bytes) -> None:
    """A payload with the right CRC that makes no sense is an error of one kind."""
    frame = struct.pack("<QI", len(payload), zlib.crc32(payload)) + payload
    with pytest.raises(FrameError, match="malformed"):
        read_frame(io.BytesIO(frame))


def test_noise_before_the_greeting_is_skipped() -> None:
    """What Python printed while it started comes back; the first frame follows."""
    source = io.BytesIO(b"hello from a .pth file\n\0harn" + MARK + _frame({"hello": {}}))
    assert skip_noise(source) == b"hello from a .pth file\n\0harn"
    assert read_frame(source) == ({"hello": {}}, [])


def test_endless_noise_and_silence_before_the_greeting_are_errors() -> None:
    """Neither is waited for for ever."""
    with pytest.raises(FrameError, match="No greeting within 100 bytes"):
        skip_noise(io.BytesIO(b"x" * 1000), limit=100)
    with pytest.raises(EOFError):
        skip_noise(io.BytesIO(b"x" * 10))
