import type { Session } from '@stt/node'
import { expect, test } from 'vitest'
import { nameThere } from './name-there.ts'

const told = (metadata: unknown): Session => ({ peer: { metadata } }) as unknown as Session

test('what the other side calls the pairing is taken where it can be a name, and nothing else reaches a command line', () => {
  expect(nameThere(told({ name: 'laptop' }))).toBe('laptop')
  for (const name of ['; rm -rf ~', '\u001b[2J', '--relay', '', 'a b', 'con', 7, undefined])
    expect(nameThere(told({ name }))).toBeUndefined()
})
