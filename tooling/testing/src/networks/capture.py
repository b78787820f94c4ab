"""Writes what passes by a card to standard output: an empty frame once it listens, then each, behind its length in 4 bytes."""

import socket
import struct
import sys

ALL_PROTOCOLS = 3

card = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
card.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
card.bind((sys.argv[1], 0))
frame = b""
while True:
    sys.stdout.buffer.write(struct.pack(">I", len(frame)) + frame)
    sys.stdout.buffer.flush()
    frame = card.recv(1 << 17)
