import { expect, test } from 'vitest'
import { Admission, addressGroup } from './admission.ts'

test('spec: STT-WS-22: one address has its cap, all together have theirs, and places come back', () => {
  const admission = new Admission(3, 2)
  const first = admission.enter('10.0.0.1')
  const second = admission.enter('10.0.0.1')
  expect(admission.enter('10.0.0.1')).toBe('address-full')
  const third = admission.enter('10.0.0.2')
  expect(admission.enter('10.0.0.3')).toBe('full')
  for (const leave of [first, second, third]) (leave as () => void)()
  expect(admission.enter('10.0.0.1')).toBeTypeOf('function')
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
  ['', ''],
])('the group of %s is %s', (address, group) => {
  expect(addressGroup(address)).toBe(group)
})
