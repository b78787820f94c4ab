import { expect, test } from 'vitest'
import { isBehindProxy } from './proxy.ts'

const from = (remoteAddress: string | undefined, headers: Record<string, string>) =>
  isBehindProxy({ headers, socket: { remoteAddress } as never })

test('a proxy is recognized by its headers, and only from an address of this network', () => {
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    expect(from('10.1.2.3', { [name]: '192.0.2.1' })).toBe(true)
  }
  for (const address of ['127.0.0.1', '::1', '::ffff:192.168.1.1', 'fd00::1', '172.20.0.1']) {
    expect(from(address, { 'x-forwarded-for': '192.0.2.1' }), address).toBe(true)
  }
  for (const address of ['192.0.2.9', '2001:db8::1', '::ffff:192.0.2.9', '', undefined]) {
    expect(from(address, { 'x-forwarded-for': '192.0.2.1' }), address).toBe(false)
  }
  expect(from('10.1.2.3', {})).toBe(false)
})
