"""Sections 6.5 and 7: a datagram link over UDP, a message link over WebSocket (RFC 6455, the client's side)."""

import base64
import hashlib
import os
import select
import socket
from urllib.parse import urlsplit


class LinkClosed(Exception):
    """The other end closed the link."""


def open_direct(address):
    parts = urlsplit(address)
    if parts.scheme == "udp":
        return UdpLink(parts.hostname, parts.port)
    if parts.scheme == "ws":
        return WebSocketLink(parts, "stt.v1")
    raise ValueError(f"an address begins with udp://, ws:// or relay:ws://, not {address}")


class UdpLink:
    datagram = True

    def __init__(self, host, port):
        family, kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind)
        self._socket.connect(where)
        self._socket.setblocking(False)

    def send(self, message):
        try:
            self._socket.send(message)
        except OSError:
            pass  # STT-REC-40: whatever the system reports is the loss of this datagram and nothing else.

    def receive(self, seconds):
        """What has come by then; nothing when nothing has."""
        messages = []
        if select.select([self._socket], [], [], max(seconds, 0))[0]:
            while len(messages) < 64:
                try:
                    messages.append(self._socket.recv(65535))
                except OSError:
                    break
        return messages

    def fileno(self):
        return self._socket.fileno()

    def cut(self):
        self._socket.close()

    close = cut


class WebSocketLink:
    datagram = False

    def __init__(self, parts, subprotocol):
        host, port = parts.hostname, parts.port or 80
        self._socket = socket.create_connection((host, port), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        request = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        request += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: {subprotocol}"]
        self._socket.sendall("\r\n".join([*request, "", ""]).encode())
        self._in, self._out, self._message, self._put_back = b"", bytearray(), None, []
        while b"\r\n\r\n" not in self._in:
            data = self._socket.recv(4096)
            if not data or len(self._in) > 8192:
                raise LinkClosed("the answer to the upgrade is no answer")
            self._in += data
        head, self._in = self._in.split(b"\r\n\r\n", 1)
        self._check(head.decode("latin-1").split("\r\n"), key, subprotocol)
        self._socket.setblocking(False)
        self.close_code = None

    def _check(self, lines, key, subprotocol):
        """STT-WS-2, 3, 4."""
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), []).append(value.strip())
        accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        listed = [each.strip().lower() for value in fields.get("connection", []) for each in value.split(",")]
        agreed = (
            lines[0].split(" ")[:2] == ["HTTP/1.1", "101"]
            and [value.lower() for value in fields.get("upgrade", [])] == ["websocket"]
            and "upgrade" in listed
            and fields.get("sec-websocket-accept") == [base64.b64encode(accept).decode()]
            and fields.get("sec-websocket-protocol") == [subprotocol]
            and "sec-websocket-extensions" not in fields
        )
        if not agreed:
            raise LinkClosed(f"the server does not speak {subprotocol}: {lines[0]}")

    def send(self, message):
        self._frame(0x2, message)

    def fileno(self):
        return self._socket.fileno()

    def put_back(self, messages):
        """What came already and is for whoever reads next."""
        self._put_back += messages

    def cut(self):
        """As a network ends a connection: without a word."""
        self._socket.close()

    def _frame(self, opcode, payload):
        """STT-WS-9, STT-WS-10."""
        size = len(payload)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 65536:
            length = b"\xfe" + size.to_bytes(2, "big")
        else:
            length = b"\xff" + size.to_bytes(8, "big")
        mask = os.urandom(4)
        stretched = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(size, "big")
        self._out += bytes([0x80 | opcode]) + length + mask + masked
        self._flush()

    def _flush(self):
        while self._out:
            try:
                del self._out[: self._socket.send(self._out)]
            except BlockingIOError:
                return
            except OSError as error:
                raise LinkClosed(str(error)) from error

    def receive(self, seconds):
        if ready := self._put_back + self._messages():
            self._put_back = []
            return ready  # Some come with the answer to the upgrade: a relay speaks first.
        readable, writable, _ = select.select([self._socket], [self._socket] if self._out else [], [], max(seconds, 0))
        if writable:
            self._flush()
        if readable:
            try:
                data = self._socket.recv(1 << 18)
            except BlockingIOError:
                data = None
            except OSError as error:
                raise LinkClosed(str(error)) from error
            if data == b"":
                raise LinkClosed("the connection ended")
            self._in += data or b""
        return self._messages()

    def _messages(self):
        messages = []
        while (frame := self._next_frame()) is not None:
            final, opcode, payload = frame
            if opcode == 0x9:
                self._frame(0xA, payload)
            elif opcode == 0x8:
                self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
                self._frame(0x8, payload[:2])
                self._in = b""
                break
            elif opcode in (0x0, 0x2):
                if (opcode == 0x0) == (self._message is None):
                    raise LinkClosed("a frame that continues nothing, or a message inside another")
                self._message = (self._message or b"") + payload
                if final:
                    messages.append(self._message)
                    self._message = None
            elif opcode != 0xA:
                raise LinkClosed(f"a frame with opcode {opcode}")
        return messages

    def _next_frame(self):
        data = self._in
        if len(data) < 2:
            return None
        size, at = data[1] & 0x7F, 2
        if data[0] & 0x70 or data[1] & 0x80:
            raise LinkClosed("a frame with a reserved bit, or masked")
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(data[2 : 2 + width], "big"), 2 + width
            if len(data) < at:
                return None
        if len(data) < at + size:
            return None
        self._in = data[at + size :]
        return bool(data[0] & 0x80), data[0] & 0x0F, data[at : at + size]

    def close(self):
        """STT-WS-15, 16, 17: Close behind what was sent; then the server ends the connection."""
        try:
            if self.close_code is None:
                self._frame(0x8, (1000).to_bytes(2, "big"))
            for _ in range(30):
                self.receive(0.1)
        except LinkClosed:
            pass
        self._socket.close()
