import { randomBytes } from 'node:crypto'
import { hoursAt, mailboxName } from '@stt/rendezvous'
import type { WebSocketLink } from '@stt/transport-ws'
import { expect, onTestFinished, test } from 'vitest'
import { circuitTo, deferred, ListeningNode, Party } from '../test/client.ts'
import { recorder } from '../test/recorder.ts'
import { takeAll } from '../test/transfer.ts'
import { listenRelay } from './listen-relay.ts'

/** Every run of 8 bytes. */
function windows(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1')
  return Array.from({ length: Math.max(0, text.length - 7) }, (_, i) => text.slice(i, i + 8))
}

test.each([true, false])(
  'a relay gets no seed, key or id, and no name tells another hour’s (with access keys: %s)',
  async hasKeys => {
    const party = new Party()
    const seen = new Set<string>()
    // Clients dial the recorder, so that is the relay's name; its port is known before the relay's is.
    let behind = ''
    const { url } = await recorder(
      () => behind,
      message => {
        for (const each of windows(message)) seen.add(each)
      },
    )
    const relay = await listenRelay(hasKeys ? { keys: [party.access], urls: [url] } : {})
    onTestFinished(() => relay.close())
    behind = relay.url

    const node = new ListeningNode(url, party)
    onTestFinished(() => node.stop())
    const next = deferred<WebSocketLink>()
    node.onCircuit = next.resolve
    await node.until('listening')
    const dialer = await circuitTo(url, party.access, { dial: party.mailboxes })
    const got = takeAll(await next.promise, 20)
    // Messages of a circuit are sealed, so their bytes look random.
    for (let i = 0; i < 20; i++) dialer.send(randomBytes(2_000))
    await got
    dialer.close()

    const { psk0, psk3, mac1 } = party.seed.deriveKeys()
    const { rendezvous, access } = party.seed.deriveRendezvousKeys()
    const { identity } = party
    const secrets = [
      party.seed.toBytes(),
      psk0,
      psk3,
      mac1,
      rendezvous,
      access,
      identity.toBytes(),
      identity.publicKey,
      identity.id,
    ]
    for (const [i, secret] of secrets.entries()) {
      expect([i, windows(secret).filter(each => seen.has(each))]).toEqual([i, []])
    }
    const now = Math.floor(Date.now() / 1_000)
    const [hour, following] = hoursAt(now)
    for (const each of [hour, following]) {
      expect(windows(mailboxName(rendezvous, identity.id, each)).every(window => seen.has(window))).toBe(true)
    }
    for (const other of [hour - 1, following + 1, following + 2]) {
      expect(windows(mailboxName(rendezvous, identity.id, other)).some(window => seen.has(window))).toBe(false)
    }
  },
)
