import { expect, test } from 'vitest'
import { multicast } from '../src/rules/multicast.ts'
import { manifest, repositoryOf } from './fixture.ts'

/** A node that depends on these, and a page's entry with this code. */
const check = (dependencies: Record<string, string>, page = '', more: Record<string, string> = {}) =>
  multicast.check(
    repositoryOf({
      'packages/node/package.json': manifest('node', { dependencies }),
      'packages/node/src/index.browser.ts': page,
      'packages/session/package.json': manifest('session', { dependencies: { 'dns-packet': '5.6.1' } }),
      'packages/lan/src/index.ts': "import 'node:dgram'\nexport const startLan = () => {}\n",
      ...more,
    }),
  )

test('a node without it, and one for which the package that has it is a development dependency', async () => {
  expect(await check({ '@noble/hashes': '2.0.0' }, 'export const dnsName = 1')).toEqual([])
})

test.each(['@stt/lan', 'dns-packet', 'multicast-dns', 'bonjour-service', '@homebridge/ciao-mdns'])(
  '%s among the dependencies of a node',
  async name => {
    expect(await check({ [name]: '1.0.0' })).toEqual([
      expect.stringContaining(`@stt/node → ${name}: mDNS is installed`),
    ])
  },
)

test('mDNS behind a dependency', async () => {
  expect(await check({ '@stt/session': 'workspace:^' })).toEqual([
    expect.stringContaining('@stt/node → @stt/session → dns-packet'),
  ])
})

test.each(["import '../../lan/src/index.ts'", "export const load = () => import('../../lan/src/index.ts')"])(
  'a page that gets it: %s',
  async code => {
    expect(await check({}, code)).toEqual([expect.stringContaining('a page gets packages/lan/src/index.ts')])
  },
)

test('a page that gets what somebody else wrote', async () => {
  const files = {
    'packages/node/node_modules/dns-packet/package.json': '{ "main": "index.js" }',
    'packages/node/node_modules/dns-packet/index.js': 'exports.decode = () => {}',
  }
  expect(await check({}, "import 'dns-packet'", files)).toEqual([
    expect.stringContaining('a page gets packages/node/node_modules/dns-packet/index.js'),
  ])
})
