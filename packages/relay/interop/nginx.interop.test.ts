import { findNginx, startNginx, testCertificate } from '@stt/testing'
import type { WebSocketLink } from '@stt/transport-ws'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listenRelay } from '../src/listen-relay.ts'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { sendAll, takeAll } from '../test/transfer.ts'

const nginx = findNginx()
const name = nginx ? 'nginx in front' : 'nginx in front: SKIPPED, it is not installed (apt-get install nginx-light)'

describe.skipIf(!nginx)(name, () => {
  test.each(['ws', 'wss'])('%s: who holds the key is served under the name that nginx has', async scheme => {
    const party = new Party()
    // nginx has to know the relay's port, and the relay nginx's: the relay first, for everybody, to have a port.
    const first = await listenRelay()
    const port = Number(new URL(first.url).port)
    const proxy = await startNginx(nginx!, first.url)
    onTestFinished(() => proxy.stop())
    await first.close()
    const url = `${scheme === 'ws' ? proxy.plain : proxy.secure}/stt`
    const relay = await listenRelay({
      port,
      udpPorts: false,
      keys: [party.access],
      urls: [proxy.plain, proxy.secure],
      clientAddress: request => request.headers['x-real-ip'] as string | undefined,
    })
    onTestFinished(() => relay.close())
    const options = { ca: testCertificate, headers: { 'X-Test-Address': '192.0.2.7' } }
    const { observed } = await (await Raw.dial(url, options)).hear('greeting')
    expect(observed).toMatchObject({ source: 'observed', address: '192.0.2.7' })

    const node = new ListeningNode(url, party, options)
    onTestFinished(() => node.stop())
    const next = deferred<WebSocketLink>()
    node.onCircuit = next.resolve
    await node.until('listening')
    const dialer = await circuitTo(url, party.access, { dial: party.mailboxes }, options)
    const acceptor = await next.promise
    const [there, back] = [takeAll(acceptor, 100), takeAll(dialer, 100)]
    const sent = await Promise.all([sendAll(dialer, 100, 65_535), sendAll(acceptor, 100, 65_535)])
    expect(await Promise.all([there, back])).toEqual(sent)
    for (const link of [dialer, acceptor]) link.close()
  })
})
