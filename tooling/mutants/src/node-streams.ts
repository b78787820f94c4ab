import type { Mutant } from './mutant.ts'

const file = (name: string): string => `packages/node/src/${name}.ts`
const test = (name: string): string => `packages/node/test/${name}.test.ts`

/** What the application's side of streams and sessions promises: nothing hangs, nothing that was promised is lost. */
export const nodeStreams: readonly Mutant[] = [
  {
    without: 'keeps the credit of what was read until the next packet',
    file: file('stream-reader'),
    find: '      this.#owner.schedule()\n    }\n  }\n\n  /** Whether nothing more',
    replace: '    }\n  }\n\n  /** Whether nothing more',
    test: test('wake-ups'),
  },
  {
    without: 'keeps the end of a stream until the next packet',
    file: file('stream'),
    find: 'const ended = this.#writes.end()\n    this.#session.schedule()',
    replace: 'const ended = this.#writes.end()',
    test: test('wake-ups'),
  },
  {
    without: 'keeps STOP until the next packet',
    file: file('stream-reader'),
    find: '    this.wake()\n    this.#owner.schedule()',
    replace: '    this.wake()',
    test: test('wake-ups'),
  },
]
