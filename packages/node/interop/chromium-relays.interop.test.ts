import { createHash } from 'node:crypto'
import { toHex } from '@stt/crypto'
import { listenRelay, type Relay } from '@stt/relay'
import { describeChromium, openTab, type Site, servePage, type Tab } from '@stt/testing/page'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { collect, createNode, first, pattern } from '../test/nodes.ts'
import { callPage } from './call-page.ts'

const SIZE = 2 * 1024 * 1024

describeChromium('Chromium at a relay', chromium => {
  const seed = Seed.generate()
  let site: Site
  let relay: Relay
  const tabs: Tab[] = []
  const errors: Error[] = []

  beforeAll(async () => {
    site = await servePage('./page.ts', import.meta.dirname)
    relay = await listenRelay()
  })
  afterAll(async () => {
    await relay.close({ drain: 0 })
    await site.close()
  })
  afterEach(async () => {
    for (const tab of tabs.splice(0)) await tab.context().close()
    expect(errors.splice(0)).toEqual([])
  })

  async function open(): Promise<Tab> {
    const tab = await openTab(chromium.browser, site, error => errors.push(error))
    tabs.push(tab)
    return tab
  }

  const isListeningPart = (path: string): boolean => path.startsWith('/page-listening')

  test('a page dials another, and both move bytes at once', async () => {
    const [listener, dialer] = [await open(), await open()]
    const id = await callPage(listener, 'listenAt', relay.url, seed.toHex())
    const accepting = callPage(listener, 'accept')
    const before = site.requests.filter(isListeningPart).length
    expect(await callPage(dialer, 'connectAt', relay.url, seed.toHex(), id)).toEqual({ peer: id })
    await accepting
    // Whoever only dials does not load what listening takes.
    expect([before, site.requests.filter(isListeningPart).length]).toEqual([1, 1])
    const hash = toHex(blake2b(pattern(SIZE)))
    const expected = { sent: hash, peerGot: hash, got: hash, received: SIZE }
    expect(await Promise.all([listener, dialer].map(tab => callPage(tab, 'exchange', SIZE)))).toEqual([
      expected,
      expected,
    ])
    expect(await callPage(dialer, 'exportKey')).toBe(await callPage(listener, 'exportKey'))
    const closed = callPage(listener, 'closed')
    await callPage(dialer, 'close', 7, 'done here')
    expect(await closed).toEqual({ by: 'peer', code: 7, reason: 'done here' })
  })

  test('a node dials a page, and learns when the page is left', async () => {
    const page = await open()
    const id = await callPage(page, 'listenAt', relay.url, seed.toHex())
    const accepting = callPage(page, 'accept')
    const node = await createNode({ seed, relays: [relay.url], listen: [] })
    const session = await node.connect({ peer: id })
    expect(await accepting).toBe(toHex(node.id))
    expect(session.path).toMatchObject({ kind: 'websocket', relayed: true })
    const bytes = pattern(SIZE)
    const received = first(session.streams()).then(async stream => {
      const got = await collect(stream)
      await stream.write(blake2b(got))
      await stream.end()
      return got
    })
    const stream = await session.openStream()
    const exchanging = callPage(page, 'exchange', SIZE)
    await stream.write(bytes)
    await stream.end()
    expect(toHex(await collect(stream))).toBe(toHex(blake2b(bytes)))
    expect(toHex(blake2b(await received))).toBe(toHex(blake2b(bytes)))
    await exchanging
    // By another address: a tab that is closed may end before what its page says has left the browser.
    await page.goto('about:blank')
    expect(await session.closed).toMatchObject({ by: 'peer' })
  })

  test('a node with another seed finds no page', async () => {
    const page = await open()
    const id = await callPage(page, 'listenAt', relay.url, seed.toHex())
    const stranger = await createNode({ seed: Seed.generate(), relays: [relay.url], listen: [] })
    await expect(stranger.connect({ peer: id })).rejects.toMatchObject({ code: 'STT_CONNECT_FAILED' })
  })
})

const blake2b = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('blake2b512').update(bytes).digest())
