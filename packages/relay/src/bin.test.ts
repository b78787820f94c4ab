import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect as connectSecure, type TLSSocket } from 'node:tls'
import { toHex } from '@stt/crypto'
import { bundledProgram, issuedCertificate, issuedKey, testCertificate, testKey } from '@stt/testing'
import type { WebSocketLink } from '@stt/transport-ws'
import { expect, onTestFinished, test } from 'vitest'
import { circuitTo, deferred, ListeningNode, Party, Raw } from '../test/client.ts'
import { sendAll, takeAll } from '../test/transfer.ts'

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'bin.ts'))

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly udpPorts: readonly [number, number]
  readonly errors: string[]
}

/** The relay's program, once it listens. @param limit open files that it may have */
async function start(args: readonly string[], limit?: number): Promise<Started> {
  const child = run(args, limit)
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { ...JSON.parse(line), child, errors: errorsOf(child) }
}

function run(args: readonly string[], limit?: number): ChildProcess {
  const node = [process.execPath, '--enable-source-maps', PROGRAM]
  const command = limit === undefined ? node : ['sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...node]
  const child = spawn(command[0]!, [...command.slice(1), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function errorsOf(child: ChildProcess): string[] {
  const lines: string[] = []
  createInterface(child.stderr!).on('line', line => lines.push(line))
  return lines
}

const exitOf = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0]

test('serves the holders of a key, and ends on SIGTERM once its circuits did', async () => {
  const party = new Party()
  const { child, url, udpPorts, errors } = await start([
    ...['--listen', 'ws://127.0.0.1:0', '--access', toHex(party.access), '--json', '--drain', '60'],
  ])
  expect(udpPorts.every(port => port > 0)).toBe(true)
  const node = new ListeningNode(url, party)
  onTestFinished(() => node.stop())
  await node.until('listening')
  const accepted = deferred<void>()
  node.onCircuit = link => {
    link.onPacket = packet => void link.send(packet)
    link.resume()
    accepted.resolve()
  }
  const dialer = await circuitTo(url, party.access, { dial: party.mailboxes })
  await accepted.promise
  child.kill('SIGTERM')
  await node.until('going-away')
  const echo = deferred<Uint8Array>()
  dialer.onPacket = packet => echo.resolve(packet.slice())
  dialer.resume()
  dialer.send(Uint8Array.of(1, 2, 3))
  expect(await echo.promise).toEqual(Uint8Array.of(1, 2, 3))
  dialer.close()
  expect(await exitOf(child)).toBe(0)
  expect(errors[0]).toMatch(/^listening at ws:\/\/127\.0\.0\.1:\d+ for the holders of 1 seed/)
})

test('a node whose relay was killed is back when the relay is', async () => {
  const first = await start(['--listen', 'ws://127.0.0.1:0', '--json'])
  const node = new ListeningNode(first.url, new Party())
  onTestFinished(() => node.stop())
  await node.until('listening')
  first.child.kill('SIGKILL')
  await node.until('lost')
  await start(['--listen', first.url, '--json', '--udp', 'none'])
  await node.until('listening', 2)
})

test('goes on when it has no files left for connections', async () => {
  const { child, url, errors } = await start(['--listen', 'ws://127.0.0.1:0', '--json', '--udp', 'none'], 64)
  const { hostname, port } = new URL(url)
  const sockets: Socket[] = Array.from({ length: 150 }, () => connect(Number(port), hostname).on('error', () => {}))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  // Those for whom there was no file are cut off, and the others stay.
  await expect.poll(() => sockets.filter(({ readyState }) => readyState === 'closed').length).toBeGreaterThan(50)
  for (const socket of sockets) socket.destroy()
  await expect
    .poll(() =>
      Raw.dial(url).then(
        raw => raw.hear('greeting'),
        () => undefined,
      ),
    )
    .toMatchObject({ type: 'greeting' })
  expect([child.exitCode, errors.join('\n')]).toEqual([null, expect.not.stringContaining('fault')])
})

test('goes on where it stood still, with what came meanwhile', async () => {
  const { child, url, errors } = await start(['--listen', 'ws://127.0.0.1:0', '--json', '--udp', 'none'])
  const party = new Party()
  const node = new ListeningNode(url, party)
  onTestFinished(() => node.stop())
  await node.until('listening')
  const next = deferred<WebSocketLink>()
  node.onCircuit = next.resolve
  const dialer = await circuitTo(url, party.access, { dial: party.mailboxes })
  const acceptor = await next.promise
  onTestFinished(() => {
    for (const link of [dialer, acceptor]) link.close()
  })
  child.kill('SIGSTOP')
  const got = takeAll(acceptor, 50)
  const sent = sendAll(dialer, 50, 60_000)
  const late = Raw.dial(url)
  child.kill('SIGCONT')
  expect(await sent).toBe(await got)
  expect(await (await late).hear('greeting')).toMatchObject({ needsAccess: false })
  expect([child.exitCode, errors.join('\n')]).toEqual([null, expect.not.stringContaining('fault')])
})

test('says in a line what it cannot do, and ends', async () => {
  const child = run(['--listen', 'ws://0.0.0.0:0'])
  const errors = errorsOf(child)
  expect(await exitOf(child)).toBe(2)
  await expect.poll(() => errors).toEqual([expect.stringMatching(/^stt-relay: .*needs keys.*open/)])
})

test('a certificate that was renewed is taken on SIGHUP, and one that cannot be used is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stt relay '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const write = (certificate: string, secret: string): void => {
    writeFileSync(cert, certificate)
    writeFileSync(key, secret)
  }
  write(issuedCertificate, issuedKey)
  const { child, url, errors } = await start([
    ...['--listen', 'wss://127.0.0.1:0', '--cert', cert, '--key', key, '--json', '--drain', '0'],
  ])
  const port = Number(new URL(url).port)
  const open = (): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connectSecure({ port, rejectUnauthorized: false }, () => resolve(socket)).on('error', reject)
      onTestFinished(() => void socket.destroy())
    })
  const presented = async (): Promise<string> => (await open()).getPeerCertificate().fingerprint256
  const closed = once(child, 'exit')
  const old = await presented()
  write('no certificate', issuedKey)
  child.kill('SIGHUP')
  await expect.poll(() => errors.at(-1)).toMatch(/^not read again: .*; it goes on as it was$/)
  expect(await presented()).toBe(old)
  write(testCertificate, testKey)
  child.kill('SIGHUP')
  await expect.poll(() => errors.at(-1)).toBe('certificate and page are read again')
  expect(await presented()).not.toBe(old)
  child.kill('SIGTERM')
  expect((await closed)[0]).toBe(0)
})
