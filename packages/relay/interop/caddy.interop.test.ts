import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findCaddy, freePort, startCaddy, testCertificate } from '@stt/testing'
import { dialWebSocket, type WebSocketLink } from '@stt/transport-ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listenRelay, type Relay } from '../src/listen-relay.ts'
import { MemoryRelayStore } from '../src/store/memory-relay-store.ts'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { sendAll, takeAll } from '../test/transfer.ts'

const caddy = findCaddy()
const name = caddy ? 'Caddy in front' : 'Caddy in front: SKIPPED, it is not installed (apt-get install caddy)'

/** The site that a document shows, at another address and in front of other ports. */
function siteOf(document: string, ports: Readonly<Record<string, number>>, address: string, folder: string): string {
  const text = readFileSync(join(import.meta.dirname, '../../..', document), 'utf8')
  const [, indent, shown] = /^( *)```caddy\n(.*?)\n\1```/ms.exec(text)!
  let site = shown!.replace(/^ *relay\.example \{$/m, `${address} {\n  tls ${folder}/certificate.pem ${folder}/key.pem`)
  expect(site).not.toBe(shown)
  for (const [from, to] of Object.entries(ports)) {
    expect(site).toContain(`127.0.0.1:${from}`)
    site = site.replaceAll(`127.0.0.1:${from}`, `127.0.0.1:${to}`)
  }
  return site.replaceAll(`\n${indent}`, '\n')
}

describe.skipIf(!caddy)(name, () => {
  const clientAddress: NonNullable<Parameters<typeof listenRelay>[0]>['clientAddress'] = request =>
    request.headers['x-real-ip'] as string | undefined
  const trusting = { ca: testCertificate }

  /** Sends messages through a circuit in both directions, and expects all of them. */
  async function exchange(dialer: WebSocketLink, acceptor: WebSocketLink): Promise<void> {
    const [there, back] = [takeAll(acceptor, 100), takeAll(dialer, 100)]
    const sent = await Promise.all([sendAll(dialer, 100, 65_535), sendAll(acceptor, 100, 65_535)])
    expect(await Promise.all([there, back])).toEqual(sent)
  }

  async function listening(
    url: string,
    party: Party,
  ): Promise<{ node: ListeningNode; next: () => Promise<WebSocketLink> }> {
    const node = new ListeningNode(url, party, trusting)
    onTestFinished(() => node.stop())
    await node.until('listening')
    const next = (): Promise<WebSocketLink> => {
      const circuit = deferred<WebSocketLink>()
      node.onCircuit = circuit.resolve
      return circuit.promise
    }
    return { node, next }
  }

  test('of one relay, as its README has it: the client is who Caddy says, whatever it says itself', async () => {
    const party = new Party()
    const [front, port] = [await freePort(), await freePort()]
    const url = `wss://127.0.0.1:${front}`
    const relay = await listenRelay({ port, udpPorts: false, keys: [party.access], urls: [url], clientAddress })
    onTestFinished(() => relay.close())
    const proxy = await startCaddy(caddy!, front, folder =>
      siteOf('packages/relay/README.md', { 4433: port }, url.replace('wss', 'https'), folder),
    )
    onTestFinished(() => proxy.stop())
    const { observed } = await (await Raw.dial(url, { ...trusting, headers: { 'X-Real-IP': '192.0.2.7' } })).hear(
      'greeting',
    )
    expect(observed).toMatchObject({ source: 'observed', address: '127.0.0.1' })

    const { next } = await listening(url, party)
    const accepted = next()
    const dialer = await circuitTo(url, party.access, { dial: party.mailboxes }, trusting)
    await exchange(dialer, await accepted)
  })

  // spec: STT-RLY-36 STT-RLY-37
  test('of two instances, as docs/fleet.md has it: who is at one is found at the other, also while one goes away', async () => {
    const party = new Party()
    const store = new MemoryRelayStore()
    const front = await freePort()
    const url = `wss://127.0.0.1:${front}`
    const ports = [await freePort(), await freePort()] as const
    const relays: Relay[] = []
    for (const [index, port] of ports.entries()) {
      const options = { keys: [party.access], urls: [url], clientAddress, instance: `${url}/${'ab'[index]}` }
      relays.push(await listenRelay({ port, udpPorts: false, store, ...options }))
    }
    onTestFinished(async () => {
      for (const relay of relays) await relay.close()
    })
    const proxy = await startCaddy(caddy!, front, folder =>
      siteOf('docs/fleet.md', { 4001: ports[0], 4002: ports[1] }, url.replace('wss', 'https'), folder),
    )
    onTestFinished(() => proxy.stop())

    const { next } = await listening(url, party)
    const circuits: (readonly [WebSocketLink, WebSocketLink])[] = []
    for (let i = 0; i < 4; i++) {
      const accepted = next()
      const dialer = await circuitTo(url, party.access, { dial: party.mailboxes }, trusting)
      circuits.push([dialer, await accepted])
      await exchange(...circuits.at(-1)!)
    }
    expect(relays.every(relay => relay.getStatistics().connections > 1)).toBe(true)
    expect(relays.reduce((sum, relay) => sum + relay.getStatistics().refused.elsewhere, 0)).toBeGreaterThan(0)

    // The instance without listeners ends: each new connection comes to the other one.
    const leaving = relays.find(relay => relay.getStatistics().listeners === 0)!
    await leaving.close({ drain: 0 })
    const dial = async (): Promise<boolean> =>
      dialWebSocket(url, { ...trusting, subprotocol: 'stt-relay.v1' }).then(
        link => {
          link.close()
          return true
        },
        () => false,
      )
    for (let i = 0; i < 6; i++) expect(await dial()).toBe(true)
    await exchange(...circuits.at(-1)!)
  })
})
