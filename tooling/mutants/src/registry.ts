import type { Mutant } from './mutant.ts'

const ENGINE = 'packages/rendezvous/src/server/registry-engine.ts'
const ENGINE_TEST = 'packages/rendezvous/src/server/registry-engine.test.ts'
const TOPICS = 'packages/rendezvous/src/server/topics.ts'
const RECORD = 'packages/rendezvous/src/registry/record.ts'
const RECORD_TEST = 'packages/rendezvous/src/registry/record.test.ts'
const CLIENT = 'packages/rendezvous/src/registry/registry-client.ts'
const CLIENT_TEST = 'packages/rendezvous/src/registry/registry-client.test.ts'
const DIRECTORY = 'packages/rendezvous/src/registry/peer-directory.ts'
const NODE_TEST = 'packages/node/test/discovery.test.ts'
const BLIND_TEST = 'packages/node/test/relay-blind.test.ts'
const DIRECTORY_TEST = 'packages/rendezvous/src/registry/peer-directory.test.ts'

/** Defences of a registry and its clients. */
export const registry: readonly Mutant[] = [
  {
    without: 'registry: asks nobody for a proof of access',
    file: ENGINE,
    find: "if (!this.#isAllowed(leg, message)) return this.#refuse(leg, 'auth', now)",
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: takes as many messages as a connection sends',
    file: ENGINE,
    find: "if (!leg.budget.take(now)) return this.#refuse(leg, 'rate', now)",
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: lets a connection write to any number of topics',
    file: ENGINE,
    find: 'if (this.#written.size >= MAX_TOPICS) return false',
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: has any number of connections of one address',
    file: ENGINE,
    find: 'if (limit) this.#refuse(leg, limit, now)',
    replace: 'if (false) this.#refuse(leg, limit!, now)',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: keeps connections that say nothing any more',
    file: ENGINE,
    find: '    this.#idle.set(leg, now)\n',
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: keeps records for ever',
    file: TOPICS,
    find: 'if (second * 1_000 <= now)',
    replace: 'if (false)',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: keeps any number of records of one address',
    file: TOPICS,
    find: 'if (address !== undefined && (this.#perAddress.get(address) ?? 0) >= recordsPerAddress) return false',
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: keeps any number of records',
    file: TOPICS,
    find: 'return this.#size < records',
    replace: 'return records > 0',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: lets one address fill a topic',
    file: TOPICS,
    find: 'address === undefined ? undefined : oldestOfMany(topic, address)',
    replace: 'undefined as Kept | undefined',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: lets whoever comes take the place of another',
    file: TOPICS,
    find: '<= (counts.get(newcomer) ?? 0) + 1) return undefined',
    replace: '<= 0) return undefined',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: goes on answering who does not read',
    file: 'packages/relay/src/registry-server.ts',
    find: 'if (!output.to.send(output.packet)) output.to.pause()',
    replace: 'output.to.send(output.packet)',
    test: 'packages/relay/src/registry-server.test.ts',
  },
  {
    without: 'registry: a record can be moved to another slot',
    file: RECORD,
    find: "cke.derive(record, 'rec', concatBytes([salt, slot]), 32)",
    replace: "cke.derive(record, 'rec', concatBytes([salt]), 32)",
    test: 'packages/rendezvous/test/registry-vectors.test.ts',
  },
  {
    without: 'registry: a record may hold anything behind its end',
    file: RECORD,
    find: 'padded.subarray(LENGTH_SIZE + size).some(byte => byte !== 0)',
    replace: 'false',
    test: RECORD_TEST,
  },
  {
    without: 'registry: a record may name any number of relays',
    file: RECORD,
    find: 'relays.length > MAX_RELAYS ||',
    replace: '',
    test: RECORD_TEST,
  },
  {
    without: 'registry: keeps all that a registry says is in a topic',
    file: CLIENT,
    find: 'if (entries.length > MOST_ENTRIES) return',
    replace: 'if (false) return',
    test: CLIENT_TEST,
  },
  {
    without: 'registry: waits for as long as it likes',
    file: CLIENT,
    find: 'Math.min(no.retryAfter, LONGEST_WAIT)',
    replace: 'no.retryAfter',
    test: CLIENT_TEST,
  },
  {
    without: 'registry: waits for its answer for ever',
    file: CLIENT,
    find: "if (now >= this.#answerBy) return this.#connection.giveUp('it does not answer', now)",
    replace: '',
    test: CLIENT_TEST,
  },
  {
    without: 'registry: is asked as often as a program begins to look',
    file: CLIENT,
    find: 'this.#askAt = Math.max(now, this.#askedAt + FIRST_PAUSES[0]!)',
    replace: 'this.#askAt = now',
    test: CLIENT_TEST,
  },
  {
    without: 'registry: shows one that did not ask which seed this is',
    file: 'packages/rendezvous/src/client/server-connection.ts',
    find: 'return needsAccess ? proveAccess(',
    replace: 'return needsAccess || true ? proveAccess(',
    test: CLIENT_TEST,
  },
  {
    without: 'registry: believes older records than it knows',
    file: DIRECTORY,
    find: '(known && seq !== undefined && seq < known.seq) ||',
    replace: '',
    test: DIRECTORY_TEST,
  },
  {
    without: 'registry: believes records that are long over',
    file: DIRECTORY,
    find: 'expires + CLOCKS_DIFFER < unixSeconds',
    replace: 'false',
    test: DIRECTORY_TEST,
  },
  {
    without: 'registry: keeps any number of ids',
    file: DIRECTORY,
    find: '|| (!known && this.#peers.size >= MOST_PEERS)',
    replace: '',
    test: DIRECTORY_TEST,
  },
  {
    without: 'registry: a node dials any relay that a record names',
    file: 'packages/node/src/discovery/discovery.ts',
    find: 'const isNamed = (url: string): boolean => named.has(serialized(url))',
    replace: 'ordered.unshift(...places)\n    const isNamed = (url: string): boolean => places.includes(url)',
    test: NODE_TEST,
  },
  {
    without: 'registry: compares the URLs of relays letter by letter',
    file: 'packages/node/src/discovery/discovery.ts',
    find: 'URL.canParse(url) ? new URL(url).href : url',
    replace: 'url',
    test: NODE_TEST,
  },
  {
    without: 'registry: serves on behind a no',
    file: ENGINE,
    find: "this.#close(leg, reason === 'auth' ? 1008 : 1013, reason, now)",
    replace: '',
    test: ENGINE_TEST,
  },
  {
    without: 'registry: a record in the name of another hides it',
    file: 'packages/node/src/discovery/discovery.ts',
    find: '[...ordered.filter(isNamed), ...ordered.filter(url => !isNamed(url))]',
    replace: 'ordered.filter(isNamed)',
    test: NODE_TEST,
  },
  {
    without: 'registry: a node that has closed is still said to be there',
    file: CLIENT,
    find: '  stop(): void {\n    this.withdraw()',
    replace: '  stop(): void {',
    test: NODE_TEST,
  },
  {
    without: 'registry: a node goes on saying that it listens at a relay that is gone',
    file: 'packages/node/src/relay/relays.ts',
    find: "if (urls.join('\\n') === this.#toldListening.join('\\n')) return",
    replace: 'if (this.#toldListening.length > 0) return',
    test: NODE_TEST,
  },
  {
    without: 'registry: a node tells of each record that found no room',
    file: 'packages/node/src/discovery/discovery.ts',
    find: '?? Number.NEGATIVE_INFINITY) + TOLD_AGAIN_AFTER) return',
    replace: '?? Number.NEGATIVE_INFINITY)) return',
    test: NODE_TEST,
  },
  {
    without: 'registry: a node shows the same token in each hour',
    file: 'packages/node/src/discovery/registry-leg.ts',
    find: 'const token = identity.slotToken(topic)',
    replace: 'const token = identity.slotToken(new Uint8Array(32))',
    test: BLIND_TEST,
  },
  {
    without: 'registry: the nodes of a seed have the same name in each hour',
    file: 'packages/rendezvous/src/names.ts',
    find: "cke.derive(rendezvous, 'topic', u64(hour), 32)",
    replace: "cke.derive(rendezvous, 'topic', u64(0 * hour), 32)",
    test: BLIND_TEST,
  },
  {
    without: 'registry: keeps addresses as they are',
    file: 'packages/node/src/discovery/known-addresses.ts',
    find: 'aead.seal(NONCE, LABEL, body, sealed, SALT_SIZE)',
    replace: 'sealed.set(body, SALT_SIZE)',
    test: NODE_TEST,
  },
]
