"""Records as lines: JSON with its CRC-32 before it, and what older versions wrote."""

from __future__ import annotations

import contextlib
import json
import math
import zlib
from typing import TYPE_CHECKING, Any, Union

import msgspec

from harness.errors import StoreError
from harness.model import RECORDS, SCHEMA, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["UPGRADES", "decode", "encode", "framed", "unframed"]

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Schema to the function that turns a record's JSON of that schema into the next schema's."""

_KINDS: Any = Union[RECORDS]  # noqa: UP007 - made of a tuple
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(_KINDS)


def framed(text: bytes) -> bytes:
    """Put the CRC-32 of a record's JSON before it, and an end of line behind it."""
    return b"%08x %b\n" % (zlib.crc32(text), text)


def unframed(line: bytes) -> bytes | None:
    """Return the JSON of a line; None where its CRC-32 is not that of its JSON."""
    text = line[9:]
    return text if line[:9] == b"%08x " % zlib.crc32(text) else None


def decode(text: bytes, path: Path, number: int) -> Record | None:
    """Decode a line whose CRC is right; none if it is no record, or its arrays are not what their digests say."""
    record: Record | None
    try:
        record = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = None
    if record is None or record.schema != SCHEMA:
        record = _upgraded(text, path, number)
    if record is None or not all(array.intact for array in record.arrays()):
        return None
    return record


def _upgraded(text: bytes, path: Path, number: int) -> Record | None:
    """Decode what is older, or was written the long way round."""
    try:
        plain = json.loads(text)
        schema = plain["schema"]
        if not isinstance(schema, int):
            return None
        if schema > SCHEMA:
            raise StoreError(
                f"{path}:{number} was written by a newer framework-harness: it has schema {schema}, this one reads up "
                f"to {SCHEMA}. Use the version that wrote it: pip install --upgrade framework-harness."
            )
        for older in range(schema, SCHEMA):
            plain = UPGRADES[older](plain)
        converted: Record = msgspec.convert(plain, _KINDS, strict=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return converted


def encode(record: Record) -> bytes:
    """Write a record as JSON, also what JSON has no word for."""
    if all(map(math.isfinite, record.floats())):
        with contextlib.suppress(UnicodeEncodeError):  # lone surrogates, which UTF-8 has no bytes for
            return _encoder.encode(record)
    return json.dumps(_spelled(msgspec.to_builtins(record))).encode("ascii")


def _spelled(value: Any) -> Any:
    """Spell numbers that JSON lacks: `"nan"`, `"inf"`, `"-inf"`."""
    if isinstance(value, dict):
        return {name: _spelled(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
