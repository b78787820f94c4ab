import type { Mutant } from './mutant.ts'

const file = (name: string): string => `packages/node/src/${name}.ts`
const test = (name: string): string => `packages/node/src/${name}.test.ts`

/** What a node makes of the networks that its machine is in, and learns of their changes. */
export const nodeNetwork: readonly Mutant[] = [
  {
    without: 'takes the networks of containers for networks to be reached in',
    file: file('own-addresses'),
    find: 'if (VIRTUAL.test(interfaceName)) return []',
    replace: '',
    test: test('own-addresses'),
  },
  {
    without: 'offers link-local addresses',
    file: file('own-addresses'),
    find: ' || isLinkLocal(ip)) return undefined',
    replace: ') return undefined',
    test: test('own-addresses'),
  },
  {
    without: 'takes what is behind a tunnel for near',
    file: file('path-tier'),
    find: 'return nearest !== undefined && !nearest.isTunnel',
    replace: 'return nearest !== undefined',
    test: test('path-tier'),
  },
  {
    without: 'asks the widest network that an address is in',
    file: file('path-tier'),
    find: 'b.prefixLength - a.prefixLength ||',
    replace: 'a.prefixLength - b.prefixLength ||',
    test: test('path-tier'),
  },
  {
    without: 'compares whole bytes of prefixes alone',
    file: file('own-addresses'),
    find: 'Math.min(8, Math.max(0, network.prefixLength - 8 * i))',
    replace: 'network.prefixLength - 8 * i >= 8 ? 8 : 0',
    test: test('path-tier'),
  },
  {
    without: 'watches the network for each session anew',
    file: file('network-watch'),
    find: 'this.#stopPlatform ??= watchPlatform',
    replace: 'this.#stopPlatform = watchPlatform',
    test: test('network-watch'),
  },
  {
    without: 'watches the network when nobody wants to know',
    file: file('network-watch'),
    find: '    this.#stopPlatform?.()\n',
    replace: '',
    test: test('network-watch'),
  },
  {
    without: 'tells of every change of the network',
    file: file('network-watch'),
    find: 'if (wait <= 0) return this.#tell()',
    replace: 'return this.#tell()',
    test: test('network-watch'),
  },
  {
    without: 'forgets a change that came soon after another',
    file: file('network-watch'),
    find: 'this.#timer ??= clock.setTimer(() => this.#tell(), wait)',
    replace: '',
    test: test('network-watch'),
  },
  {
    without: 'forgets that addresses changed when something else happened after that',
    file: file('network-watch'),
    find: 'addressesChanged || this.#pending?.addressesChanged === true',
    replace: 'addressesChanged',
    test: test('network-watch'),
  },
  {
    without: 'lets one watcher of the network fail all others',
    file: file('network-watch'),
    find: 'const watcher = guard.wrap(onChange)',
    replace: 'const watcher = (change: NetworkChange): void => onChange(change)',
    test: test('network-watch'),
  },
  {
    without: 'stops looking at interfaces when a watcher throws',
    file: file('watch-interfaces'),
    find: 'if (addressesChanged || passed > ASLEEP) onChange({ addressesChanged })',
    replace:
      'clock.clearTimer(timer)\n      if (addressesChanged || passed > ASLEEP) onChange({ addressesChanged })\n      timer = clock.setTimer(look, PERIOD)',
    test: test('watch-interfaces'),
  },
  {
    without: 'takes interfaces that cannot be read for none',
    file: file('watch-interfaces'),
    find: 'known !== undefined && addresses !== undefined && addresses !== known',
    replace: "(addresses ?? '') !== known",
    test: test('watch-interfaces'),
  },
  {
    without: 'warns of unreadable interfaces every two seconds',
    file: file('watch-interfaces'),
    find: 'if (!warned) warn(',
    replace: 'warn(',
    test: test('watch-interfaces'),
  },
  {
    without: 'sleeps through a sleep in which its clock stood still',
    file: file('watch-interfaces'),
    find: 'Math.max(clock.now() - lookedAt, wallClock() - lookedAtWall)',
    replace: 'clock.now() - lookedAt',
    test: test('watch-interfaces'),
  },
  {
    without: 'holds the process to look at interfaces',
    file: file('system-network'),
    find: 'setTimeout(callback, delay).unref()',
    replace: 'setTimeout(callback, delay)',
    test: test('watch-interfaces'),
  },
  {
    without: 'leaves its page without a word to its peers',
    file: file('node-core'),
    find: 'void session.close({ deadline: 0 })\n  }\n\n  async #close',
    replace: 'void session\n  }\n\n  async #close',
    test: 'packages/node/test/leaving.test.ts',
  },
  {
    without: 'waits, in a page that goes away, for answers that never come',
    file: file('node-core'),
    find: 'void session.close({ deadline: 0 })\n  }\n\n  async #close',
    replace: 'void this.close()\n  }\n\n  async #close',
    test: 'packages/node/test/leaving.test.ts',
  },
  {
    without: 'closes the sessions of a page that the browser keeps',
    file: file('page-events'),
    find: 'if ((event as Event & { readonly persisted?: boolean }).persisted === false) leave()',
    replace: 'leave()',
    test: 'packages/node/test/leaving.test.ts',
  },
  {
    without: 'holds a closed node for as long as its page',
    file: file('node-core'),
    find: '    this.#stopWaiting?.()\n',
    replace: '',
    test: 'packages/node/test/leaving.test.ts',
  },
]
