/**
 * Who may import whom: each package with those above it. Relative imports stay inside a package; everything else
 * goes through a public entry. The order is the order of the layers.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  serialize: ['errors'],
  crypto: ['errors'],
  frame: ['errors'],
  handshake: ['errors', 'serialize', 'crypto', 'frame'],
  recovery: ['errors', 'frame'],
  session: ['errors', 'crypto', 'frame', 'recovery'],
  stream: ['errors', 'crypto', 'frame'],
  chamber: ['errors', 'serialize', 'crypto'],
  'transport-udp': ['errors', 'frame', 'recovery'],
  'transport-ws': ['errors', 'frame'],
  rendezvous: ['errors', 'serialize', 'crypto', 'frame'],
  relay: ['errors', 'frame', 'rendezvous', 'transport-ws'],
  'relay-redis': ['errors', 'frame', 'relay'],
  lan: ['errors', 'crypto', 'frame', 'rendezvous'],
  node: [
    ...['errors', 'serialize', 'crypto', 'frame', 'handshake', 'session', 'stream'],
    ...['transport-udp', 'transport-ws', 'rendezvous'],
  ],
  transfer: ['errors', 'crypto'],
  cli: ['errors', 'crypto', 'chamber', 'lan', 'node', 'relay', 'rendezvous', 'transfer', 'transport-ws'],
}

/** Packages whose code runs anywhere: no module of Node's in it. */
export const PLATFORM_NEUTRAL: readonly string[] = [
  'errors',
  'serialize',
  'frame',
  'handshake',
  'recovery',
  'rendezvous',
  'session',
  'stream',
  'transfer',
]

/** Packages that are protocol only: time and entropy come in as arguments. */
export const SANS_IO: readonly string[] = ['frame', 'handshake', 'recovery', 'rendezvous', 'session', 'stream']
