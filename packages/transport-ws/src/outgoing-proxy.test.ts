import { describe, expect, test } from 'vitest'
import { proxyOf } from './dial.ts'
import { type Environment, outgoingProxy } from './outgoing-proxy.ts'

const hostFor = (url: string, environment: Environment, option?: string | false): string | undefined =>
  outgoingProxy(new URL(url), option, environment)?.url.host

// spec: STT-WS-31
test('wss: goes by HTTPS_PROXY and ws: by HTTP_PROXY, in small letters first', () => {
  const both = { HTTPS_PROXY: 'http://secure.example:1', HTTP_PROXY: 'plain.example:2' }
  expect(hostFor('wss://stt.example', both)).toBe('secure.example:1')
  expect(hostFor('ws://stt.example', both)).toBe('plain.example:2')
  expect(hostFor('wss://stt.example', { ...both, https_proxy: 'http://small.example:3' })).toBe('small.example:3')
  expect(hostFor('wss://stt.example', { HTTP_PROXY: 'plain.example:2' })).toBeUndefined()
  expect(hostFor('wss://stt.example', { HTTPS_PROXY: '' })).toBeUndefined()
})

test('a CGI program does not take its proxy from a request', () => {
  const asked = { HTTP_PROXY: 'http://evil.example:1', REQUEST_METHOD: 'GET' }
  expect(hostFor('ws://stt.example', asked)).toBeUndefined()
  expect(hostFor('ws://stt.example', { ...asked, http_proxy: 'http://good.example:2' })).toBe('good.example:2')
})

test.each([
  ['stt.example', 'wss://stt.example', true],
  ['stt.example', 'wss://deep.stt.example', true],
  ['.stt.example', 'wss://deep.stt.example', true],
  ['*.stt.example', 'wss://STT.example', true],
  ['stt.example', 'wss://nostt.example', false],
  ['one.example, stt.example two.example', 'wss://stt.example', true],
  ['stt.example:443', 'wss://stt.example', true],
  ['stt.example:8443', 'wss://stt.example', false],
  ['*', 'wss://stt.example', true],
  ['', 'wss://stt.example', false],
  ['10.0.0.0/8', 'wss://10.1.2.3', true],
  ['10.0.0.0/8', 'wss://11.1.2.3', false],
  ['10.0.0.0/99', 'wss://10.1.2.3', false],
  ['10.1.2.3', 'wss://10.1.2.3:9', true],
  ['2.3', 'wss://10.1.2.3', false],
  ['2001:db8::/32', 'wss://[2001:db8::5]', true],
  ['[2001:db8::5]:443', 'wss://[2001:db8::5]', true],
  ['2001:db8::5', 'wss://[2001:db8::6]', false],
])('NO_PROXY=%s leaves out %s: %s', (list, url, isLeftOut) => {
  const host = hostFor(url, { HTTPS_PROXY: 'http://proxy.example:1', NO_PROXY: list })
  expect(host === undefined).toBe(isLeftOut)
})

test('connections to this machine use no proxy of the environment, but the one that the program names', () => {
  for (const host of ['localhost', 'a.localhost', '127.9.9.9', '[::1]']) {
    expect(hostFor(`ws://${host}:1`, { HTTP_PROXY: 'http://proxy.example:1' })).toBeUndefined()
    expect(hostFor(`ws://${host}:1`, {}, 'http://proxy.example:1')).toBe('proxy.example:1')
  }
})

test('the option counts before the environment, and false is none', () => {
  const environment = { HTTPS_PROXY: 'http://proxy.example:1', NO_PROXY: '*' }
  expect(hostFor('wss://stt.example', environment, 'https://other.example')).toBe('other.example')
  expect(hostFor('wss://stt.example', { HTTPS_PROXY: 'http://proxy.example:1' }, false)).toBeUndefined()
})

test('what is no HTTP proxy is refused without its password', () => {
  for (const text of ['socks5://user:geheim@proxy.example', 'http://user:geheim@', 'http://user:geheim@bad host']) {
    expect(() => hostFor('wss://stt.example', { HTTPS_PROXY: text })).toThrow(
      expect.objectContaining({ code: 'STT_CONNECT_FAILED', message: expect.not.stringContaining('geheim') }),
    )
    expect(() => hostFor('wss://stt.example', {}, text)).toThrow(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT', message: expect.not.stringContaining('geheim') }),
    )
  }
})

describe('an environment that may not be read', () => {
  const refusing = (name: string) =>
    new Proxy(
      {},
      {
        get: () => {
          throw Object.assign(new Error('run again with the --allow-env flag'), { name })
        },
      },
    )

  test.each(['NotCapable', 'PermissionDenied'])('%s: there is no proxy', name => {
    expect(outgoingProxy(new URL('wss://example.org'), undefined, refusing(name))).toBeUndefined()
  })

  test('any other error is told', () => {
    expect(() => outgoingProxy(new URL('wss://example.org'), undefined, refusing('TypeError'))).toThrow(/--allow-env/)
  })
})

test('what people are told of a proxy is where it is and who names it, and no password', () => {
  const told = proxyOf('wss://stt.example', { proxy: 'http://user:secret@proxy.example:3128' })
  expect(told).toEqual({ host: 'proxy.example:3128', from: 'the option proxy' })
  expect(proxyOf('wss://stt.example', { proxy: false })).toBeUndefined()
})
