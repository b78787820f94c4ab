import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { toHex } from '@stt/crypto'
import { findNginx, startNginx } from '@stt/testing'
import { type Bundle, bundleForPage, describeChromium, openTab, type Site, serve, type Tab } from '@stt/testing/page'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type NodeOptions, Seed, type Session, type STTNode } from '../src/index.ts'
import { collect, createNode, first, pattern } from '../test/nodes.ts'
import { dialThrough, type TcpForwarder } from '../test/tcp-forwarder.ts'
import { callPage } from './call-page.ts'
import type { Connected, Page } from './page.ts'

const MIB = 1024 * 1024
const nginx = findNginx()

describeChromium('Chromium', chromium => {
  const seed = Seed.generate()
  let files: Bundle['files']
  let site: Site
  let tab: Tab
  let errors: Error[]

  beforeAll(async () => {
    ;({ files } = await bundleForPage(
      `
      import { page } from './page.ts'
      import { sealGolden } from '../../stream/test/seal-golden.ts'
      globalThis.page = { ...page, sealGolden: () => sealGolden().pieces }`,
      import.meta.dirname,
    ))
    site = await serve(files)
  })
  afterAll(() => site.close())

  const open = async (from: Site = site): Promise<void> => {
    errors = []
    tab = await openTab(chromium.browser, from, error => errors.push(error))
  }
  afterEach(async () => {
    await tab.context().close()
    expect(errors).toEqual([])
  })

  const call = <K extends keyof Page>(method: K, ...parameters: Parameters<Page[K]>) =>
    callPage(tab, method, ...parameters)

  /** A session of the page with a listening node; `front` gives the address to dial in place of the node's own. */
  async function connected(
    options: Partial<NodeOptions> = {},
    front: (address: string) => string | Promise<string> = address => address,
    from?: Site,
  ): Promise<{ accepted: Session; answer: Connected; serverId: string; server: STTNode }> {
    await open(from)
    const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'], ...options })
    const accepted = first(server.sessions())
    const answer = await call('connect', await front(server.addresses[0]!), seed.toHex())
    return { accepted: await accepted, answer, serverId: toHex(server.id), server }
  }

  /** Moves `size` bytes from the page to the node and as many back, at once, and compares the hashes of both ends. */
  async function exchange(accepted: Session, size: number): Promise<void> {
    const bytes = pattern(size)
    const receive = async (): Promise<string> => {
      const stream = await first(accepted.streams())
      const hash = blake2b(await collect(stream))
      await stream.write(hash)
      await stream.end()
      return toHex(hash)
    }
    const send = async (): Promise<string> => {
      const stream = await accepted.openStream()
      await stream.write(bytes)
      await stream.end()
      return toHex(await collect(stream))
    }
    const [page, got, pageGot] = await Promise.all([call('exchange', size), receive(), send()])
    const expected = toHex(blake2b(bytes))
    expect(page).toEqual({ sent: expected, peerGot: expected, got: expected, received: size })
    expect([got, pageGot]).toEqual([expected, expected])
  }

  test('each part that a page loads later has an error of its own when it cannot be loaded, and a session needs none of them', async () => {
    const apart = /^(argon2|passphrase|peer-rules|relays|page-listening|discovery)-/
    expect([...files.keys()].filter(name => apart.test(name))).toHaveLength(6)
    const bare = await serve(new Map([...files].filter(([name]) => !apart.test(name))))
    try {
      const { accepted } = await connected({}, undefined, bare)
      await exchange(accepted, MIB)
      await expect(call('connectAt', 'ws://127.0.0.1:1', seed.toHex(), '00'.repeat(32))).rejects.toThrow('what relays take could not be loaded') // biome-ignore format: one line
      await expect(call('seedOf', Seed.generatePhrase())).rejects.toThrow('what stretches a passphrase could not be loaded') // biome-ignore format: one line
    } finally {
      await bare.close()
    }
  })

  test('4 MiB go each way at once, and the hashes are equal', async () => {
    const { accepted, answer, serverId } = await connected()
    expect(answer).toEqual({ peer: serverId })
    await exchange(accepted, 4 * MIB)
    expect(await call('exportKey')).toBe(toHex(accepted.exportKey('interop', 32)))
    expect(await call('ping')).toBeGreaterThan(0)
  })

  test.each(['page', 'node'])('the %s rotates the keys, and both ends go on with the new ones', async who => {
    const { accepted } = await connected()
    await exchange(accepted, MIB)
    expect([await call('keyEpoch'), accepted.getStatistics().keyEpoch]).toEqual([0, 0])
    if (who === 'page') await call('rotateKeys')
    else accepted.rotateKeys()
    await exchange(accepted, MIB)
    expect([await call('keyEpoch'), accepted.getStatistics().keyEpoch]).toEqual([1, 1])
  })

  test('datagrams arrive, and messages of up to 2 MiB', async () => {
    const { accepted } = await connected()
    const echoes = (async () => {
      void accepted.sendDatagram(await first(accepted.datagrams()))
      const stream = await first(accepted.streams())
      for await (const message of stream.messages()) await stream.writeMessage(message)
      await stream.end()
    })()
    expect(await call('echoDatagram', 1_000)).toBe(toHex(blake2b(pattern(1_000))))
    const sizes = [1, 65_536, 2 * MIB]
    expect(await call('echoMessages', sizes)).toEqual(sizes.map(size => toHex(blake2b(pattern(size)))))
    await echoes
  })

  test('an upload goes on when its WebSocket is killed in the middle', async () => {
    let forwarder: TcpForwarder | undefined
    try {
      const { accepted, server } = await connected({}, async address => {
        forwarder = await dialThrough(address)
        return forwarder.address
      })
      const uploading = call('upload', 16 * MIB)
      const arrived = createHash('blake2b512')
      let size = 0
      let wasKilled = false
      for await (const chunk of await first(accepted.streams())) {
        arrived.update(chunk)
        size += chunk.length
        if (wasKilled || size < 8 * MIB) continue
        wasKilled = true
        for (const socket of forwarder!.ends()) socket.destroy()
      }
      expect(await uploading).toEqual({ hash: arrived.digest('hex'), moves: ['closed'] })
      expect(size).toBe(16 * MIB)
      expect(server.getStatistics()).toMatchObject({ sessions: 1, sessionsOpened: 1 })
    } finally {
      await forwarder?.close()
    }
  })

  test('the page closes, and the node learns why', async () => {
    const { accepted } = await connected()
    expect(await call('close', 7, 'done here')).toEqual({ by: 'local', code: 7, reason: 'done here' })
    expect(await accepted.closed).toMatchObject({ by: 'peer', code: 7, reason: 'done here' })
  })

  test('the node closes, and the page learns why', async () => {
    const { accepted } = await connected()
    const closed = call('closed')
    await accepted.close({ code: 8, reason: 'closing time' })
    expect(await closed).toEqual({ by: 'peer', code: 8, reason: 'closing time' })
  })

  test('a page that is left closes its session at once, and the node learns it', async () => {
    const { accepted } = await connected()
    const stream = await accepted.openStream()
    await tab.close()
    await expect(collect(stream)).rejects.toMatchObject({ code: 'STT_CLOSED' })
    expect(await accepted.closed).toMatchObject({ by: 'peer', app: true, code: 0 })
  })

  test('a node does not answer a page with another seed', async () => {
    await open()
    const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
    const answer = await call('connect', server.addresses[0]!, Seed.generate().toHex(), { handshakeTimeout: 300 })
    expect(answer).toEqual({ code: 'STT_TIMEOUT' })
    expect(server.getStatistics()).toMatchObject({ sessionsOpened: 0, badMac: 1 })
  })

  test('a node refuses pages of other sites by their origin, and serves those of its own', async () => {
    const { answer, serverId } = await connected({ ws: { origins: [site.origin] } })
    expect(answer).toEqual({ peer: serverId })
    const strict = await createNode({ seed, listen: ['ws://127.0.0.1:0'], ws: { origins: ['https://stt.example'] } })
    expect(await call('connect', strict.addresses[0]!, seed.toHex())).toEqual({ code: 'STT_CONNECT_FAILED' })
  })

  test('a page that came over TLS may not dial without TLS, and gets an ordinary error', async () => {
    const secureSite = await serve(files, 'https')
    await open(secureSite)
    expect(await call('connect', 'ws://stt.example', seed.toHex())).toEqual({ code: 'STT_CONNECT_FAILED' })
    await secureSite.close()
  })

  test('a page cannot listen', async () => {
    await open()
    expect(await call('listen')).toBe('STT_UNSUPPORTED')
  })

  test('a page has no mDNS, and its error says what it has instead', async () => {
    await open()
    expect(await call('speakMulticast')).toMatch(
      /^STT_UNSUPPORTED: a page has no mDNS: leave discovery.lan out .*relays/,
    )
  })

  test('a page seals segments to the same bytes as every other platform', async () => {
    await open()
    const golden = JSON.parse(readFileSync(new URL('../../stream/test/golden-segments.json', import.meta.url), 'utf8'))
    expect(await tab.evaluate('page.sealGolden()')).toEqual(golden.pieces)
  })

  test('a page turns a phrase into the same seed, and loads Argon2id only for this', async () => {
    await open()
    const isArgon2 = (path: string): boolean => path.startsWith('/argon2')
    expect(site.requests.filter(isArgon2)).toEqual([])
    const phrase = Seed.generatePhrase()
    const [here, there] = await Promise.all([Seed.fromPassphrase(phrase), call('seedOf', phrase)])
    expect(there).toBe(here.toHex())
    expect(site.requests.filter(isArgon2)).toHaveLength(1)
  })

  test.each([
    ["script-src 'self' 'wasm-unsafe-eval'", 'portable+wasm'],
    ["script-src 'self'", 'portable'],
  ])('under %s a transfer makes it %s', async (policy, provider) => {
    const strict = await serve(files, 'http', policy)
    try {
      const { accepted } = await connected({}, address => address, strict)
      const loads = (): number => strict.requests.filter(path => path.startsWith('/wasm')).length
      expect([loads(), await call('provider')]).toEqual([0, 'portable'])
      await exchange(accepted, 2 * MIB)
      await expect.poll(async () => [loads(), await call('provider')]).toEqual([1, provider])
      await exchange(accepted, 2 * MIB)
    } finally {
      await strict.close()
    }
  })

  const proxied = nginx ? '' : ': SKIPPED, nginx is not installed (apt-get install nginx-light)'
  test.skipIf(!nginx).each(['plain', 'secure'] as const)(`through nginx, %s${proxied}`, async way => {
    let stop = async (): Promise<void> => {}
    try {
      const { accepted } = await connected({}, async address => {
        const proxy = await startNginx(nginx!, address)
        stop = proxy.stop
        return `${proxy[way]}/stt`
      })
      await exchange(accepted, MIB)
      expect(await call('close', 0, '')).toMatchObject({ by: 'local' })
    } finally {
      await stop()
    }
  })
})

const blake2b = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('blake2b512').update(bytes).digest())
