import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCommand } from './command.ts'

const key = (digit: string): string => digit.repeat(64)

test('without arguments it listens for this machine', () => {
  expect(readCommand([])).toEqual({
    relay: { host: '127.0.0.1', port: 4433, path: '/', keys: [], open: false, urls: [], logAddresses: false },
    drain: 10_000,
    json: false,
    help: false,
  })
})

test('everything that can be said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stt relay '))
  try {
    const [cert, secret] = ['cert.pem', 'key.pem'].map(name => join(folder, name)) as [string, string]
    writeFileSync(cert, 'certificate')
    writeFileSync(secret, 'secret')
    const args = [
      '--listen',
      'wss://[::]/stt',
      '--cert',
      cert,
      '--key',
      secret,
      '--access',
      key('a'),
      '--access',
      key('B'),
    ]
    const more = ['--url', 'wss://relay.example', '--client-address', 'X-Real-IP', '--udp', '4433,4434', '--drain', '5']
    const { relay, drain, json } = readCommand([...args, ...more, '--log-addresses', '--json'], `${key('c')},`)
    expect([drain, json]).toEqual([5_000, true])
    const { clientAddress, tls, ...rest } = relay
    expect(rest).toEqual({
      host: '::',
      port: 443,
      path: '/stt',
      keys: [0xaa, 0xbb, 0xcc].map(byte => new Uint8Array(32).fill(byte)),
      open: false,
      urls: ['wss://relay.example'],
      udpPorts: [4433, 4434],
      logAddresses: true,
    })
    expect([String(tls!.cert), String(tls!.key)]).toEqual(['certificate', 'secret'])
    expect(clientAddress!({ headers: { 'x-real-ip': '192.0.2.7' } } as unknown as IncomingMessage)).toBe('192.0.2.7')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('no UDP ports, everybody, help', () => {
  expect(readCommand(['--udp', 'none', '--open']).relay).toMatchObject({ udpPorts: false, open: true })
  expect(readCommand(['-h']).help).toBe(true)
})

test.each<[string[], RegExp]>([
  [['--listen', 'http://127.0.0.1:0'], /--listen takes a URL/],
  [['--listen', 'wss://127.0.0.1:0'], /needs --cert and --key/],
  [['--cert', 'file', '--key', 'file'], /are for --listen wss/],
  [['--access', 'cafe'], /64 hexadecimal digits/],
  [['--drain', 'long'], /--drain takes a whole number/],
  [['--udp', '1'], /--udp takes two ports/],
  [['--udp', '1,2,3'], /--udp takes two ports/],
  [['--nonsense'], /nonsense/],
])('%j is refused', (args, message) => {
  expect(() => readCommand(args)).toThrow(message)
})
