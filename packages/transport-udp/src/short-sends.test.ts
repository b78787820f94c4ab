import { expect, onTestFinished, test } from 'vitest'
import { listenUdp } from './listen-udp.ts'

const listener = async () => {
  const made = await listenUdp()
  onTestFinished(() => made.close())
  return { made, at: { address: '127.0.0.1', port: Number(new URL(made.address.replace('udp', 'http')).port) } }
}

// spec: STT-PKT-61
test('a link for few hops sends at once, behind what waits, and the others send as before', async () => {
  const [from, to] = [await listener(), await listener()]
  const heard: number[] = []
  const all = new Promise<void>(resolve => {
    to.made.onPacket = packet => {
      heard.push(packet[0]!)
      if (heard.length === 4) resolve()
    }
  })
  const [usual, short] = [from.made.link(to.at), from.made.link(to.at, 5)]
  usual.send(Uint8Array.of(1))
  expect(short.send(Uint8Array.of(2))).toBe(true)
  usual.send(Uint8Array.of(3))
  usual.send(Uint8Array.of(4))
  await all
  expect(heard).toEqual([1, 2, 3, 4])
  expect(short.isSame?.(usual)).toBe(true)
  await from.made.close()
  expect(short.send(Uint8Array.of(5))).toBe(true)
})
