import type { Session } from '@stt/node'
import { expect, test } from 'vitest'
import { nameThere } from './name-there.ts'

const told = (metadata: unknown): Session => ({ peer: { metadata } }) as unknown as Session

test('the other side’s name for the pairing is taken if it is a valid name, and no other text reaches a command line', () => {
  expect(nameThere(told({ name: 'laptop' }))).toBe('laptop')
  for (const name of ['; rm -rf ~', '\u001b[2J', '--relay', '', 'a b', 'con', 7, undefined])
    expect(nameThere(told({ name }))).toBeUndefined()
})
