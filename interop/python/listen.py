#!/usr/bin/env python3
"""Listens at a relay, says so at its registry, and sends back what the first that dials sends on its stream.

    python3 listen.py ws://HOST:PORT SEED

Its id is the first line, once it listens; what became of the session is the second, as JSON.
"""

import json
import os
import sys
import time

from dial import OURS, PATHS, now
from handshake import Responder, Side
from links import LinkClosed
from primitives import KeyPair, SeedKeys, node_id
from relays import accept_circuit, publish
from rendezvous import Names
from session import Session, Truncated

# One two-way stream is for whoever dials.
LIMITS = {**OURS, "maxStreamsBidi": 1}


def shake_hands(link, keys, static):
    """Several runs may be under way on a message link until one has a session: STT-WS-30."""
    runs, useless, deadline = [], 0, now() + 10_000
    while now() < deadline:
        for message in link.receive((deadline - now()) / 1000):
            ephemeral, nonce, cid = KeyPair(os.urandom(32)), os.urandom(16), os.urandom(8)
            run = Responder(Side(keys, static, ephemeral, nonce, cid, LIMITS, PATHS, (1, 2), os.urandom(32)), link.datagram)
            if (response := run.answer_hello(message)) is not None:
                runs.append(run)
                link.send(response)
                continue
            for each in runs:
                if (final := each.answer_proof(message)) is not None:
                    for part in final:
                        link.send(part)
                    return each
            useless += 1
            if useless == 8:
                raise LinkClosed("eight messages that proved nothing")
    raise LinkClosed("nobody proved himself in time")


def echo(link, session):
    sent = 0
    while session.state != "closed":
        for where, packet in session.poll(now()):
            where.send(packet)
        if session.state == "closed":
            break
        for packet in link.receive((session.next_time() - now()) / 1000):
            session.receive(packet, now(), link)
        if data := session.read():
            session.write(data)
            sent += len(data)
        if session.read_ended:
            session.end()
    return sent


def main():
    url, seed, private = sys.argv[1], bytes.fromhex(sys.argv[2]), os.urandom(32)
    keys, static, names = SeedKeys(seed), KeyPair(private), Names(seed)
    node = node_id(static.public)
    told = []

    def on_listening():
        if not told:
            told.append(time.time())
            publish(url, names, private, node)
            print(node.hex(), flush=True)

    try:
        link = accept_circuit(url, names, private, node, on_listening)
        run = shake_hands(link, keys, static)
        session = Session(run.secrets, run.side.cid, run.peer_cid, LIMITS, run.peer_limits, None, link, now(), initiator=False)
        sent = echo(link, session)
    except (LinkClosed, Truncated) as error:
        print(json.dumps({"failed": str(error)}))
        sys.exit(1)
    link.close()
    report = {"peer": run.peer_id.hex(), "session": run.session_id.hex(), "suite": run.suite, "bytes": sent}
    print(json.dumps({**report, "closed": session.close_reason, "epochs": session.epochs}))


if __name__ == "__main__":
    main()
