import type { Mutant } from './mutant.ts'

const AGENT = 'packages/lan/src/lan-agent.ts'
const AGENT_TEST = 'packages/lan/src/lan-agent.test.ts'
const PLACES = 'packages/lan/src/lan-places.ts'
const PLACES_TEST = 'packages/lan/src/lan-places.test.ts'
const NAMES = 'packages/lan/src/lan-names.ts'

/** Defences of a node on a local network. */
export const lan: readonly Mutant[] = [
  {
    without: 'lan: reads as many packets as somebody sends',
    file: AGENT,
    find: '|| !this.#budgets.take(from.address, now)',
    replace: '',
    test: AGENT_TEST,
  },
  {
    without: 'lan: lets one source use up what all may say',
    file: 'packages/lan/src/source-budgets.ts',
    find: 'spent >= this.#perSource ||',
    replace: '',
    test: AGENT_TEST,
  },
  {
    without: 'lan: reads as many packets as all together send',
    file: 'packages/lan/src/source-budgets.ts',
    find: '|| this.#sum >= this.#total',
    replace: '',
    test: AGENT_TEST,
  },
  {
    without: 'lan: reads packets of any size',
    file: AGENT,
    find: 'bytes.length > LARGEST ||',
    replace: 'bytes.length > 100_000 ||',
    test: AGENT_TEST,
  },
  {
    without: 'lan: answers a name as often as one packet asks for it',
    file: AGENT,
    find: 'this.#sayAll(wanted.keys(), LEGACY_TTL, from, asked)',
    replace: 'this.#sayAll([...wanted.keys(), ...wanted.keys()], LEGACY_TTL, from, asked)',
    test: AGENT_TEST,
  },
  {
    without: 'lan: answers who asks from elsewhere as often as asked',
    file: AGENT,
    find: 'if (this.#replies.take(from.address, now)) this.#sayAll',
    replace: 'if (now >= 0) this.#sayAll',
    test: AGENT_TEST,
  },
  {
    without: 'lan: throws for what cannot be read',
    file: AGENT,
    find: '      // Any machine on the link can send anything.\n',
    replace: '      throw new Error()\n',
    test: AGENT_TEST,
  },
  {
    without: 'lan: an id that was sealed for another address is believed',
    file: NAMES,
    find: 'address}`)',
    replace: 'hour}`)',
    test: AGENT_TEST,
  },
  {
    without: 'lan: an id that was sealed for other ports is believed',
    file: NAMES,
    find: 'Uint8Array.of(udp >>> 8, udp, ws >>> 8, ws)',
    replace: 'Uint8Array.of(0, 0 * udp, 0, 0 * ws)',
    test: AGENT_TEST,
  },
  {
    without: 'lan: the names that are announced stay the same',
    file: AGENT,
    find: 'before.get(tag) ?? {',
    replace: 'before.get(tag) ?? [...before.values()].at(-1) ?? {',
    test: AGENT_TEST,
  },
  {
    without: 'lan: tags stay the same',
    file: NAMES,
    find: "cke.derive(lan, 'tag', u64(hour), TAG_BYTES)",
    replace: "cke.derive(lan, 'tag', u64(0 * hour), TAG_BYTES)",
    test: AGENT_TEST,
  },
  {
    without: 'lan: hears what comes from other networks',
    file: 'packages/lan/src/lan-interfaces.ts',
    find: 'return (byte ^ theirs[i]!) >>> (8 - same) === 0',
    replace: 'return (byte ^ theirs[i]!) >>> (8 - same) >= 0',
    test: 'packages/lan/src/start-lan.test.ts',
  },
  {
    without: 'lan: an interface that failed once is out for good',
    file: PLACES,
    find: 'Math.min(FIRST_PAUSE * 2 ** place.failures++, LONGEST_PAUSE)',
    replace: 'Number.POSITIVE_INFINITY',
    test: PLACES_TEST,
  },
  {
    without: 'lan: an interface that failed is tried twice a second for ever',
    file: PLACES,
    find: '2 ** place.failures++',
    replace: '2 ** (0 * place.failures++)',
    test: PLACES_TEST,
  },
  {
    without: 'lan: an interface that comes later is not seen',
    file: PLACES,
    find: 'this.#lookAt = now + LOOK_INTERVAL',
    replace: 'this.#lookAt = Number.POSITIVE_INFINITY',
    test: PLACES_TEST,
  },
  {
    without: 'lan: complains of an address that may not be used yet',
    file: PLACES,
    find: 'if (now - place.failedAt >= PASSES_BY_ITSELF)',
    replace: 'if (now >= place.failedAt)',
    test: PLACES_TEST,
  },
  {
    without: 'lan: stays unheard when the port of mDNS is free again',
    file: PLACES,
    find: 'isShared ? Number.POSITIVE_INFINITY : now + SHARE_AGAIN',
    replace: 'isShared ? now + SHARE_AGAIN : Number.POSITIVE_INFINITY',
    test: PLACES_TEST,
  },
  {
    without: 'lan: believes in any number of nodes at one address',
    file: 'packages/node/src/discovery/lan-sightings.ts',
    find: "(this.#counts.get(hostOf(addresses[0] ?? '')) ?? 0) < MOST_AT_ONE_HOST",
    replace: 'addresses.length > 0',
    test: 'packages/node/test/lan.test.ts',
  },
  {
    without: 'lan: does not notice that it hears nothing',
    file: AGENT,
    find: "if (this.#hearing === 'nothing') this.#event({ type: 'deaf' })",
    replace: '',
    test: AGENT_TEST,
  },
  {
    without: 'lan: takes its own words for those of others',
    file: AGENT,
    find: 'from.address !== this.#options.address',
    replace: "from.address !== ''",
    test: AGENT_TEST,
  },
  {
    without: 'lan: says that a port is there which nobody can dial',
    file: 'packages/node/src/discovery/lan-ports.ts',
    find: 'if (ports[scheme] === 0 && reaches(host, address))',
    replace: 'if (ports[scheme] === 0)',
    test: 'packages/node/test/lan.test.ts',
  },
]
