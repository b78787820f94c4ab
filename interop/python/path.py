"""Sections 4.4, 4.7 and 6 for one link of a session: what is asked there, its round trip, its pace."""

import os

from primitives import equal

DATAGRAM = 1200


class Path:
    def __init__(self, link, now, serial=None):
        self.link, self.datagram, self.proved = link, link.datagram, False
        # STT-PKT-49: what is asked over a link that was opened for a session; a message link has a serial.
        self.serial, self.asked, self.ask_at, self.pause = serial, [], None, None
        self.smoothed = self.variation = self.latest = self.least = None
        self.backoff, self.probes, self.loss_at, self.largest_acked = 0, 0, None, -1
        self.tokens, self.tokens_at = 10 * DATAGRAM, now

    @property
    def pto(self):
        """STT-PKT-20."""
        if self.smoothed is None:
            return 1000
        return self.smoothed + max(4 * self.variation, 1) + (25 if self.datagram else 100)

    def sample(self, latest, delay):
        """RFC 9002, section 5."""
        delay = min(delay, 25 if self.datagram else 100)
        self.latest = latest
        if self.smoothed is None:
            self.smoothed, self.variation, self.least = latest, latest / 2, latest
            return
        self.least = min(self.least, latest)
        adjusted = latest - delay if latest - delay >= self.least else latest
        self.variation = 3 / 4 * self.variation + 1 / 4 * abs(self.smoothed - adjusted)
        self.smoothed = 7 / 8 * self.smoothed + 1 / 8 * adjusted

    def may_send(self, in_flight, now):
        """A window of two datagrams, pacing (STT-REC-20, 21), probes."""
        if not self.datagram or self.probes:
            return True
        if self.smoothed is not None:
            self.tokens = min(10 * DATAGRAM, self.tokens + self._rate * (now - self.tokens_at))
            self.tokens_at = now
        return in_flight + DATAGRAM <= 2 * DATAGRAM and self.tokens >= DATAGRAM

    @property
    def _rate(self):
        return 5 / 4 * 2 * DATAGRAM / max(self.smoothed, 0.001)

    def paced_until(self):
        """When the next packet may go, where it is the pace that keeps it back."""
        if not self.datagram or self.smoothed is None or self.tokens >= DATAGRAM:
            return None
        # A bit later: rounded down, the tokens would be a fraction short, again and again.
        return self.tokens_at + (DATAGRAM - self.tokens) / self._rate + 0.1

    def begin(self, pto, now):
        self.ask_at, self.pause = now, max(pto, 250)

    def next_question(self, now):
        """The 8 bytes of a challenge, where one is due. STT-PKT-49: at once and three times in all, later each time."""
        if self.proved or self.ask_at is None or now < self.ask_at:
            return None
        if len(self.asked) == 3:
            self.ask_at = None
            raise TimeoutError("nobody answers over the second link")
        self.asked.append(os.urandom(8))
        self.ask_at, self.pause = now + self.pause, self.pause * 2
        return self.asked[-1]

    def on_response(self, data):
        """STT-PKT-37. Whether it proves the link."""
        if self.proved or not any([equal(data, each) for each in self.asked]):
            return False
        self.proved, self.ask_at = True, None
        return True
