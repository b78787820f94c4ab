import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AeadKey, cke, Identity, provider, randomBytes, type Seed } from '@stt/crypto'
import { packetEpochBits, packetNumberOf, type TransportLimits, writePacketHeader } from '@stt/frame'
import { type HandshakeResult, Initiator } from '@stt/handshake'
import { dialWebSocket } from '@stt/transport-ws'

/** Carries bytes to a listener, and what comes back. */
export interface Wire {
  send(bytes: Uint8Array): void
  onBytes: (bytes: Uint8Array) => void
  readonly closed: boolean
  close(): void
}

/**
 * A holder of the seed that shakes hands as it should and then seals whatever it is told to: any frames, under any packet
 * number and epoch. It acknowledges nothing by itself.
 */
export interface HostilePeer {
  readonly wire: Wire
  /** What the other side's packets held. */
  onFrames: (frames: Uint8Array, packetNumber: number) => void
  /** The highest packet number that came. */
  readonly highest: number
  readonly nextNumber: number
  /** What the other side allows before it has said more. */
  readonly limits: TransportLimits
  send(frames: Uint8Array, packetNumber?: number): void
  /** What it sends from now on is in the next epoch. */
  nextEpoch(): void
}

export async function openWire(address: string, from = '127.0.0.1'): Promise<Wire> {
  return address.startsWith('udp:') ? openUdp(address, from) : openWebSocket(address)
}

/** @throws when no handshake comes about within `patience` milliseconds */
export async function hostilePeer(wire: Wire, seed: Seed, patience = 30_000): Promise<HostilePeer> {
  const initiator = new Initiator({
    keys: seed.deriveKeys(),
    identity: Identity.generate(),
    entropy: randomBytes,
    limits: GENEROUS,
    localCid: randomBytes(8),
    datagram: wire instanceof UdpWire,
    suites: [1],
  })
  const result = await new Promise<HandshakeResult>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nobody answered')), patience)
    wire.onBytes = bytes => {
      const now = performance.now()
      if (initiator.peer === undefined) {
        if (initiator.processResponse(bytes, now)) for (const proof of initiator.proofMessages) wire.send(proof)
        return
      }
      const finished = initiator.processFinal(bytes, now)
      if (!finished) return
      clearTimeout(timer)
      resolve(finished)
    }
    wire.send(initiator.createHello(performance.now()))
  })
  return new SealingPeer(wire, result)
}

class SealingPeer implements HostilePeer {
  readonly wire: Wire
  readonly limits: TransportLimits
  onFrames: (frames: Uint8Array, packetNumber: number) => void = () => {}
  readonly #destination: Uint8Array
  readonly #receiving: PacketSecrets
  #sendSecret: Uint8Array
  #sending: PacketSecrets
  #epoch = 0
  #nextNumber = 0
  #highest = -1

  constructor(wire: Wire, { secrets, remoteCid, peerLimits }: HandshakeResult) {
    this.wire = wire
    this.limits = peerLimits
    this.#destination = remoteCid
    this.#sendSecret = secrets.send.slice()
    this.#sending = packetSecrets(this.#sendSecret)
    this.#receiving = packetSecrets(secrets.receive)
    wire.onBytes = bytes => this.#receive(bytes)
  }

  get highest(): number {
    return this.#highest
  }

  get nextNumber(): number {
    return this.#nextNumber
  }

  send(frames: Uint8Array, packetNumber: number = this.#nextNumber++): void {
    const packet = new Uint8Array(frames.length + 33)
    writePacketHeader(packet, this.#destination, packetNumber, this.#epoch)
    const { aead, iv } = this.#sending
    aead.seal(nonceOf(iv, packetNumber), packet.subarray(0, 17), frames, packet, 17)
    this.wire.send(packet)
  }

  nextEpoch(): void {
    this.#sendSecret = cke.derive(this.#sendSecret, 'ku', EMPTY, 32)
    this.#sending = packetSecrets(this.#sendSecret)
    this.#epoch++
  }

  /** Only epoch 0 is read: whoever rotates keys with this peer learns nothing from it. */
  #receive(packet: Uint8Array): void {
    if (packet.length < 33 || (packet[0]! & 0xc0) !== 0x40 || packetEpochBits(packet) !== 0) return
    const packetNumber = packetNumberOf(packet)
    if (packetNumber === undefined) return
    const { aead, iv } = this.#receiving
    const frames = aead.openToOwnBuffer(nonceOf(iv, packetNumber), packet.subarray(0, 17), packet.subarray(17))
    if (frames === undefined) return
    this.#highest = Math.max(this.#highest, packetNumber)
    this.onFrames(frames, packetNumber)
  }
}

interface PacketSecrets {
  readonly aead: AeadKey
  readonly iv: Uint8Array
}

const packetSecrets = (secret: Uint8Array): PacketSecrets => ({
  aead: provider.aead(cke.derive(secret, 'key', EMPTY, 32)),
  iv: cke.derive(secret, 'iv', EMPTY, 12),
})

function nonceOf(iv: Uint8Array, packetNumber: number): Uint8Array {
  const nonce = iv.slice()
  const view = new DataView(nonce.buffer)
  view.setUint32(4, view.getUint32(4) ^ Math.floor(packetNumber / 2 ** 32))
  view.setUint32(8, view.getUint32(8) ^ (packetNumber % 2 ** 32))
  return nonce
}

class UdpWire implements Wire {
  onBytes: (bytes: Uint8Array) => void = () => {}
  closed = false
  readonly #socket = createSocket('udp4')
  readonly #port: number

  constructor(port: number) {
    this.#port = port
    this.#socket.on('message', bytes => this.onBytes(new Uint8Array(bytes)))
    this.#socket.on('error', () => this.close())
  }

  async bind(from: string): Promise<this> {
    this.#socket.bind(0, from)
    await once(this.#socket, 'listening')
    return this
  }

  send(bytes: Uint8Array): void {
    if (!this.closed) this.#socket.send(bytes, this.#port, '127.0.0.1')
  }

  close(): void {
    if (!this.closed) this.#socket.close()
    this.closed = true
  }
}

const openUdp = (address: string, from: string): Promise<Wire> => new UdpWire(Number(new URL(address).port)).bind(from)

async function openWebSocket(address: string): Promise<Wire> {
  const link = await dialWebSocket(address)
  const wire = {
    onBytes: (_bytes: Uint8Array): void => {},
    closed: false,
    send(bytes: Uint8Array) {
      if (!wire.closed) link.send(bytes)
    },
    close() {
      wire.closed = true
      link.close()
    },
  }
  link.onPacket = bytes => wire.onBytes(bytes.slice())
  link.onClose = () => {
    wire.closed = true
  }
  return wire
}

const EMPTY = new Uint8Array(0)

/** As much as a peer can state. */
export const GENEROUS: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 2 ** 40,
  maxStreamData: 2 ** 40,
  maxDatagram: 65_535,
  maxMessage: 2 ** 21,
  maxStreamsBidi: 1_024,
  maxStreamsUni: 1_024,
}
