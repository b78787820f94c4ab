"""Section 13, as far as a node goes that looks for others once: mDNS (RFC 6762, section 6.7) over one IPv4 interface."""

import os
import re
import socket
import time

from rendezvous import Names, hours_at

GROUP = ("224.0.0.251", 5353)
PTR, TXT, SRV = 12, 16, 33


def find_on_lan(interface, seed, seconds=3):
    """Addresses of nodes of a seed that answer at an interface, which is named by its IPv4 address."""
    names = Names(seed)
    tags = {f"_{names.tag(hour)}._sub._stt._udp.local": hour for hour in hours_at(time.time())}
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.bind((interface, 0))
    asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
    number, found, end = os.urandom(2), [], time.monotonic() + seconds
    questions = b"".join(_name(tag) + PTR.to_bytes(2, "big") + b"\0\1" for tag in tags)
    asker.sendto(number + b"\0\0" + len(tags).to_bytes(2, "big") + bytes(6) + questions, GROUP)
    while not found and (left := end - time.monotonic()) > 0:
        asker.settimeout(left)
        try:
            answer, (address, _) = asker.recvfrom(9000)
        except socket.timeout:
            break
        if answer[:2] == number:
            found += _read(answer, address, names, tags)
    asker.close()
    return found


def _read(answer, address, names, tags):
    """STT-LAN-2, STT-LAN-7: what opens for where it came from."""
    records, found = list(_records(answer)), []
    for name, kind, hour in [(name, kind, tags[name]) for name, kind, *_ in records if name in tags]:
        for target in [_read_name(answer, at)[0] for each, other, at, _ in records if (each, other) == (name, PTR) == (name, kind)]:
            said = {other: (at, size) for each, other, at, size in records if each == target}
            if SRV not in said or TXT not in said:
                continue
            udp = int.from_bytes(answer[said[SRV][0] + 4 : said[SRV][0] + 6], "big")
            strings = dict(each.partition(b"=")[::2] for each in _strings(answer, *said[TXT]))
            ws, sealed = strings.get(b"w", b""), strings.get(b"m", b"")
            instance = re.fullmatch(r"([a-z2-7]{26})\._stt\._udp\.local", target)
            if not ws.isdigit() or not instance or len(sealed) != 48 or int(ws) > 65535:
                continue
            node = names.open_peer(sealed, hour, udp, int(ws), instance[1], address)
            if node is not None:
                addresses = [f"udp://{address}:{udp}"] * (udp > 0) + [f"ws://{address}:{int(ws)}"] * (int(ws) > 0)
                found += [each for each in addresses if each not in found]
    return found


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _read_name(packet, at):
    """RFC 1035, section 4.1.4: a name in small letters, and where it ends."""
    labels, end = [], None
    for _ in range(64):
        size = packet[at]
        if size >= 0xC0:
            end = end or at + 2
            at = (size & 0x3F) << 8 | packet[at + 1]
        elif size == 0:
            break
        else:
            labels.append(packet[at + 1 : at + 1 + size].decode("latin-1").lower())
            at += 1 + size
    return ".".join(labels), end or at + 1


def _records(packet):
    """(name, type, where its data is, how many bytes) of all records behind the questions."""
    counts = [int.from_bytes(packet[at : at + 2], "big") for at in (4, 6, 8, 10)]
    at = 12
    for _ in range(counts[0]):
        at = _read_name(packet, at)[1] + 4
    for _ in range(sum(counts[1:])):
        name, at = _read_name(packet, at)
        kind, size = int.from_bytes(packet[at : at + 2], "big"), int.from_bytes(packet[at + 8 : at + 10], "big")
        yield name, kind, at + 10, size
        at += 10 + size


def _strings(packet, at, size):
    end = at + size
    while at < end:
        yield packet[at + 1 : at + 1 + packet[at]]
        at += 1 + packet[at]
