import { createServer, get as getPlain, type Server as HttpServer } from 'node:http'
import { createServer as createSecureServer, get as getSecure } from 'node:https'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { issuedCertificate, issuedKey, privateCa } from '@stt/testing'
import express from 'express'
import fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { Seed, type STTNode } from '../src/index.ts'
import { collect, createNode, expectBytes, pattern, rejection } from './nodes.ts'

const seed = Seed.generate()
const closing: (() => unknown)[] = []
afterEach(() => {
  // Not waited for: nodes and their connections are closed after this.
  for (const close of closing.splice(0)) void close()
})

async function started<S extends HttpServer>(server: S): Promise<S> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return server
}

const portOf = (server: HttpServer): number => (server.address() as AddressInfo).port

/** The body of a page. */
const page = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const get = url.startsWith('https') ? getSecure : getPlain
    get(url, { ca: privateCa, agent: false }, response => {
      response.setEncoding('utf8')
      response.on('data', resolve)
    }).on('error', reject)
  })

/** What is sent comes back whole over a session with the node's first address. */
async function expectEcho(server: STTNode, address: string, ca?: string): Promise<void> {
  server.onSession(session => session.onStream(stream => stream.readable.pipeTo(stream.writable)))
  const client = await createNode({ seed, ...(ca && { ws: { ca } }) })
  const session = await client.connect(address)
  expect(session.peer.id).toEqual(server.id)
  const stream = await session.openStream()
  const sent = pattern(100_000)
  void stream.write(sent).then(() => stream.end())
  expectBytes(await collect(stream), sent)
  await session.close()
}

test('Express serves pages and STT at one port, and goes on after the node', async () => {
  const app = express()
  app.get('/', (_request, response) => void response.send('the page'))
  const web = await started(createServer(app))
  const server = await createNode({ seed, listen: [`ws://127.0.0.1:${portOf(web)}/stt`], ws: { server: web } })
  expect(server.addresses).toEqual([`ws://127.0.0.1:${portOf(web)}/stt`])
  await expectEcho(server, server.addresses[0]!)
  expect(await page(`http://127.0.0.1:${portOf(web)}/`)).toBe('the page')
  await server.close()
  expect(web.listening).toBe(true)
  expect(web.listenerCount('upgrade')).toBe(0)
  expect(await page(`http://127.0.0.1:${portOf(web)}/`)).toBe('the page')
})

test('Fastify serves STT, attached before or after it listens', async () => {
  const app = fastify()
  app.get('/', async () => 'the page')
  const server = await createNode({ seed, listen: ['ws://localhost/stt'], ws: { server: app.server } })
  expect(server.addresses).toEqual([])
  await app.listen({ host: '127.0.0.1', port: 0 })
  closing.push(() => app.close())
  expect(server.addresses).toEqual([`ws://127.0.0.1:${portOf(app.server)}/stt`])
  await expectEcho(server, server.addresses[0]!)
  expect(await page(`http://127.0.0.1:${portOf(app.server)}/`)).toBe('the page')
})

test('a client that trusts the private CA gets in over https', async () => {
  const secure = createSecureServer({ cert: issuedCertificate, key: issuedKey }, (_request, response) => {
    response.end('the page')
  })
  await started(secure)
  const server = await createNode({ seed, listen: ['wss://127.0.0.1/stt'], ws: { server: secure } })
  const [address] = server.addresses as [string]
  expect(address).toBe(`wss://127.0.0.1:${portOf(secure)}/stt`)
  await expectEcho(server, address, privateCa)
  expect(await page(`https://127.0.0.1:${portOf(secure)}/`)).toBe('the page')
  const stranger = await createNode({ seed })
  expect(await rejection(stranger.connect(address))).toMatchObject({ code: 'STT_CONNECT_FAILED' })
})

test('one server serves several paths, beside an address of its own', async () => {
  const web = await started(createServer())
  const listen = ['ws://localhost/a', 'udp://127.0.0.1:0', 'ws://localhost/b']
  const server = await createNode({ seed, listen, ws: { server: web } })
  const [a, udp, b] = server.addresses as [string, string, string]
  const client = await createNode({ seed })
  for (const address of [a, udp, b]) expect((await client.connect(address)).peer.id).toEqual(server.id)
  const elsewhere = a.replace('/a', '/c')
  expect(await rejection(client.connect(elsewhere))).toMatchObject({ details: { status: 404 } })
  const again = createNode({ seed, listen: ['ws://localhost/a'], ws: { server: web } })
  expect(await rejection(again)).toMatchObject({ code: 'STT_ADDRESS_IN_USE', message: expect.stringContaining('/a') })
})

test('the node itself serves wss://', async () => {
  const tls = { cert: issuedCertificate, key: issuedKey }
  const server = await createNode({ seed, listen: ['wss://127.0.0.1:0/stt', 'ws://127.0.0.1:0'], ws: { tls } })
  const [address, plain] = server.addresses as [string, string]
  expect(address).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/stt$/)
  await expectEcho(server, address, privateCa)
  const client = await createNode({ seed, ws: { ca: privateCa } })
  const byName = await client.connect(address.replace('127.0.0.1', 'localhost'))
  expect(byName.peer.id).toEqual(server.id)
  expect((await client.connect(plain)).peer.id).toEqual(server.id)
  // Whoever speaks no TLS there is not answered, and nobody else notices.
  expect(await rejection(client.connect(address.replace('wss', 'ws')))).toMatchObject({ code: 'STT_CONNECT_FAILED' })
  expect(server.getStatistics().faults).toBe(0)
})

test.each([
  [{ listen: ['wss://127.0.0.1:0'] }, 'STT_BAD_ADDRESS', 'ws: { tls: { cert, key } }'],
  [{ listen: ['wss://127.0.0.1:0'], ws: { server: createServer() } }, 'STT_BAD_ADDRESS', 'no https server'],
  [
    { listen: ['wss://127.0.0.1:0'], ws: { tls: { cert: issuedCertificate } } },
    'STT_INVALID_ARGUMENT',
    'tls needs key',
  ],
  [
    { listen: ['wss://127.0.0.1:0'], ws: { tls: { cert: issuedCertificate, key: 'no key' } } },
    'STT_INVALID_ARGUMENT',
    'both in PEM',
  ],
  [
    { listen: ['ws://127.0.0.1:0'], ws: { tls: { cert: issuedCertificate, key: issuedKey } } },
    'STT_INVALID_ARGUMENT',
    'listening at wss://',
  ],
  [{ listen: ['udp://127.0.0.1:0'], ws: { server: createServer() } }, 'STT_INVALID_ARGUMENT', 'its path'],
  [{ listen: ['ws://127.0.0.1:0'], ws: { server: 'http' } }, 'STT_INVALID_ARGUMENT', 'HTTP server'],
  [{ listen: ['ws://127.0.0.1:0'], ws: { server: createPlainServer() } }, 'STT_INVALID_ARGUMENT', 'HTTP server'],
  [
    {
      listen: ['wss://127.0.0.1:0'],
      ws: { server: createSecureServer(), tls: { cert: issuedCertificate, key: issuedKey } },
    },
    'STT_INVALID_ARGUMENT',
    'either server or tls',
  ],
])('an option that cannot work says what to do: %#', async (options, code, help) => {
  const error = await rejection(createNode({ seed, ...options } as never))
  expect(error).toMatchObject({ code, message: expect.stringContaining(help) })
  expect(JSON.stringify(error) + String(error)).not.toContain('PRIVATE')
})
