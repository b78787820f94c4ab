import { Seed } from '@stt/crypto'
import { expect, test } from 'vitest'
import * as page from '../src/index.browser.ts'
import * as server from '../src/index.ts'
import { bundleForPage } from './bundle.ts'
import { rejection } from './nodes.ts'

test('a bundler finds the entry for pages by itself, and nothing of Node or UDP comes with it', async () => {
  const { files, inputs, imports } = await bundleForPage(`export * from '@stt/node'`)
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
  const { files, loaded } = await bundleForPage(`export * from '@stt/node'`)
  const argon2 = [...files.keys()].filter(name => name.startsWith('argon2'))
  expect(argon2).toHaveLength(1)
  expect([...files.values()].join('\n')).toContain(`import("./${argon2[0]}")`)
  expect(loaded.filter(path => path.includes('hashes/argon2'))).toEqual([])
})

test('nothing that only a listener needs comes with it', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`)
  expect(loaded).toContain('packages/handshake/src/initiator.ts')
  expect(
    loaded.filter(path =>
      /responder|listen|hello-gate|retry-tokens|judge|handler-failed|stray-packets|accept-link/.test(path),
    ),
  ).toEqual([])
})

test('what relays take is loaded by pages that use one', async () => {
  const { inputs, loaded } = await bundleForPage(`export * from '@stt/node'`)
  expect(inputs).toContain('packages/rendezvous/src/client/relay-listener.ts')
  expect(loaded.filter(path => /packages\/rendezvous|relay\/(relays|circuit|relay-leg)/.test(path))).toEqual([])
})

test('of loss recovery it has the estimate of round trips alone', async () => {
  const { loaded } = await bundleForPage(`export * from '@stt/node'`)
  expect(loaded.filter(path => path.includes('packages/recovery/'))).toEqual(['packages/recovery/src/rtt.ts'])
})

test('a module of Node in the entry would not go unseen', async () => {
  await expect(bundleForPage(`export * from '../src/index.ts'`)).rejects.toThrow('Could not resolve "node:')
})

test('a page has what Node has but for what needs a disk', () => {
  const missing = Object.keys(server).filter(name => !(name in page))
  expect(missing).toEqual(['FileTrustStore'])
  expect(Object.keys(page).filter(name => !(name in server))).toEqual([])
})

test('a page cannot listen, and says so', async () => {
  const listen = ['ws://127.0.0.1:0']
  expect(await rejection(page.STTNode.create({ seed: Seed.generate(), listen }))).toMatchObject({
    code: 'STT_UNSUPPORTED',
    message: expect.stringContaining('a page cannot listen'),
  })
})

test('a page has no UDP, and is told of the way that it has', async () => {
  await using node = await page.STTNode.create({ seed: Seed.generate() })
  expect(await rejection(node.connect('udp://127.0.0.1:4433'))).toMatchObject({
    code: 'STT_BAD_ADDRESS',
    message: expect.stringContaining('ws:// or wss://'),
  })
})
