import type { Link } from '@stt/frame'
import { expect, test } from 'vitest'
import { LinkOrigin } from './origin.ts'

test('the budget key of a link is made from its address once a HELLO asks for it', () => {
  const link = { lossy: false, remote: 'ws://10.0.0.7:1' } as Link
  const asked: string[] = []
  const prefixOf = (address: string): string => {
    asked.push(address)
    return '10.0.0'
  }
  const origin = new LinkOrigin(link, { send() {}, onSession() {}, onFailed() {} }, { prefixOf })
  expect(asked).toEqual([])
  expect(origin.prefix).toBe('10.0.0')
  expect(asked).toEqual(['ws://10.0.0.7:1'])
  expect(new LinkOrigin(link, origin.party!).prefix).toBe('')
})
