"""Section 3.2 and 4.1: the header of a packet, its keys, its seal."""

from primitives import derive, seal, unseal


def next_secret(traffic_secret):
    return derive(traffic_secret, "ku", b"", 32)


class PacketKey:
    def __init__(self, traffic_secret):
        self.key, self.iv = derive(traffic_secret, "key", b"", 32), derive(traffic_secret, "iv", b"", 12)

    def nonce(self, number):
        return (int.from_bytes(self.iv, "big") ^ number).to_bytes(12, "big")


def header(epoch, destination, number):
    return bytes([0x40 | (epoch & 3) << 4]) + destination + number.to_bytes(8, "big")


def seal_packet(key, epoch, destination, number, frames):
    clear = header(epoch, destination, number)
    return clear + seal(key.key, key.nonce(number), frames, clear)


def open_packet(key, packet):
    return unseal(key.key, key.nonce(number_of(packet)), packet[17:], packet[:17])


def is_packet(data):
    """STT-FRM-3, STT-FRM-4."""
    return len(data) >= 33 and data[0] & 0xCF == 0x40 and number_of(data) < 1 << 48


def epoch_bits(packet):
    return packet[0] >> 4 & 3


def destination_of(packet):
    return packet[1:9]


def number_of(packet):
    return int.from_bytes(packet[9:17], "big")
