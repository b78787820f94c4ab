import { randomBytes } from 'node:crypto'
import { encodeGet, encodePut } from '@stt/rendezvous'
import type { WebSocketLink } from '@stt/transport-ws'
import { expect, onTestFinished, test } from 'vitest'
import { registryAt } from '../test/registry.ts'
import { listenRelay, type Relay } from './listen-relay.ts'
import { RegistryServer } from './registry-server.ts'
import type { ListenRelayOptions } from './relay-options.ts'

const none = (): Uint8Array => new Uint8Array(0)

async function relayWith(options: ListenRelayOptions = {}): Promise<Relay> {
  const relay = await listenRelay(options)
  onTestFinished(() => relay.close())
  return relay
}

// spec: STT-REG-5
test('what one connection puts another gets, on the port of the relay', async () => {
  const relay = await relayWith()
  const [writer, reader] = [await registryAt(relay.url), await registryAt(relay.url)]
  const [topic, token, blob] = [randomBytes(32), randomBytes(16), randomBytes(544)]
  expect(await writer.ask(encodePut({ topic, token, ttl: 150, blob }, none))).toMatchObject([{ type: 'stored' }])
  const records = { type: 'records', more: false, entries: [{ blob: new Uint8Array(blob) }] }
  expect(await reader.ask(encodeGet(topic, none))).toMatchObject([records])
  expect(relay.getStatistics()).toMatchObject({ registry: { records: 1, clients: 2 }, connections: 0, faults: 0 })
  const metrics = await (await fetch(`${relay.url.replace('ws:', 'http:')}/metrics`)).text()
  expect(metrics).toContain('stt_relay_registry_records 1\n')
})

// spec: STT-REG-10
test('a client that asks and does not read is not read either, so what waits for it is bounded', () => {
  const server = new RegistryServer({ entropy: randomBytes, guard: call => call() })
  onTestFinished(() => server.stop())
  const said: string[] = []
  const link = {
    onPacket: (_: Uint8Array) => {},
    onDrain: () => {},
    onClose: () => {},
    // The network takes the greeting, and no more than that.
    send: (packet: Uint8Array) => packet[0] === 0xc0,
    confirm: () => said.push('proved'),
    pause: () => said.push('not read'),
    resume: () => said.push('read'),
  }
  server.take(link as unknown as WebSocketLink, { isShared: false, address: '192.0.2.1', port: 1, subprotocol: '' })
  link.onPacket(encodeGet(randomBytes(32), none))
  expect(said).toEqual(['proved', 'not read'])
  link.onDrain()
  expect(said).toEqual(['proved', 'not read', 'read'])
})
