"""Sections 4 to 6: one session with one two-way stream, which the dialing side opens. Packets and milliseconds in, packets out.

It is the least sender that section 6.2 allows: its window is two datagrams from first to last. It goes over one link, and moves to
another that it is given; that is for the dialing side, the other one stays where it is.
"""

import random

import frames as f
from frames import ProtocolError
from packets import PacketKey, destination_of, epoch_bits, is_packet, next_secret, number_of, open_packet, seal_packet
from path import DATAGRAM, Path
from primitives import equal
from ranges import Ranges

MESSAGE = 16_384
REPLAY_WINDOW = 8_192
SETTLED_AT_ONCE = {0x01, 0x04, 0x1E}


class LinkError(Exception):
    """STT-PKT-22: what came on a message link cannot have been sent by the peer."""


class Truncated(Exception):
    """The session ended without any CLOSE."""


class Sent:
    def __init__(self, number, position, epoch, now, size, frames, acked_below):
        self.number, self.position, self.epoch, self.at, self.size = number, position, epoch, now, size
        self.frames, self.acked_below = frames, acked_below

    @property
    def elicits(self):
        return bool(self.frames)


class Session:
    def __init__(self, secrets, local_cid, remote_cid, limits, peer_limits, reset_token, link, now, initiator=True):
        self.local_cid, self.remote_cid, self.reset_token = local_cid, remote_cid, reset_token
        # The path that is used, None while there is none; and one that is asked whether it can be.
        self._path, self._candidate, self._serials, self.moves = Path(link, now), None, 0, 0
        self.idle = min(limits["idleTimeout"], peer_limits["idleTimeout"])
        self.state, self.close_reason, self.heard_at = "active", None, now
        # Keys.
        sending, receiving = (secrets.i2r, secrets.r2i) if initiator else (secrets.r2i, secrets.i2r)
        self._send_secret, self._send_epoch, self._send_key = sending, 0, PacketKey(sending)
        self._next_secret = next_secret(receiving)
        self._receive_epoch = 0
        self._receive_keys = {0: PacketKey(receiving), 1: PacketKey(self._next_secret)}
        self._lowest_in_epoch, self._forget_old_at = 0, None
        self._answered = True  # the peer sends in the epoch that this side sends in
        self._own_acked_at = None  # when a packet of the current send epoch was acknowledged
        self._rotate_wanted = False
        self._acknowledged_at = None  # when this side first acknowledged a packet of the receive epoch
        # Packets of this side.
        self._number, self._position, self._sent, self._skipped, self._used = 0, 0, {}, None, Ranges()
        self._skip_at = random.randrange(512, 1024)
        # What arrived.
        self._received, self._unacked, self._unacked_bytes, self._ack_at, self._largest_at = Ranges(), 0, 0, None, now
        # Frames that wait.
        self._initiator = self._wants_done = initiator
        self._wants_ping, self._wants_max_data, self._wants_max_stream = False, False, False
        self._answers = []  # (link, bytes, size) of PATH_RESPONSE
        # The stream, number 0, and credit.
        self._out, self._out_at, self._finished, self._out_acked, self._out_again = bytearray(), 0, False, Ranges(), []
        self._fin_sent = self._fin_acked = False
        self._stream_credit, self._credit = peer_limits["maxStreamData"], peer_limits["maxData"]
        self.can_open = peer_limits["maxStreamsBidi"] > 0
        self._opened = False
        self._in, self._in_ranges, self._in_size, self._read = bytearray(), Ranges(), None, 0
        self._first_window, self._window = limits["maxStreamData"], limits["maxData"]
        self._stream_granted, self._granted = self._first_window, self._window
        # Closing.
        self._close, self._close_due, self._close_sent_at, self._over_at = None, None, None, None

    # What an application calls.

    def write(self, data):
        """More bytes for the stream."""
        self._opened = True
        self._out += data

    def end(self):
        """Behind what was written goes FIN."""
        self._opened = self._finished = True

    def read(self):
        """What has arrived in order and was not read yet. Credit for it goes back."""
        ready = self._in_ranges.all[0][1] if self._in_ranges.all and self._in_ranges.all[0][0] == 0 else 0
        data = bytes(self._in[self._read : ready])
        self._read = ready
        if self._in_size is None and self._stream_granted - self._read <= self._first_window // 2:
            self._wants_max_stream = True
        if self._granted - self._read <= self._window // 2:
            self._wants_max_data = True
        return data

    @property
    def read_ended(self):
        return self._in_size is not None and self._read == self._in_size

    @property
    def delivered(self):
        return self._fin_acked and not self._out_acked.missing(0, len(self._out))

    @property
    def epochs(self):
        """Of what this side sends, and of what came last."""
        return self._send_epoch, self._receive_epoch

    def rotate_keys(self):
        """STT-PKT-11: as soon as STT-PKT-10 allows."""
        self._rotate_wanted = True

    def close(self, code, reason, now, is_application=True, patience=0):
        """STT-PKT-25: waits for the peer's CLOSE for 3 PTO, or for so many milliseconds where these are more."""
        if self.state == "active":
            self.state, self._close = "closing", f.close(code, is_application, reason)
            self._close_due, self._over_at = now, now + max(3 * min(self._pto, 3000), patience)

    # Links.

    @property
    def link(self):
        return self._path and self._path.link

    def try_link(self, link, now):
        """STT-PKT-49: goes there as soon as it has answered."""
        self._serials += 0 if link.datagram else 1
        self._candidate = Path(link, now, None if link.datagram else self._serials)
        self._candidate.begin(min(self._pto, 3000), now)

    def lose_link(self):
        """The link ended. STT-PKT-32: the session waits for another."""
        self._path = None

    def _move(self, path, now):
        """STT-PKT-19: of a path that is closed, or whose link the caller closes now, everything is sent again."""
        self._path, self._candidate, self.moves = path, None, self.moves + 1
        for sent in sorted(self._sent.values(), key=lambda sent: sent.number):
            self._again(sent)
        self._sent = {}
        self._tell_where(now)

    def _tell_where(self, now):
        """A responder follows a packet that holds more than PATH_* and JOIN: STT-PKT-35."""
        self._wants_ping, self._ack_at = True, now if self._unacked else self._ack_at

    # Packets in.

    def receive(self, packet, now, link):
        if self.state == "closed":
            return
        if not is_packet(packet) or destination_of(packet) != self.local_cid:
            return self._refused(packet, link, "no packet for this session")
        number = number_of(packet)
        largest = self._received.all[-1][1] - 1 if self._received.all else -1
        if number in self._received or number <= largest - REPLAY_WINDOW:
            return
        epoch = next((each for each in self._receive_keys if each & 3 == epoch_bits(packet)), None)
        plaintext = open_packet(self._receive_keys[epoch], packet) if epoch is not None else None
        if plaintext is None:
            return self._refused(packet, link, "a wrong tag, or an epoch without a key")
        in_order = number == largest + 1
        if number > largest:
            self._largest_at = now
        self._received.add(number, number + 1)
        self.heard_at = now
        try:
            self._follow(epoch, number, now)
            self._take(f.read_frames(plaintext), epoch, len(packet), in_order, now, link)
        except ProtocolError as error:
            self.close(error.code, str(error), now, is_application=False)

    def _refused(self, packet, link, why):
        """STT-PKT-40, STT-PKT-21, STT-PKT-22."""
        if self.reset_token and len(packet) >= 33 and equal(packet[-16:], self.reset_token):
            self.state = "closed"
            raise Truncated("the listener has lost this session")
        if not link.datagram:
            raise LinkError(why)

    def _follow(self, epoch, number, now):
        """STT-PKT-9, 12, 14, 47."""
        if epoch < self._receive_epoch and number > self._lowest_in_epoch:
            raise ProtocolError(f.KEY_UPDATE, "an old key after a new one")
        if epoch == self._receive_epoch:
            self._lowest_in_epoch = min(self._lowest_in_epoch, number)
        if epoch <= self._receive_epoch:
            return
        leads = epoch > self._send_epoch
        if leads and (self._acknowledged_at is None or (epoch > 1 and now - self._acknowledged_at < 75)):
            raise ProtocolError(f.KEY_UPDATE, "the peer changes its keys too early")
        self._receive_epoch, self._lowest_in_epoch, self._acknowledged_at = epoch, number, None
        self._receive_keys.pop(epoch - 2, None)
        self._forget_old_at = now + 3 * min(self._pto, 3000)
        self._next_secret = next_secret(self._next_secret)
        self._receive_keys[epoch + 1] = PacketKey(self._next_secret)
        if leads:
            self._advance()
        self._answered = True
        self._ack_at = now

    def _advance(self):
        self._send_secret = next_secret(self._send_secret)
        self._send_epoch, self._send_key, self._own_acked_at = self._send_epoch + 1, PacketKey(self._send_secret), None

    def _take(self, incoming, epoch, size, in_order, now, link):
        seen, elicits, at_once = set(), False, not in_order and link.datagram
        for frame in incoming:
            kind = frame[0]
            if self.state != "active" and kind != 0x1C:
                continue
            if kind in (0x02, 0x1A, 0x1B) and kind in seen:
                raise ProtocolError(f.PROTOCOL_VIOLATION, "a second frame of its kind in one packet")
            seen.add(kind)
            elicits = elicits or kind not in f.QUIET
            at_once = at_once or kind in SETTLED_AT_ONCE or (kind == 0x08 and frame[4])
            self._take_frame(kind, frame[1:], epoch, size, now, link)
            if self.state == "closed":
                return
        if elicits and self.state == "active":
            self._unacked, self._unacked_bytes = self._unacked + 1, self._unacked_bytes + size
            enough = self._unacked >= 2 if link.datagram else self._unacked_bytes >= 512 * 1024
            wait = 0 if at_once or enough else 25 if link.datagram else 100
            self._ack_at = min(self._ack_at if self._ack_at is not None else now + wait, now + wait)

    def _take_frame(self, kind, fields, epoch, size, now, link):
        if kind == 0x02:
            self._on_ack(*fields, epoch, now)
        elif kind == 0x08:
            self._on_stream(*fields)
        elif kind in (0x04, 0x05, 0x11):
            self._check_stream(fields[0])
            if kind == 0x11:
                self._stream_credit = max(self._stream_credit, fields[1])
            elif not (kind == 0x05 and self.delivered):
                raise ProtocolError(f.NO_ERROR, "the peer gave the stream up")
        elif kind == 0x10:
            self._credit = max(self._credit, fields[0])
        elif kind == 0x17 and self._initiator:
            raise ProtocolError(f.PROTOCOL_VIOLATION, "JOIN from a responder")
        elif kind == 0x1A and len(self._answers) < 4:
            self._answers.append((link, fields[0], min(size, DATAGRAM)))
        elif kind == 0x1B:
            path = self._candidate
            if path and path.link is link and path.on_response(fields[0]):
                self._move(path, now)
        elif kind == 0x1C:
            self._on_close(*fields)
        elif kind == 0x1E and self._initiator:
            raise ProtocolError(f.PROTOCOL_VIOLATION, "HANDSHAKE_DONE from a responder")
        elif kind == 0x30:
            raise ProtocolError(f.PROTOCOL_VIOLATION, "a DATAGRAM, where none is allowed")

    def _on_close(self, is_application, code, reason):
        """STT-PKT-26: answered with one CLOSE; the caller sends what poll gives and ends."""
        self.close_reason = (is_application, code, reason)
        if self.state == "active":
            self.state, self._close, self._close_due = "draining", f.close(f.NO_ERROR, False, ""), 0
        else:
            self.state = "closed"

    # The stream.

    def _check_stream(self, number):
        """Number 0 alone is opened, by the dialing side. STT-STR-2, STT-STR-4"""
        if (number & 1 == 0) == self._initiator and (number != 0 or not self._opened):
            raise ProtocolError(f.STREAM_STATE, "a stream that this side has not opened")
        if number != 0:
            raise ProtocolError(f.STREAM_LIMIT, "a stream that the peer may not open")

    def _on_stream(self, number, offset, data, fin):
        self._check_stream(number)
        end = offset + len(data)
        highest = max(len(self._in), end)
        if self._in_size is not None and (end > self._in_size or (fin and end != self._in_size)):
            raise ProtocolError(f.FINAL_SIZE, "another end than before")
        if fin and end < len(self._in):
            raise ProtocolError(f.FINAL_SIZE, "an end below what arrived")
        if highest > self._stream_granted or highest > self._granted:
            raise ProtocolError(f.FLOW_CONTROL, "more bytes than were allowed")
        if fin:
            self._in_size = end
        self._in.extend(bytes(highest - len(self._in)))
        for start, stop in self._in_ranges.missing(offset, end):  # STT-STR-7: the first byte wins
            self._in[start:stop] = data[start - offset : stop - offset]
        if data:
            self._in_ranges.add(offset, end)
        starts_late = bool(self._in_ranges.all) and self._in_ranges.all[0][0] > 0
        if len(self._in_ranges) - 1 + starts_late > 1024:
            raise ProtocolError(f.GAP_LIMIT, "more gaps than are kept")

    # Acknowledgements and losses.

    @property
    def _pto(self):
        return self._path.pto if self._path else 1000

    def _on_ack(self, ranges, delay, epoch, now):
        if ranges[0][1] >= self._number or (self._skipped is not None and any(a <= self._skipped <= b for a, b in ranges)):
            raise ProtocolError(f.ACK_OF_UNSENT, "an ACK of a packet that was never sent")
        acked = [sent for number, sent in self._sent.items() if any(a <= number <= b for a, b in ranges)]
        if any(sent.epoch > epoch for sent in acked):
            raise ProtocolError(f.KEY_UPDATE, "an ACK under an older key than what it acknowledges")
        if not acked or self._path is None:
            return
        self._path.backoff = 0
        newest = max(acked, key=lambda sent: sent.number)
        if newest.number == ranges[0][1] and any(sent.elicits for sent in acked):
            self._path.sample(now - newest.at, delay / 1000)
        for sent in acked:
            del self._sent[sent.number]
            self._on_acked(sent, now)
        self._path.largest_acked = max(self._path.largest_acked, newest.position)
        self._find_losses(now)

    def _on_acked(self, sent, now):
        if sent.epoch == self._send_epoch and self._own_acked_at is None:
            self._own_acked_at = now
        if sent.acked_below:
            # The peer has seen that these arrived: the next ACK may leave them out.
            self._received.all = [each for each in self._received.all[:-1] if each[1] > sent.acked_below] + self._received.all[-1:]
        for kind, *fields in sent.frames:
            if kind == "stream":
                start, end, fin = fields
                if end > start:
                    self._out_acked.add(start, end)
                self._fin_acked = self._fin_acked or fin

    def _find_losses(self, now):
        """STT-REC-2, STT-REC-3."""
        path = self._path
        path.loss_at = None
        if not path.datagram or path.latest is None:
            return
        wait = max(9 / 8 * max(path.latest, path.smoothed), 1)
        for sent in [each for each in self._sent.values() if each.elicits and each.position < path.largest_acked]:
            if sent.position <= path.largest_acked - 3 or now - sent.at >= wait:
                del self._sent[sent.number]
                self._again(sent)
            else:
                path.loss_at = min(path.loss_at or sent.at + wait, sent.at + wait)

    def _again(self, sent):
        for kind, *fields in sent.frames:
            if kind == "stream":
                start, end, fin = fields
                self._out_again += [(a, b, False) for a, b in self._out_acked.missing(start, end)]
                if fin and not self._fin_acked:
                    self._out_again.append((end, end, True))
            elif kind == "done":
                self._wants_done = True
            elif kind == "max data":
                self._wants_max_data = True
            elif kind == "max stream":
                self._wants_max_stream = True

    # Packets out.

    def next_time(self):
        """When poll has something to do, in milliseconds."""
        times = [self.heard_at + self.idle, self._over_at, self._candidate and self._candidate.ask_at]
        if self._path and self.state == "active":
            times += [self._ack_at, self._forget_old_at, self._path.loss_at, self._timer(), self._path.paced_until()]
        elif self._path and self._close_sent_at is not None and self._path.datagram:
            times.append(self._close_sent_at + min(self._pto, 3000))
        return min(each for each in times if each is not None)

    def _timer(self):
        """STT-REC-4."""
        path = self._path
        if not path.datagram or path.loss_at is not None or not self._in_flight():
            return None
        last = max(sent.at for sent in self._sent.values() if sent.elicits)
        return last + min(path.pto * 2**path.backoff, max(path.pto, 2000))

    def _in_flight(self):
        return sum(sent.size for sent in self._sent.values() if sent.elicits)

    def poll(self, now):
        """(link, packet) of all that is to be sent now. Raises Truncated when the peer has been silent for too long."""
        if self.state == "closed":
            return []
        if now >= self.heard_at + self.idle:
            self.state = "closed"
            raise Truncated("nothing came from the peer for its idle timeout")
        if self.state != "active":
            return self._poll_closing(now)
        if self._forget_old_at is not None and now >= self._forget_old_at:
            self._receive_keys.pop(self._receive_epoch - 1, None)
            self._forget_old_at = None
        packets = [*self._poll_answers(now), *self._poll_question(now)]
        if self._path is None:
            return packets
        if self._path.loss_at is not None and now >= self._path.loss_at:
            self._find_losses(now)
        timer = self._timer()
        if timer is not None and now >= timer:
            self._path.backoff, self._path.probes = self._path.backoff + 1, 2
            self._again(min((sent for sent in self._sent.values() if sent.elicits), key=lambda sent: sent.number))
            self._wants_ping = True
        self._rotate(now)
        return [*packets, *((self.link, packet) for packet in self._poll_packets(now))]

    def _rotate(self, now):
        """STT-PKT-10, STT-PKT-11."""
        is_late = self._send_epoch == 0 or (self._own_acked_at is not None and now >= self._own_acked_at + 3 * min(self._pto, 3000))
        if self._rotate_wanted and self._answered and self._own_acked_at is not None and is_late:
            self._rotate_wanted, self._answered, self._wants_ping = False, False, True
            self._advance()

    def _poll_answers(self, now):
        """STT-PKT-34: padded to the bytes of what is answered, over the link that it came on."""
        answers, self._answers = self._answers, []
        return [(link, self._seal(f.path_response(data).ljust(size - 33, b"\0"), [], 0, now)) for link, data, size in answers]

    def _poll_question(self, now):
        data = self._candidate and self._candidate.next_question(now)
        if data is None:
            return []
        path = self._candidate
        body = f.path_challenge(data) if path.datagram else f.join(path.serial, 1) + f.path_challenge(data)
        return [(path.link, self._seal(body.ljust(DATAGRAM - 33 if path.datagram else 0, b"\0"), [], 0, now))]

    def _poll_packets(self, now):
        packets = []
        while True:
            may_send = self._path.may_send(self._in_flight(), now)
            body, records = self._fill(DATAGRAM - 33 if self._path.datagram else MESSAGE) if may_send else (b"", [])
            due = self._ack_at is not None and now >= self._ack_at
            if not body and not due:
                return packets
            acked_below = 0
            if self._unacked or due:
                ranges = self._received.all[-64:]
                passed = int((now - self._largest_at) * 1000)
                body = f.ack([(a, b - 1) for a, b in ranges], max(passed, 0)) + body
                acked_below = ranges[-1][0]
                self._unacked, self._unacked_bytes, self._ack_at = 0, 0, None
                if self._acknowledged_at is None:
                    self._acknowledged_at = now
            packets.append(self._seal(body, records, acked_below, now))

    def _fill(self, room):
        """Frames for one packet with room left for an ACK, and what has to be known of them when it is lost."""
        body, records, room = b"", [], room - 9 * 64 if self._path.datagram else room
        if self._wants_done:
            self._wants_done = False
            body, records = body + f.handshake_done(), [*records, ("done",)]
        if self._wants_max_data:
            self._wants_max_data, self._granted = False, max(self._granted, self._read + self._window)
            body, records = body + f.max_data(self._granted), [*records, ("max data",)]
        if self._wants_max_stream:
            self._wants_max_stream, self._stream_granted = False, max(self._stream_granted, self._read + self._first_window)
            if self._in_size is None:
                body, records = body + f.max_stream_data(0, self._stream_granted), [*records, ("max stream",)]
        while self._out_again and len(body) + 40 < room:
            start, end, fin = self._out_again.pop(0)
            stop = min(end, start + room - len(body) - 30)
            if stop < end:
                self._out_again.insert(0, (stop, end, fin))
            body += f.stream(0, start, bytes(self._out[start:stop]), fin and stop == end)
            records.append(("stream", start, stop, fin and stop == end))
        if self._opened and not self._fin_sent and len(body) + 40 < room:
            start = self._out_at
            stop = min(len(self._out), start + room - len(body) - 30, self._stream_credit, self._credit)
            fin = self._finished and stop == len(self._out)
            if stop > start or fin:
                self._out_at, self._fin_sent = stop, fin
                body += f.stream(0, start, bytes(self._out[start:stop]), fin)
                records.append(("stream", start, stop, fin))
        if self._wants_ping and not body:
            body, records = f.ping(), [("ping",)]
        if body:
            self._wants_ping = False
        return body, records

    def _seal(self, body, records, acked_below, now):
        # STT-PKT-18: a number is left out now and then.
        if self._number >= self._skip_at:
            self._skipped, self._skip_at = self._number, self._number + random.randrange(512, 1024)
            self._number += 1
        number, self._number = self._number, self._number + 1
        packet = seal_packet(self._send_key, self._send_epoch, self.remote_cid, number, body)
        self._position += 1
        self._sent[number] = Sent(number, self._position, self._send_epoch, now, len(packet), records, acked_below)
        if records:
            self._path.tokens -= len(packet)
            self._path.probes = max(self._path.probes - 1, 0)
        return packet

    def _poll_closing(self, now):
        """STT-PKT-25, STT-PKT-26."""
        if self._over_at is not None and now >= self._over_at:
            self.state = "closed"
            return []
        if self._path is None:
            return []
        repeats = self._path.datagram and self._close_sent_at is not None and now >= self._close_sent_at + min(self._pto, 3000)
        if self._close_due is None and not repeats:
            return []
        waits = [] if not self._unacked else [(a, b - 1) for a, b in self._received.all[-64:]]
        body = (f.ack(waits, 0) if waits else b"") + self._close
        self._unacked, self._ack_at, self._close_due, self._close_sent_at = 0, None, None, now
        packet = self._seal(body, [], 0, now)
        if self.state == "draining":
            self.state = "closed"
        return [(self.link, packet)]
