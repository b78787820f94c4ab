"""Section 3: varints and frames. Reading raises ProtocolError with the close code that the rules name."""

import ipaddress

NO_ERROR, FLOW_CONTROL, STREAM_LIMIT, STREAM_STATE, FINAL_SIZE, FRAME_ENCODING, UNKNOWN_FRAME, ACK_OF_UNSENT = 0, 3, 4, 5, 6, 7, 8, 9
PROTOCOL_VIOLATION, MESSAGE_TOO_LARGE, GAP_LIMIT, KEY_UPDATE = 0x0A, 0x0B, 0x0D, 0x0E
MAX_VARINT = 2**53 - 1
MAX_MESSAGE = 2_097_152
# STT-FRM-7: what asks for no acknowledgement.
QUIET = {0x00, 0x02, 0x17, 0x1A, 0x1B, 0x1C}


class ProtocolError(Exception):
    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def varint(value):
    for prefix, size in enumerate((1, 2, 4, 8)):
        if value < 1 << 8 * size - 2:
            return (value | prefix << 8 * size - 2).to_bytes(size, "big")
    raise ValueError(value)


def handshake_done():
    return b"\x1e"


def ping():
    return b"\x01"


def stream(number, offset, data, fin):
    return bytes([9 if fin else 8]) + varint(number) + varint(offset) + varint(len(data)) + data


def max_data(limit):
    return b"\x10" + varint(limit)


def max_stream_data(number, limit):
    return b"\x11" + varint(number) + varint(limit)


def reset(number, code, final_size):
    return b"\x04" + varint(number) + varint(code) + varint(final_size)


def stop(number, code):
    return b"\x05" + varint(number) + varint(code)


def max_streams(one_way, maximum):
    return (b"\x13" if one_way else b"\x12") + varint(maximum)


def join(serial, kind):
    return b"\x17" + varint(serial) + bytes([kind])


def path_challenge(data):
    return b"\x1a" + data


def path_response(data):
    return b"\x1b" + data


def address_list(kind, number, candidates):
    """ADDRESSES (20) or PUNCH (21)."""
    return bytes([kind]) + varint(number) + varint(len(candidates)) + b"".join(candidates)


def observed(candidate):
    return b"\x22" + candidate


def datagram(data):
    return b"\x30" + varint(len(data)) + data


def close(code, is_application, reason):
    text = reason.encode()
    return b"\x1c" + bytes([is_application]) + varint(code) + varint(len(text)) + text


def ack(ranges, delay_us):
    """`ranges`: (first, last) of the numbers that arrived, ascending. FRM-8"""
    (low, high), *older = reversed(ranges)
    body = varint(high) + varint(delay_us) + varint(len(older)) + varint(high - low)
    for first, last in older:
        body += varint(low - last - 2) + varint(last - first)
        low = first
    return b"\x02" + body


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            raise ProtocolError(FRAME_ENCODING, "a field passes the end")
        self.at += size
        return self.data[self.at - size : self.at]

    def varint(self):
        first = self.take(1)
        size = 1 << (first[0] >> 6)
        raw = first + self.take(size - 1)
        value = int.from_bytes(raw, "big") & (1 << 8 * size - 2) - 1
        if value > MAX_VARINT or len(varint(value)) != size:
            raise ProtocolError(FRAME_ENCODING, "a varint that is too large or not in its shortest form")
        return value


def message_length(reader, maximum):
    """STT-FRM-14."""
    length = reader.varint()
    if length > min(maximum, MAX_MESSAGE):
        raise ProtocolError(MESSAGE_TOO_LARGE, "a message above the limit")
    return length


def read_frames(data, punch=False):
    """Yields (type, fields…). What stands before a refused frame was yielded before it.

    punch: whether the session agreed on hole punching (STT-FRM-18)."""
    if not data:
        raise ProtocolError(FRAME_ENCODING, "a packet without a frame")
    reader = Reader(data)
    while reader.at < len(data):
        kind = reader.take(1)[0]
        if kind in (0x00, 0x01, 0x1E):
            yield (kind,)
        elif kind == 0x02:
            yield kind, *_read_ack(reader)
        elif kind == 0x04:
            yield kind, reader.varint(), reader.varint(), reader.varint()
        elif kind == 0x05:
            yield kind, reader.varint(), reader.varint()
        elif kind in (0x08, 0x09):
            number, offset, length = reader.varint(), reader.varint(), reader.varint()
            if offset + length > MAX_VARINT:
                raise ProtocolError(FRAME_ENCODING, "bytes above the largest offset")
            yield 0x08, number, offset, reader.take(length), kind == 0x09
        elif kind == 0x10:
            yield kind, reader.varint()
        elif kind == 0x11:
            yield kind, reader.varint(), reader.varint()
        elif kind in (0x12, 0x13):
            maximum = reader.varint()
            if maximum > 2**51 - 1:
                raise ProtocolError(FRAME_ENCODING, "more streams than there are ids")
            yield kind, maximum
        elif kind == 0x17:
            serial = reader.varint()
            if serial == 0:
                raise ProtocolError(FRAME_ENCODING, "a JOIN with the serial 0")
            yield kind, serial, reader.take(1)[0]
        elif punch and kind in (0x20, 0x21):
            yield kind, *_read_address_list(reader)
        elif punch and kind == 0x22:
            yield kind, read_candidate(reader)
        elif kind in (0x1A, 0x1B):
            yield kind, reader.take(8)
        elif kind == 0x1C:
            yield kind, *_read_close(reader)
        elif kind == 0x30:
            yield kind, reader.take(reader.varint())
        else:
            raise ProtocolError(UNKNOWN_FRAME, f"a frame of type {kind:02x}")


def _read_ack(reader):
    largest, delay, count, first_range = reader.varint(), reader.varint(), reader.varint(), reader.varint()
    low = largest - first_range
    ranges = [(low, largest)]
    for _ in range(count):
        gap, length = reader.varint(), reader.varint()
        high = low - gap - 2
        low = high - length
        ranges.append((low, high))
        if low < 0:
            break
    if low < 0:
        raise ProtocolError(FRAME_ENCODING, "a range below number 0")
    return ranges, delay


def _read_address_list(reader):
    """STT-FRM-17: the number, and those of its candidates that are understood."""
    start = reader.at - 1
    number, amount = reader.varint(), reader.varint()
    if number == 0 or amount > 8:
        raise ProtocolError(FRAME_ENCODING, "a list of addresses with the number 0, or of more than 8")
    candidates = [read_candidate(reader) for _ in range(amount)]
    if reader.at - start > 1000:
        raise ProtocolError(FRAME_ENCODING, "a list of addresses above 1,000 bytes")
    return number, [each for each in candidates if each is not None]


def read_candidate(reader):
    """STT-RLY-4: (source, address, port); None for what a later version defines, and for no bytes."""
    body = reader.take(reader.varint())
    kind, source = (body + b"\0\0")[:2]
    if kind not in (1, 2):
        return None
    if len(body) != (8 if kind == 1 else 20):
        raise ProtocolError(FRAME_ENCODING, "an address of another length than its kind")
    if not 1 <= source <= 4:
        return None
    address = ipaddress.ip_address(body[2:-2])
    return ("host", "observed", "mapped", "configured")[source - 1], str(address), int.from_bytes(body[-2:], "big")


def _read_close(reader):
    (is_application,) = reader.take(1)
    code, length = reader.varint(), reader.varint()
    reason = reader.take(length)
    if is_application > 1 or length > 256:
        raise ProtocolError(FRAME_ENCODING, "a CLOSE of another form")
    try:
        return is_application == 1, code, reason.decode("utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(FRAME_ENCODING, "a reason that is not UTF-8") from None
