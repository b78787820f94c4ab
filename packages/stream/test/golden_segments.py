#!/usr/bin/env python3
"""Golden bytes of a sealed stream, from a second implementation that shares nothing with the first.

Written from docs/PROTOCOL.md sections 1 and 9 with Python's standard library and the package `cryptography`. Run it to
write the file again:

    python3 packages/stream/test/golden_segments.py > packages/stream/test/golden-segments.json
"""

import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

END, NEW_KEY = 1, 2


def u(width, value):
    return value.to_bytes(width, "big")


def expand(key, info, length):
    output = block = b""
    counter = 1
    while len(output) < length:
        block = hmac.new(key, block + info + u(1, counter), hashlib.blake2b).digest()
        output += block
        counter += 1
    return output[:length]


def next_key(key):
    label = b"stt1 ku"
    return expand(key, u(2, 32) + u(1, len(label)) + label + u(1, 0), 32)


file_key = bytes(range(32))
context = "golden stream".encode()
salt = bytes(range(0x80, 0x80 + 24))
parts = [bytes(range(40)), bytes(range(40, 45))]
segment_size = 16

info = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0" + salt
info += b"segments" + u(4, len(context)) + context
derived = expand(file_key, info, 76)
key, base, commitment = derived[:32], derived[32:44], derived[44:]

pieces = [salt + commitment]
epoch = 0


def seal(flags, plaintext):
    sequence = len(pieces) - 1
    header = u(1, flags) + u(3, len(plaintext)) + u(4, epoch) + u(8, sequence)
    nonce = base[:4] + u(8, int.from_bytes(base[4:], "big") ^ sequence)
    pieces.append(header + ChaCha20Poly1305(key).encrypt(nonce, plaintext, header))


for number, part in enumerate(parts):
    if number == 1:
        seal(NEW_KEY, b"")
        key, epoch = next_key(key), epoch + 1
    for at in range(0, len(part), segment_size):
        seal(0, part[at : at + segment_size])
seal(END, b"")

print(
    json.dumps(
        {
            "key": file_key.hex(),
            "context": context.decode(),
            "salt": salt.hex(),
            "segmentSize": segment_size,
            "parts": [part.hex() for part in parts],
            "pieces": [piece.hex() for piece in pieces],
        },
        indent=2,
    )
)
