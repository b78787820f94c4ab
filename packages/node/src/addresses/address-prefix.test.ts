import { expect, test } from 'vitest'
import { addressPrefix, budgetPrefix } from './address-prefix.ts'

test('the prefix depends on the host alone, not on scheme, port or path', () => {
  expect(addressPrefix('udp://10.0.0.7:4433')).toBe(addressPrefix('ws://10.0.0.200:80/stt?x=1'))
  expect(addressPrefix('udp://10.0.0.7:4433')).not.toBe(addressPrefix('udp://10.0.1.7:4433'))
  expect(addressPrefix('udp://[2001:db8:0:12::1]:1')).toBe(addressPrefix('ws://[2001:db8:0:34::2]:2'))
  expect(addressPrefix('ws://example.org:1')).toBe('example.org')
})

// spec: STT-HS-35
test('this machine has no budget of its own, and all addresses without a host share one', () => {
  const own = [
    'udp://127.0.0.1:1',
    'ws://127.9.9.9:1/',
    'ws://[::1]:1',
    'udp://[::ffff:127.0.0.1]:1',
    'ws://localhost:1',
  ]
  expect(own.map(budgetPrefix)).toEqual(own.map(() => ''))
  expect(budgetPrefix('ws://10.0.0.7:1')).toBe(addressPrefix('ws://10.0.0.7:1'))
  for (const nobody of ['ws://:0', 'nonsense', '']) expect(budgetPrefix(nobody)).toBe('?')
})
