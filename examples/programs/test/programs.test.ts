import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { listenRelay } from '@stt/relay'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BOTH, Program, temporaryFolder } from './program.ts'

test.each(BOTH)('echo: every word comes back, over %s', async listen => {
  const server = await Program.start('echo-server', [listen])
  const [address = ''] = await server.addresses()
  expect(await Program.run('echo-client', [address, 'good', 'day'])).toBe('good\nday\n')
  expect(await Program.run('echo-client', [address, 'again'])).toBe('again\n')
})

test('chat: what one types the other reads, and nothing that a terminal would obey', async () => {
  const here = await Program.start('chat', ['listen', ...BOTH])
  const there = await Program.start('chat', ['dial', ...(await here.addresses())])
  await here.printed(/somebody is here/)
  there.write('hello\n')
  await here.printed(/^> hello$/m)
  here.write('good \u001b[31mday\n')
  await there.printed(/^> good \[31mday$/m)
  there.end('bye\n')
  expect(await there.ended).toBe(0)
  await here.printed(/^> bye\n(?:.*\n)*?they have left$/m)
  here.end()
  expect(await here.ended).toBe(0)
})

test('folder sync: what is missing or different is sent, and only that', async () => {
  const [photos, copy] = [join(temporaryFolder(), 'photos'), join(temporaryFolder(), 'copy')]
  mkdirSync(join(photos, '2031'), { recursive: true })
  const large = randomBytes(3_000_000)
  writeFileSync(join(photos, '2031/large.bin'), large)
  writeFileSync(join(photos, 'empty'), '')
  writeFileSync(join(photos, 'one'), 'first')
  const receiver = await Program.start('folder-sync', ['receive', copy, ...BOTH])
  const addresses = await receiver.addresses()
  const send = () => Program.run('folder-sync', ['send', photos, ...addresses])

  expect((await send()).trim().split('\n').sort()).toEqual(['2031/large.bin: there', 'empty: there', 'one: there'])
  expect(readFileSync(join(copy, '2031/large.bin')).equals(large)).toBe(true)
  writeFileSync(join(photos, 'one'), 'second')
  expect(await send()).toBe('one: there\n')
  expect(readFileSync(join(copy, 'one'), 'utf8')).toBe('second')
  expect(await send()).toBe('')
  // Nothing else was made, no part of a file either.
  expect(readdirSync(copy).sort()).toEqual(['2031', 'empty', 'one'])
})

test('port forward: connections side by side, each half of one with its own end', async () => {
  const far = createServer({ allowHalfOpen: true }, socket => {
    let asked = ''
    socket.setEncoding('utf8').on('data', text => (asked += text))
    socket.on('end', () => socket.end(`you said ${asked}`))
  })
  await once(far.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void far.close())
  const exposing = await Program.start('port-forward', ['expose', String((far.address() as AddressInfo).port), ...BOTH])
  const forwarding = await Program.start('port-forward', ['forward', '0', ...(await exposing.addresses())])
  const port = Number(await forwarding.printed(/forwarding 127\.0\.0\.1:(\d+)/))

  const ask = async (text: string): Promise<string> => {
    const socket = connect({ port, allowHalfOpen: true }).setEncoding('utf8')
    socket.end(text)
    let answer = ''
    for await (const part of socket) answer += part
    return answer
  }
  const texts = ['one', 'two', 'x'.repeat(300_000)]
  expect(await Promise.all(texts.map(ask))).toEqual(texts.map(text => `you said ${text}`))
})

describe('RPC', () => {
  test('a call gives its result, and an error its message', async () => {
    const server = await Program.start('rpc', ['serve', ...BOTH])
    const addresses = await server.addresses()
    expect(await Program.run('rpc', ['call', 'add', '2', '3', ...addresses])).toBe('5\n')
    for (const name of ['subtract', 'toString', '__proto__']) {
      const called = Program.run('rpc', ['call', name, ...addresses])
      await expect(called).rejects.toThrow(`${name} failed: there is no function ${name}`)
    }
    // And it goes on.
    expect(await Program.run('rpc', ['call', 'sleep', '1', ...addresses])).toBe('slept\n')
  })
})

test('gzip pipes: all of standard input comes out at the other end', async () => {
  const receiver = await Program.start('gzip-pipe', ['receive', ...BOTH])
  const input = 'the same line again\n'.repeat(200_000)
  await Program.run('gzip-pipe', ['send', ...(await receiver.addresses())], { input })
  expect(await receiver.ended).toBe(0)
  expect(receiver.stdout === input).toBe(true)
})

test('a shared port: HTTP and STT by the same one', async () => {
  const server = await Program.start('shared-port', ['serve', '0'])
  const [address = ''] = await server.addresses()
  expect(address).toMatch(/^ws:\/\/.+:\d+\/stt$/)
  expect(await Program.run('shared-port', ['dial', address])).toBe('you are number 1\n')
  const site = await fetch(address.replace('ws:', 'http:').replace('/stt', '/'))
  expect(await site.text()).toBe('asked 1 times over STT\n')
})

test('passwords: a copy that its keeper cannot read is a store when it is brought back', async () => {
  const [folder, kept] = [join(temporaryFolder(), 'secrets'), join(temporaryFolder(), 'copies')]
  const setup = { passphrase: 'correct horse battery staple' }
  await Program.run('passwords', ['set', folder, 'mail'], { ...setup, input: 'hunter2\n' })
  const keeper = await Program.start('passwords', ['keep', kept, ...BOTH])
  const addresses = await keeper.addresses()
  const backup = () => Program.run('passwords', ['backup', folder, ...addresses], setup)

  expect(await backup()).toMatch(/^\S+: kept$/m)
  rmSync(folder, { recursive: true })

  const files = readdirSync(kept, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  expect(files.some(file => readFileSync(join(file.parentPath, file.name)).includes('hunter2'))).toBe(false)
  expect(await Program.run('passwords', ['get', kept, 'mail'], setup)).toBe('hunter2\n')
  const guess = Program.run('passwords', ['get', kept, 'mail'], { passphrase: 'incorrect horse' })
  await expect(guess).rejects.toThrow(/STT_AUTHENTICATION/)
})

test('behind two NATs: they find each other at a relay, by the seed alone', async () => {
  const relay = await listenRelay()
  onTestFinished(() => relay.close())
  const waiting = await Program.start('behind-two-nats', ['wait', relay.url])
  await waiting.printed(/listening/)
  const calling = await Program.start('behind-two-nats', ['call', relay.url])
  await calling.printed(/^connected by the relay$/m)
  calling.end('are you there?\n')
  expect(await calling.ended).toBe(0)
  expect(calling.stdout).toContain('the other side: are you there?\n')
})

test('each is a file of less than 60 lines beside its comments', () => {
  const folder = join(import.meta.dirname, '../src')
  const lines = (file: string) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter(line => line.trim() !== '' && !/^\s*(\/\/|\/\*\*)/.test(line)).length
  expect(readdirSync(folder).filter(file => lines(file) >= 60)).toEqual([])
  expect(existsSync(join(folder, 'page-upload.page.js'))).toBe(true)
})
