"""Holds each packet that is routed to a TUN interface for so many milliseconds, and gives it back to the kernel.

usage: delay.py INTERFACE MILLISECONDS
"""

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

name, milliseconds = sys.argv[1], int(sys.argv[2])
tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
print("ready", flush=True)

held = deque()
while True:
    wait = None if not held else max(0, held[0][0] - time.monotonic())
    readable, _, _ = select.select([tun, sys.stdin], [], [], wait)
    if sys.stdin in readable:
        # Whoever started this has ended.
        break
    if tun in readable:
        held.append((time.monotonic() + milliseconds / 1000, os.read(tun, 65536)))
    while held and held[0][0] <= time.monotonic():
        try:
            os.write(tun, held.popleft()[1])
        except OSError:
            # The kernel has no room, or does not take it: lost, as packets are.
            pass
