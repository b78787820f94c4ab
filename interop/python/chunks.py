"""Section 9: sealed chunks of less than one chunk, and segments."""

from primitives import mac, seal

LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0"


class ChunkKeys:
    """STT-SEG-2."""

    def __init__(self, input_key, salt, context):
        first = mac(input_key, LABEL, salt, context, b"\x01")
        expanded = first + mac(input_key, first, LABEL, salt, context, b"\x02")
        self.key, self.base, self.header = expanded[:32], expanded[32:44], salt + expanded[44:76]

    def nonce(self, number):
        """STT-SEG-3, STT-SEG-23."""
        return (int.from_bytes(self.base, "big") ^ number).to_bytes(12, "big")


def seal_chunk(keys, plaintext):
    return keys.header + seal(keys.key, keys.nonce(0), plaintext, b"")


def segment_keys(input_key, salt, context):
    """STT-SEG-21."""
    return ChunkKeys(input_key, salt, b"segments" + len(context).to_bytes(4, "big") + context)


def seal_segment(keys, flags, epoch, sequence, plaintext):
    """STT-SEG-22, STT-SEG-23, in an epoch whose key is the one of `keys`."""
    head = bytes([flags]) + len(plaintext).to_bytes(3, "big") + epoch.to_bytes(4, "big") + sequence.to_bytes(8, "big")
    return head + seal(keys.key, keys.nonce(sequence), plaintext, head)
