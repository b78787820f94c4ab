import { Seed } from '@stt/crypto'
import { listenRelay } from '@stt/relay'
import { bundleForPage } from '@stt/testing/page'
import { expect, test } from 'vitest'
import * as page from '../src/index.browser.ts'
import * as server from '../src/index.ts'
import { first, rejection } from './nodes.ts'

test('a bundler finds the entry for pages by itself, and nothing of Node or UDP is in the bundle', async () => {
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

test('Argon2id is in a part that is loaded later', async () => {
  const { files, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const argon2 = [...files.keys()].filter(name => name.startsWith('argon2'))
  expect(argon2).toHaveLength(1)
  expect([...files.values()].join('\n')).toContain(`import("./${argon2[0]}")`)
  expect(loaded.filter(path => path.includes('hashes/argon2'))).toEqual([])
})

test('WebAssembly is in a part that is loaded later', async () => {
  const { files, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const parts = [...files.keys()].filter(name => name.startsWith('wasm'))
  expect(parts).toHaveLength(1)
  expect([...files.values()].join('\n')).toContain(`import("./${parts[0]}")`)
  expect(loaded.filter(path => /libsodium|providers\/(wasm|select)/.test(path))).toEqual([])
})

test('no code of a listener is in the bundle', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(loaded).toContain('packages/handshake/src/initiator.ts')
  expect(
    loaded.filter(path =>
      /responder|listen|hello-gate|retry-tokens|incoming-check|handler-failed|stray-packets|accept-link/.test(path),
    ),
  ).toEqual([])
})

test('a page that listens at relays loads the code for it, and one that only dials does not', async () => {
  const { files, inputs } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const parts = [...files.keys()].filter(name => name.startsWith('page-listening'))
  expect(parts).toHaveLength(1)
  expect(files.get('page.js')).toContain(`import("./${parts[0]}")`)
  expect(inputs).toContain('packages/handshake/src/responder.ts')
  expect(inputs).toContain('packages/node/src/listen/accept-link.ts')
})

test('pages that have rules about peers, or stretch a passphrase, load the code for it, and others do not', async () => {
  const { inputs, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  const apart = [
    'packages/handshake/src/policy.ts',
    'packages/node/src/peers/peer-rules.ts',
    'packages/crypto/src/seed/passphrase.ts',
    'packages/session/src/path/path-follower.ts',
  ]
  expect(inputs).toEqual(expect.arrayContaining(apart))
  expect(loaded.filter(path => apart.includes(path))).toEqual([])
})

test('pages that use a relay load the code for relays, and others do not', async () => {
  const { inputs, loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(inputs).toContain('packages/rendezvous/src/client/relay-listener.ts')
  expect(loaded.filter(path => /packages\/rendezvous|relay\/(relays|circuit|relay-leg)/.test(path))).toEqual([])
})

test('the bundle holds the round-trip estimate of loss recovery, and nothing else of it', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`, import.meta.dirname)
  expect(loaded.filter(path => path.includes('packages/recovery/'))).toEqual(['packages/recovery/src/rtt.ts'])
})

test('this test notices a module of Node in the entry', async () => {
  await expect(bundleForPage(`export * from '../src/index.ts'`, import.meta.dirname)).rejects.toThrow(
    'Could not resolve "node:',
  )
})

test('a page exports what Node does, except for what needs a disk', () => {
  const missing = Object.keys(server).filter(name => !(name in page))
  expect(missing).toEqual(['FileAddressStore', 'FileTrustStore'])
  expect(Object.keys(page).filter(name => !(name in server))).toEqual([])
})

test('a page cannot listen, and the error says so', async () => {
  const listen = ['ws://127.0.0.1:0']
  expect(await rejection(page.STTNode.create({ seed: Seed.generate(), listen }))).toMatchObject({
    code: 'STT_UNSUPPORTED',
    message: expect.stringContaining('a page cannot listen'),
  })
})

test.each([true, { interfaces: ['eth0'] }, { startLan: () => expect.unreachable() }])(
  'a page has no mDNS, and the error says so: discovery.lan is %j',
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
test('pages and nodes dial a page at its relays, unless its listen is empty', async () => {
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

test('a page has no UDP, and the error names the transport that it has', async () => {
  await using node = await page.STTNode.create({ seed: Seed.generate() })
  expect(await rejection(node.connect('udp://127.0.0.1:4433'))).toMatchObject({
    code: 'STT_BAD_ADDRESS',
    message: expect.stringContaining('ws:// or wss://'),
  })
})
