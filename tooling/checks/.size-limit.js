import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// The cost of each package for a program that imports all of it, its dependencies included: minified, gzipped.
// A budget is what was measured when it was set, and a little air; raising one is a decision, not a repair.
const budgets = {
  errors: '2.7 kB',
  serialize: '10.4 kB',
  crypto: '29.7 kB',
  frame: '6.3 kB',
  handshake: '41.2 kB',
  recovery: '6 kB',
  session: '43.9 kB',
  stream: '14 kB',
  chamber: '52.5 kB',
  'transport-udp': '10.2 kB',
  'transport-ws': '17.8 kB',
  rendezvous: '35.6 kB',
  relay: '60 kB',
  'relay-redis': '103 kB',
  lan: '45 kB',
  node: '158.6 kB',
  transfer: '27.4 kB',
  // The part that programs import; the command itself is loaded verb by verb.
  cli: '0.3 kB',
}

/** Measured as a page would get them. */
const browser = [
  'transfer',
  'chamber',
  'errors',
  'serialize',
  'crypto',
  'frame',
  'handshake',
  'recovery',
  'rendezvous',
  'session',
  'stream',
]

/** Loaded by a page that finds others by the seed alone, or says at its relays that it is there. */
const FINDING = ['./discovery-*', './connect-found-*', './peer-events-*']

/** Loaded by a page that stretches a passphrase, and by one that has rules about its peers. */
const SELDOM = ['@noble/hashes/argon2.js', './peer-rules-*']

/**
 * The size of a page that dials, everything included (`{ STTNode, Seed }` alone is 0.2 kB less). The aim is 72 kB. Of these 99,
 * a page that dials, writes, reads and moves executes 67 (Chromium's coverage); most of the rest are errors, whose messages are 12 kB. By what each part adds: the node 23, the session 18, the noble libraries 15 (ML-KEM 3), streams 10, handshakes
 * 10, serialization 7, our side of cryptography 6, frames 3, the WebSocket 3, errors and the checks of arguments 2. It has no
 * code of a listener.
 */
const PAGE = {
  name: '@stt/node in a page',
  limit: '99.7 kB',
  ignore: [...SELDOM, './relays-*', './page-listening-*', ...FINDING],
}

/** The same with what a page loads besides to dial by relays: 9 kB. */
const PAGE_WITH_RELAYS = {
  name: '@stt/node in a page with relays',
  limit: '109.3 kB',
  ignore: [...SELDOM, './page-listening-*', ...FINDING],
}

/** The same again with what a page loads that others dial at its relays, 7 kB, and find there, 6 kB. */
const LISTENING_PAGE = {
  name: '@stt/node in a page that listens',
  limit: '123.1 kB',
  ignore: SELDOM,
}

const fileOf = target => (typeof target === 'string' ? target : fileOf(target.default))

/** The built file that `import` finds, for a page or for Node. */
const mainFile = (folder, inPage) => {
  const manifest = JSON.parse(readFileSync(new URL(`../../packages/${folder}/package.json`, import.meta.url), 'utf8'))
  const conditions = manifest.publishConfig.exports['.']
  return fileOf((inPage && conditions.browser) || conditions.default)
}

const entry = (folder, options, inPage = browser.includes(folder)) => ({
  name: `@stt/${folder}`,
  path: join('../../packages', folder, mainFile(folder, inPage)),
  import: '*',
  gzip: true,
  modifyEsbuildConfig: config => ({
    ...config,
    platform: inPage ? 'browser' : 'node',
    format: 'esm',
    // A chunk that another one is split off keeps an import of it for its effects, of which it has none.
    logOverride: { 'ignored-bare-import': 'silent' },
  }),
  ...options,
  // Loaded apart: WebAssembly in the background, by Node for its first session, by a page when a transfer is worth it; and
  // what stretches a passphrase, when one is.
  ignore: ['libsodium', './wasm-*', './passphrase-*', ...(options.ignore ?? [])],
})

export default [
  ...Object.entries(budgets).map(([folder, limit]) => entry(folder, { limit })),
  entry('stream', { name: '@stt/stream/segments', limit: '23.8 kB', path: '../../packages/stream/dist/segments.js' }),
  entry('rendezvous', {
    name: '@stt/rendezvous/server',
    limit: '60 kB',
    path: '../../packages/rendezvous/dist/server.js',
  }),
  entry('node', PAGE, true),
  entry('node', PAGE_WITH_RELAYS, true),
  entry('node', LISTENING_PAGE, true),
]
