"""Section 8: the native serialization, plain encoding and canonical decoding."""

import math
import struct

NAN = bytes.fromhex("7ff8000000000000")
DEEPEST = 64


def encode(value, depth=0):
    """Raises ValueError for what has no encoding."""
    if value is None:
        return b"\x00"
    if isinstance(value, bool):
        return b"\x02" if value else b"\x01"
    if isinstance(value, int):
        for tag, size in ((0x10, 1), (0x11, 2), (0x12, 4), (0x13, 8)):
            if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
                return bytes([tag]) + value.to_bytes(size, "big", signed=True)
        if not 0 <= value < 1 << 64:
            raise ValueError("an integer of more than 64 bits")
        return b"\x17" + value.to_bytes(8, "big")
    if isinstance(value, float):
        if is_safe(value):
            return encode(int(value))
        return b"\x21" + (NAN if math.isnan(value) else struct.pack(">d", value))
    if isinstance(value, bytes):
        return b"\x30" + len(value).to_bytes(4, "big") + value
    if isinstance(value, str):
        text = value.encode()
        return b"\x31" + len(text).to_bytes(4, "big") + text
    if depth == DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return b"\x40" + len(value).to_bytes(4, "big") + b"".join(encode(item, depth + 1) for item in value)
    if isinstance(value, dict):
        entries = sorted((key.encode(), key) for key in value)
        body = (encode(key) + encode(value[key], depth + 1) for _, key in entries)
        return b"\x41" + len(value).to_bytes(4, "big") + b"".join(body)
    raise TypeError(f"no encoding for {value!r}")


def is_safe(number):
    """Whether a float is an integer that plain encoding writes as one."""
    return math.isfinite(number) and abs(number) < 1 << 53 and number == int(number)


def decode(data):
    """The one value that these bytes are. Raises ValueError for anything that plain encoding would not have written."""
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise ValueError("bytes behind the value")
    return value


def _value(data, at, depth):
    tag, at = _take(data, at, 1)
    tag = tag[0]
    if tag <= 0x02:
        return (None, False, True)[tag], at
    if 0x10 <= tag <= 0x13:
        raw, at = _take(data, at, 1 << tag - 0x10)
        return _canonical(int.from_bytes(raw, "big", signed=True), tag, raw), at
    if tag == 0x17:
        raw, at = _take(data, at, 8)
        number = int.from_bytes(raw, "big")
        if number < 1 << 63:
            raise ValueError("a number in another form than plain encoding gives it")
        return number, at
    if tag == 0x21:
        raw, at = _take(data, at, 8)
        (number,) = struct.unpack(">d", raw)
        if math.isnan(number) and raw != NAN:
            raise ValueError("another NaN than the one")
        if is_safe(number):
            raise ValueError("a number in another form than plain encoding gives it")
        return number, at
    if tag in (0x30, 0x31):
        size, at = _size(data, at, 1)
        raw, at = _take(data, at, size)
        return (raw if tag == 0x30 else raw.decode("utf-8")), at
    if tag in (0x40, 0x41) and depth < DEEPEST:
        count, at = _size(data, at, 1 if tag == 0x40 else 6)
        if tag == 0x40:
            items = []
            for _ in range(count):
                item, at = _value(data, at, depth + 1)
                items.append(item)
            return items, at
        entries, before = {}, None
        for _ in range(count):
            key, at = _value(data, at, depth + 1)
            if not isinstance(key, str) or (before is not None and key.encode() <= before):
                raise ValueError("a key that is no string, out of order, or there twice")
            before = key.encode()
            entries[key], at = _value(data, at, depth + 1)
        return entries, at
    raise ValueError(f"tag {tag:02x}")


def _take(data, at, size):
    if at + size > len(data):
        raise ValueError("the bytes end before the value does")
    return data[at : at + size], at + size


def _size(data, at, least):
    raw, at = _take(data, at, 4)
    size = int.from_bytes(raw, "big")
    if size * least > len(data) - at:
        raise ValueError("a size beyond the bytes that follow")
    return size, at


def _canonical(number, tag, raw):
    if encode(number) != bytes([tag]) + raw:
        raise ValueError("a number in another form than plain encoding gives it")
    return number
