import { readFileSync } from 'node:fs'
import { fromHex, provider, toHex } from '@stt/crypto'
import { packetNumberOf } from '@stt/frame'
import { describe, expect, test } from 'vitest'
import { nextTrafficSecret } from './packet-key.ts'
import { type OpenedPacket, PacketOpener } from './packet-opener.ts'
import { PacketSealer } from './packet-sealer.ts'

interface Vectors {
  readonly destination: string
  readonly trafficSecret: string
  readonly nextTrafficSecret: string
  readonly packets: readonly {
    readonly name: string
    readonly epoch: number
    readonly packetNumber: number
    readonly frames: string
    readonly packet: string
  }[]
}

const file = new URL('../../vectors/packets.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))

describe('vectors/packets.json', () => {
  // spec: STT-PKT-3
  test('the next traffic secret comes from the one before, which is wiped', () => {
    const secret = fromHex(vectors.trafficSecret)!
    expect(toHex(nextTrafficSecret(provider, secret))).toBe(vectors.nextTrafficSecret)
    expect(secret.every(byte => byte === 0)).toBe(true)
  })

  // spec: STT-PKT-1 STT-PKT-2 STT-PKT-3
  test.each(vectors.packets.filter(({ packetNumber }) => packetNumber < 1_000))(
    'sealed: $name',
    ({ epoch, packetNumber, frames, packet }) => {
      const sealer = new PacketSealer(provider, fromHex(vectors.trafficSecret)!, fromHex(vectors.destination)!)
      for (let i = 0; i < epoch; i++) sealer.advanceEpoch()
      for (let i = 0; i < packetNumber; i++) sealer.skipPacketNumber()
      const buffer = new Uint8Array(packet.length / 2)
      buffer.set(fromHex(frames)!, 17)
      expect(sealer.seal(buffer, buffer.length - 16)).toBe(buffer.length)
      expect(toHex(buffer)).toBe(packet)
    },
  )

  // spec: STT-PKT-2
  test.each(vectors.packets.filter(({ epoch }) => epoch < 2))('opened: $name', ({ packetNumber, frames, packet }) => {
    const opener = new PacketOpener(provider, fromHex(vectors.trafficSecret)!)
    const bytes = fromHex(packet)!
    expect(packetNumberOf(bytes)).toBe(packetNumber)
    const opened = opener.open(bytes, packetNumber, 0, 0) as OpenedPacket
    expect(toHex(opened.bytes.subarray(0, opened.length))).toBe(frames)
  })
})
