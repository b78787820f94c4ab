import { expect, test } from 'vitest'
import { type PathOptions, resolvePaths } from './path-options.ts'

test('options that are not given have their defaults', () => {
  expect(resolvePaths(undefined)).toMatchObject({
    ...{ udp: true, websocket: true, relay: true, shareAddresses: 'all' },
    ...{ openerTtl: 5, standby: 1, detached: 0 },
  })
})

test.each<[object, RegExp]>([
  [{ udp: 1 }, /paths\.udp/],
  [{ websocket: 'no' }, /paths\.websocket/],
  [{ relay: 'never' }, /paths\.relay/],
  [{ shareAddresses: 'some' }, /all, public, none/],
  [{ candidates: [] }, /paths\.candidates/],
  [{ openerTtl: 0 }, /paths\.openerTtl .* from 1 to 64/],
  [{ openerTtl: 65 }, /paths\.openerTtl/],
  [{ openerTtl: 2.5 }, /paths\.openerTtl/],
  [{ standby: 4 }, /paths\.standby/],
  [{ detached: -1 }, /paths\.detached/],
  [{ hops: 3 }, /hops is not an option/],
  [{ udp: false, websocket: false, relay: false }, /rules out all/],
])('%j is refused', (given, message) => {
  expect(() => resolvePaths(given as PathOptions)).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT', message: expect.stringMatching(message) }),
  )
})
