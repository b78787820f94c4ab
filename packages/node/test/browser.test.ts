import { Seed } from '@stt/crypto'
import { listenRelay } from '@stt/relay'
import { bundleForPage } from '@stt/testing/page'
import { expect, test } from 'vitest'
import * as page from '../src/index.browser.ts'
import * as server from '../src/index.ts'
import { first, rejection } from './nodes.ts'

test('a bundler finds the entry for pages by itself, and nothing of Node or UDP comes with it', async () => {
  const { files, inputs, imports } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(inputs.filter(path => path === 'packages/node/src/index.browser.ts')).toHaveLength(1)
  expect(inputs.filter(path => path.includes('transport-ws/src/'))).not.toHaveLength(0)
  expect(inputs.filter(path => /transport-udp|providers\/node|node\/src\/(index|stt-node)\.ts/.test(path))).toEqual([])
  expect(imports).toEqual([])
  const code = [...files.values()].join('\n')
  expect(code).not.toMatch(/["']node:/)
  // Names that only Node has, where they are used and not a property or a word in a message.
  expect(code.match(/(?<![\w$.#])(Buffer[.(]|process\.|global\.|require\(|setImmediate\()/g)).toBeNull()
})

test('Argon2id is in a part of its own', async () => {
  const { files, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const argon2 = [...files.keys()].filter(name => name.startsWith('argon2'))
  expect(argon2).toHaveLength(1)
  expect([...files.values()].join('\n')).toContain(`import("./${argon2[0]}")`)
  expect(loaded.filter(path => path.includes('hashes/argon2'))).toEqual([])
})

test('WebAssembly is in a part of its own', async () => {
  const { files, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const parts = [...files.keys()].filter(name => name.startsWith('wasm'))
  expect(parts).toHaveLength(1)
  expect([...files.values()].join('\n')).toContain(`import("./${parts[0]}")`)
  expect(loaded.filter(path => /libsodium|providers\/(wasm|select)/.test(path))).toEqual([])
})

test('nothing that only a listener needs comes with it', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(loaded).toContain('packages/handshake/src/initiator.ts')
  expect(
    loaded.filter(path =>
      /responder|listen|hello-gate|retry-tokens|incoming-check|handler-failed|stray-packets|accept-link/.test(path),
    ),
  ).toEqual([])
})

test('a page that listens at relays loads what that takes, and one that dials by them does not', async () => {
  const { files, inputs } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const parts = [...files.keys()].filter(name => name.startsWith('page-listening'))
  expect(parts).toHaveLength(1)
  expect(files.get('page.js')).toContain(`import("./${parts[0]}")`)
  expect(inputs).toContain('packages/handshake/src/responder.ts')
  expect(inputs).toContain('packages/node/src/listen/accept-link.ts')
})

test('what relays take is loaded by pages that use one', async () => {
  const { inputs, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(inputs).toContain('packages/rendezvous/src/client/relay-listener.ts')
  expect(loaded.filter(path => /packages\/rendezvous|relay\/(relays|circuit|relay-leg)/.test(path))).toEqual([])
})

test('of loss recovery it has the estimate of round trips alone', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(loaded.filter(path => path.includes('packages/recovery/'))).toEqual(['packages/recovery/src/rtt.ts'])
})

test('a module of Node in the entry would not go unseen', async () => {
  await expect(bundleForPage(`export * from '../src/index.ts'`, import.meta.dirname)).rejects.toThrow(
    'Could not resolve "node:',
  )
})

test('a page has what Node has but for what needs a disk', () => {
  const missing = Object.keys(server).filter(name => !(name in page))
  expect(missing).toEqual(['FileAddressStore', 'FileTrustStore'])
  expect(Object.keys(page).filter(name => !(name in server))).toEqual([])
})

test('a page cannot listen, and says so', async () => {
  const listen = ['ws://127.0.0.1:0']
  expect(await rejection(page.STTNode.create({ seed: Seed.generate(), listen }))).toMatchObject({
    code: 'STT_UNSUPPORTED',
    message: expect.stringContaining('a page cannot listen'),
  })
})

test.each([true, { interfaces: ['eth0'] }, { startLan: () => expect.unreachable() }])(
  'a page has no mDNS, and says so: discovery.lan is %j',
  async lan => {
    const creating = page.STTNode.create({ seed: Seed.generate(), discovery: { lan } })
    expect(await rejection(creating)).toMatchObject({
      code: 'STT_UNSUPPORTED',
      message: expect.stringMatching(/a page has no mDNS: leave discovery\.lan out here, and use relays/),
    })
    await using without = await page.STTNode.create({ seed: Seed.generate(), discovery: { lan: false } })
    expect(without.lan).toEqual([])
  },
)

// spec: STT-RLY-22
test('a page is dialed at its relays, by a page and by a node, unless its listen is empty', async () => {
  await using relay = await listenRelay()
  const seed = Seed.generate()
  const options = { seed, relays: [relay.url] }
  await using listener = await page.STTNode.create({ ...options, metadata: 'a page' })
  await using dialer = await page.STTNode.create({ ...options, listen: [] })
  await using node = await server.STTNode.create({ ...options, listen: [] })
  expect([listener, dialer].map(({ relays }) => relays.map(({ state }) => state))).toEqual([['listening'], []])
  for (const from of [dialer, node]) {
    const accepting = first(listener.sessions())
    const session = await from.connect({ peer: listener.id })
    expect(session.peer).toMatchObject({ id: listener.id, metadata: 'a page' })
    expect(session.path).toMatchObject({ relayed: true })
    expect((await accepting).peer.id).toEqual(from.id)
  }
  const strangers = await server.STTNode.create({ ...options, seed: Seed.generate(), listen: [] })
  expect(await rejection(strangers.connect({ peer: listener.id }))).toMatchObject({ code: 'STT_CONNECT_FAILED' })
  await strangers.close()
})

test('a page has no UDP, and is told of the way that it has', async () => {
  await using node = await page.STTNode.create({ seed: Seed.generate() })
  expect(await rejection(node.connect('udp://127.0.0.1:4433'))).toMatchObject({
    code: 'STT_BAD_ADDRESS',
    message: expect.stringContaining('ws:// or wss://'),
  })
})
