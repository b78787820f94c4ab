import { expect, test } from 'vitest'
import { forbidden } from '../src/rules/forbidden.ts'
import { manifest, repositoryOf } from './fixture.ts'

const check = (folder: string, code: string, change = {}) =>
  forbidden.check(
    repositoryOf({
      [`packages/${folder}/package.json`]: manifest(folder, change),
      [`packages/${folder}/src/index.ts`]: code,
      [`packages/${folder}/src/index.test.ts`]: "createHash('sha256'); setTimeout(() => {}, 1)\n",
    }),
  )

test.each([
  "import { sha256 } from '@noble/hashes/sha2.js'\nsha256(x)",
  "createHash('sha256')",
  "crypto.subtle.digest('SHA-256', x)",
  "createHmac('SHA512', x)",
  "import { sha3_256 } from '@noble/hashes/sha3.js'\nsha3_256(x)",
])('a hash of another family: %s', code => {
  expect(check('crypto', code)).toEqual([expect.stringMatching(/BLAKE2b/)])
})

test.each([
  '// no SHA-256 here\nexport const a = 1',
  '/* sha256 */ export const a = 1',
  "createHash('sha1') // the accept key",
  'export const share256 = 1',
])('what is none: %s', code => {
  expect(check('crypto', code)).toEqual([])
})

test.each(['Date.now()', 'performance.now()', 'setTimeout(f, 1)', 'Math.random()', 'crypto.getRandomValues(x)'])(
  '%s in a sans-IO package',
  code => {
    expect(check('session', code)).toEqual([expect.stringMatching(/arguments/)])
    expect(check('node', code)).toEqual([])
  },
)

test.each(["link.kind === 'datagram'", "path.link.kind !== 'message'", 'kind == other', 'switch (link.kind) {}'])(
  'a question for the kind of a link in a sans-IO package: %s',
  code => {
    expect(check('session', code)).toEqual([expect.stringMatching(/property of its own/)])
    expect(check('node', code)).toEqual([])
  },
)

test.each(["from.startsWith('udp://')", 'address.startsWith("ws:")'])(
  'a transport that is read off an address in a sans-IO package: %s',
  code => {
    expect(check('stream', code)).toEqual([expect.stringMatching(/for people to read/)])
    expect(check('node', code)).toEqual([])
  },
)

test.each(["from.startsWith('u')", 'const kind = 1', '// link.kind === 1', 'const mankind = a === b'])(
  'neither of them: %s',
  code => {
    expect(check('session', code)).toEqual([])
  },
)

test('ws outside of devDependencies', () => {
  expect(check('transport-ws', '', { dependencies: { ws: '8.0.0' } })).toEqual([expect.stringMatching(/names ws/)])
  expect(check('transport-ws', '', { peerDependencies: { ws: '8.0.0' } })).toEqual([expect.stringMatching(/names ws/)])
  expect(check('transport-ws', '', { devDependencies: { ws: '8.0.0' } })).toEqual([])
})
