import type { Mutant } from './mutant.ts'

const file = (name: string): string => `packages/session/src/${name}.ts`
const unit = (name: string): string => `packages/session/src/${name}.test.ts`
const whole = (name: string): string => `packages/session/test/${name}.test.ts`

/** Packets, keys, and how a session ends. */
export const session: readonly Mutant[] = [
  {
    without: 'takes a packet twice',
    file: file('keys/replay-window'),
    find: 'return (this.#words[wordOf(packetNumber)]! & bitOf(packetNumber)) === 0',
    replace: 'return true',
    test: unit('keys/replay-window'),
  },
  {
    without: 'takes packets older than the replay window',
    file: file('keys/replay-window'),
    find: 'if (packetNumber + REPLAY_WINDOW <= this.#highest) return false',
    replace: '',
    test: unit('keys/replay-window'),
  },
  {
    without: 'marks a packet as received before it has verified',
    file: file('keys/packet-opener'),
    find: 'if (!decrypt(key, packetNumber, packet)) {',
    replace: 'this.#window.accept(packetNumber)\n    if (!decrypt(key, packetNumber, packet)) {',
    test: unit('keys/packet-opener'),
  },
  {
    without: 'lets streams keep memory that the next packet is opened into',
    file: file('keys/packet-opener'),
    find: 'opened.lasting = false',
    replace: 'opened.lasting = true',
    test: unit('keys/packet-opener'),
  },
  {
    without: 'takes an old key under a newer number',
    file: file('keys/packet-opener'),
    find: 'if (this.#highestOfPrevious < this.#lowestOfCurrent) return',
    replace: 'return',
    test: unit('keys/packet-opener'),
  },
  {
    without: 'keeps old keys for ever',
    file: file('keys/packet-opener'),
    find: 'if (this.#previous && now >= this.#previousUntil) this.#dropPrevious()',
    replace: '',
    test: unit('keys/packet-opener'),
  },
  {
    without: 'uses packet numbers without end',
    file: file('keys/packet-sealer'),
    find: 'if (packetNumber >= this.#limit) {',
    replace: 'if (packetNumber < 0) {',
    test: unit('keys/packet-sealer'),
  },
  {
    without: 'uses a packet number again',
    file: file('keys/packet-sealer'),
    find: 'this.#nextPacketNumber = packetNumber + 1',
    replace: 'this.#nextPacketNumber = Math.max(1, packetNumber)',
    test: unit('keys/packet-sealer'),
  },
  {
    without: 'leaves no packet number out',
    file: file('send/skipped-numbers'),
    find: 'if (this.#untilNext-- > 0) return',
    replace: 'return',
    test: unit('send/skipped-numbers'),
  },
  {
    without: 'answers every late packet with CLOSE',
    file: file('life/closing'),
    find: 'if (this.#packetsSinceClose >= PACKETS_PER_CLOSE) this.#owesClose = true',
    replace: 'this.#owesClose = true',
    test: unit('life/closing'),
  },
  {
    without: 'takes HANDSHAKE_DONE from a responder',
    file: file('receive/own-frames'),
    find: "if (this.#parts.role === 'responder') return",
    replace: 'return',
    test: whole('hostile'),
  },
  {
    without: 'takes datagrams above the limit it gave',
    file: file('receive/incoming-datagrams'),
    find: 'if (this.#maxDatagram === 0 || data.length > this.#maxDatagram) {',
    replace: 'if (this.#maxDatagram < 0) {',
    test: whole('datagrams'),
  },
  {
    without: 'is ended by a reset from any address',
    file: file('session-engine'),
    find: 'packet.length < PACKET_OVERHEAD || link !== this.#path?.link',
    replace: 'packet.length < PACKET_OVERHEAD',
    test: whole('reset'),
  },
  {
    without: 'is ended by a reset with any token',
    file: file('session-engine'),
    find: 'if (equalBytes(packet.subarray(-token.length), token)) this.lifecycle.onReset()',
    replace: 'this.lifecycle.onReset()',
    test: whole('reset'),
  },
  {
    without: 'answers with resets without end',
    file: file('stateless-reset'),
    find: ' || !this.#take(from, now)',
    replace: '',
    test: unit('stateless-reset'),
  },
  {
    without: 'lets one address spend everybody’s resets',
    file: file('stateless-reset'),
    find: 'const share = this.#shareOf(from)',
    replace: 'const share = 0',
    test: unit('stateless-reset'),
  },
  {
    without: 'answers with resets as long as what it answers',
    file: file('stateless-reset'),
    find: 'Math.min(datagram.length - 1, MAX_LENGTH)',
    replace: 'Math.min(datagram.length, MAX_LENGTH)',
    test: unit('stateless-reset'),
  },
  {
    without: 'makes a second session with one id',
    file: file('session-manager'),
    find: 'if (this.#sessions.has(key)) {',
    replace: 'if (key.length === 0) {',
    test: unit('session-manager'),
  },
]
