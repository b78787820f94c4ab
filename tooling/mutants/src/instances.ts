import type { Mutant } from './mutant.ts'

const ENGINE = 'packages/rendezvous/src/server/relay-engine.ts'
const ENGINE_TEST = 'packages/rendezvous/src/server/instances.test.ts'
const SHARED = 'packages/relay/src/store/shared-store.ts'
const RELAY_TEST = 'packages/relay/src/instances.test.ts'
const REDIS_TEST = 'packages/relay-redis/src/redis-store.test.ts'
const NODE_TEST = 'packages/node/test/relays-in-time.test.ts'

/** What several instances of a relay, and their clients, defend themselves against. */
export const instances: readonly Mutant[] = [
  {
    without: 'sends a dialer back to the instance that he comes from',
    file: ENGINE,
    find: 'url === undefined || url === this.#instance ?',
    replace: 'url === undefined ?',
    test: ENGINE_TEST,
  },
  {
    without: 'keeps a share for who is sent to another instance',
    file: ENGINE,
    find: "    this.#circuitShares.leave(leg.address, now)\n    leg.phase = 'greeted'\n    this.#refuse(leg, url",
    replace: "    leg.phase = 'greeted'\n    this.#refuse(leg, url",
    test: ENGINE_TEST,
  },
  {
    without: 'gives a name that another holds at another instance',
    file: ENGINE,
    find: 'for (const { mailbox } of lost) this.#mailboxes.release(leg, mailbox)',
    replace: 'for (const { mailbox } of lost) toHex(mailbox)',
    test: ENGINE_TEST,
  },
  {
    without: "says a relay's NO into a circuit that an address has too many of",
    file: ENGINE,
    find: "if (leg?.circuit) this.#forgetCircuit(leg.circuit, now, '')\n    else if (leg)",
    replace: 'if (leg)',
    test: ENGINE_TEST,
  },
  {
    without: 'follows a token from one instance to another only when its connection ends',
    file: ENGINE,
    find: 'if (holder) this.#mailboxes.release(holder, mailbox)',
    replace: 'if (holder) toHex(mailbox)',
    test: ENGINE_TEST,
  },
  {
    without: 'lets dials that seek their listener wait without end',
    file: ENGINE,
    find: "    this.#prove(leg, 'seeking')\n    this.#waiting.set(leg, now)",
    replace: "    this.#prove(leg, 'seeking')",
    test: ENGINE_TEST,
  },
  {
    without: 'sends dialers to whatever stands in the store',
    file: SHARED,
    find: "    return relayAuthority(answer) !== ''",
    replace: '    return true',
    test: RELAY_TEST,
  },
  {
    without: 'takes a URL of any length from the store',
    file: SHARED,
    find: ' || answer.length > MOST_URL',
    replace: '',
    test: RELAY_TEST,
  },
  {
    without: 'takes any number of records from the store',
    file: SHARED,
    find: ' || answer.length > MOST_MEMBERS',
    replace: '',
    test: RELAY_TEST,
  },
  {
    without: 'takes records of any size from the store',
    file: SHARED,
    find: 'if (!isOne || !BLOB_SIZES.includes(blob.length)) return false',
    replace: 'if (!isOne) return false',
    test: RELAY_TEST,
  },
  {
    without: 'waits for the store without end',
    file: SHARED,
    find: 'value: await Promise.race([call(), late])',
    replace: 'value: await Promise.race([call(), late.catch(() => new Promise<never>(() => {}))])',
    test: RELAY_TEST,
  },
  {
    without: 'tells a store that is back nothing of who listens',
    file: SHARED,
    find: '      this.#options.onBack()\n',
    replace: '',
    test: RELAY_TEST,
  },
  {
    without: 'answers what a connection asks the registry in any order',
    file: 'packages/relay/src/registry-server.ts',
    find: '    this.#asking.add(link)\n    link.pause()\n',
    replace: '    this.#asking.add(link)\n',
    test: RELAY_TEST,
  },
  {
    without: 'accepts at whatever URL a relay names',
    file: 'packages/node/src/relay/relays.ts',
    find: 'if (at !== url && !isAllowedRedirect(url, at, this.#config.urls)) return',
    replace: "if (at === '') return",
    test: NODE_TEST,
  },
  {
    without: 'shows the password of a Redis in what it says of it',
    file: 'packages/relay-redis/src/redis-url.ts',
    find: '    name: `',
    replace: '    name: text || `',
    test: REDIS_TEST,
  },
  {
    without: 'repeats a URL that is none, with whatever is in it',
    file: 'packages/relay-redis/src/redis-url.ts',
    find: "'what was given is no URL of a Redis, such as",
    replace: "text + 'what was given is no URL of a Redis, such as",
    test: REDIS_TEST,
  },
  {
    without: 'waits for a Redis that does not answer',
    file: 'packages/relay-redis/src/redis-connection.ts',
    find: 'performance.now() - oldest.since > timeout',
    replace: 'performance.now() - oldest.since > timeout * 1e6',
    test: REDIS_TEST,
  },
  {
    without: 'takes an answer of any length for an instance',
    file: 'packages/relay-redis/src/redis-store.ts',
    find: 'return Buffer.isBuffer(value) && value.length <= most ? value : undefined',
    replace: 'return Buffer.isBuffer(value) ? value : undefined',
    test: REDIS_TEST,
  },
  {
    without: 'takes records of any size from a Redis',
    file: 'packages/relay-redis/src/redis-store.ts',
    find: ' || !BLOB_SIZES.includes(blob.length)',
    replace: '',
    test: REDIS_TEST,
  },
  {
    without: 'takes any message of a channel',
    file: 'packages/relay-redis/src/redis-store.ts',
    find: 'message.length === 1 + MAILBOX_SIZE ?',
    replace: 'message.length > 0 ?',
    test: REDIS_TEST,
  },
  {
    without: 'notices that a Redis takes writes again only when it writes',
    file: 'packages/relay-redis/src/redis-store.ts',
    find: '    if (problem) this.#probe ??= setInterval(() => void this.#tryAgain(), PROBE_INTERVAL).unref()\n    else this.#stopProbing()',
    replace: '    if (!problem) this.#stopProbing()',
    test: REDIS_TEST,
  },
  {
    without: 'answers an upgrade when the instance is about to end',
    file: 'packages/transport-ws/src/listener.ts',
    find: 'if (this.#refusesNew) return this.#refuse(socket, LEAVING)',
    replace: '',
    test: RELAY_TEST,
  },
  {
    without: 'a word of a Redis of any length is told',
    file: 'packages/relay-redis/src/redis-problem.ts',
    find: '[A-Z]{2,32}',
    replace: '[A-Z]{2,}',
    test: REDIS_TEST,
  },
]
