"""Sections 11 and 12, a client's side: dialing by a relay and listening there, saying so at a registry and asking who is there."""

import os
import time
from urllib.parse import urlsplit

from links import LinkClosed, WebSocketLink, open_direct
from rendezvous import (
    REGISTRY,
    RELAY,
    Names,
    hours_at,
    mailbox_token,
    open_record,
    read_message,
    registry_message,
    relay_message,
    seal_record,
    slot_of,
    slot_token,
)


def open_link(address, seed):
    """`relay:ws://host:port/#id` is a node at a relay (STT-RLY-32)."""
    if address.startswith("relay:"):
        url, _, node = address[len("relay:") :].partition("#")
        return open_circuit(url, bytes.fromhex(node), Names(seed))
    return open_direct(address)


def expected_node(address):
    """Whom the address names: STT-RLY-32."""
    return bytes.fromhex(address.partition("#")[2]) if address.startswith("relay:") else None


class Client:
    """A connection to a relay or a registry: its greeting, the proofs that it asks for, its messages."""

    def __init__(self, url, names, subprotocol="stt-relay.v1", kinds=RELAY, first=0xC0, write=relay_message):
        parts = urlsplit(url)
        self.link, self._names, self._kinds, self._first, self._write = WebSocketLink(parts, subprotocol), names, kinds, first, write
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._authority, self._waiting = f"{host}:{parts.port or 80}", []
        self.greeting = self.next("greeting")

    def send(self, kind, is_proved=False, **fields):
        prove = is_proved and self.greeting["needsAccess"]
        self.link.send(self._write({"type": kind, **fields, "proved": prove}, self._prove))

    def poll(self, seconds):
        """The next message, if one comes within that time."""
        end = time.monotonic() + seconds
        while not self._waiting:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._waiting += self.link.receive(left)
        data = self._waiting.pop(0)
        # GREETING and NO are the same at both.
        common = data[:1] in (b"\xc0", b"\xc6")
        return read_message(data, RELAY, 0xC0) if common else read_message(data, self._kinds, self._first)

    def next(self, wanted):
        """The next message. Raises LinkClosed where it is another one than `wanted`."""
        message = self.poll(12)
        if message is None:
            raise LinkClosed("the other end says nothing")
        if message["type"] == "no":
            raise LinkClosed(f"the other end says no: {message['reason']}")
        if message["type"] != wanted:
            raise LinkClosed(f"{message['type']} where {wanted} was to come")
        return message

    def spliced(self):
        """The link to the other end, whose first message may have come together with SPLICED."""
        self.next("spliced")
        self.link.put_back(self._waiting)
        return self.link

    def _prove(self, number, body):
        return self._names.proof(self._authority, bytes.fromhex(self.greeting["nonce"]), number, body)


def open_circuit(url, node, names):
    """Section 11.5, the dialer's side: a message link to a node that listens there."""
    client = Client(url, names)
    client.send("dial", True, mailboxes=[names.mailbox(node, hour).hex() for hour in hours_at(time.time())])
    return client.spliced()


def accept_circuit(url, names, private, node, on_listening):
    """Sections 11.4 and 11.5, the listener's side: listens until somebody dials, and gives the link to who did."""
    leg, listen_at, ping_at, ping, answer_by = Client(url, names), 0, 0, None, None
    while True:
        now = time.monotonic()
        if now >= listen_at:
            # STT-RLY-8. A real listener does so when its hours change, too.
            boxes = [names.mailbox(node, hour) for hour in hours_at(time.time())]
            leg.send("listen", True, claims=[(box + mailbox_token(private, box)).hex() for box in boxes])
            listen_at, ping_at = now + 60, now
        if now >= ping_at:
            # STT-RLY-19.
            ping, ping_at, answer_by = os.urandom(8).hex(), now + 15, now + 10
            leg.send("ping", data=ping)
        if answer_by is not None and now >= answer_by:
            raise LinkClosed("the relay does not answer")
        message = leg.poll(min(listen_at, ping_at, answer_by or ping_at) - now)
        kind = message and message["type"]
        if kind == "pong" and message["data"] == ping:
            answer_by = None
            on_listening()
        elif kind == "ping":
            leg.send("pong", data=message["data"])
        elif kind == "incoming":
            # STT-RLY-37: at the instance that says so.
            circuit = Client(message["url"] or url, names)
            circuit.send("accept", ticket=message["ticket"])
            return circuit.spliced()
        elif kind not in (None, "pong"):
            raise LinkClosed(f"the relay says {kind}: {message.get('reason', '')}")


def _registry(url, names):
    return Client(url, names, "stt-registry.v1", REGISTRY, 0xE1, registry_message)


def publish(url, names, private, node):
    """STT-REG-11: that a node listens at this relay."""
    client, now = _registry(url, names), time.time()
    for hour in hours_at(now):
        topic = names.topic(hour)
        token = slot_token(private, topic)
        body = {"id": node, "seq": int(now * 1000), "exp": int(now) + 150, "relays": [url]}
        blob = seal_record(names, topic, hour, slot_of(topic, token), os.urandom(16), body)
        client.send("put", True, topic=topic.hex(), token=token.hex(), ttl=150, blob=blob.hex())
        client.next("stored")
    client.link.close()


def find(url, seed):
    """Addresses of the nodes of a seed that say at this registry that they are at this relay: section 12."""
    names, found = Names(seed), {}
    client = _registry(url, names)
    for hour in hours_at(time.time()):
        topic, more = names.topic(hour), True
        client.send("get", True, topic=topic.hex())
        while more:
            answer = client.next("records")
            more = answer["more"]
            for entry in answer["entries"]:
                record = open_record(names, topic, hour, bytes.fromhex(entry["slot"]), bytes.fromhex(entry["blob"]))
                if record and url in record["relays"] and record["exp"] > time.time() - 3600:
                    found[record["id"]] = f"relay:{url}#{record['id'].hex()}"
    client.link.close()
    return list(found.values())
