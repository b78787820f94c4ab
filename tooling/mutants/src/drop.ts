import type { Mutant } from './mutant.ts'

const PAGE = 'examples/drop/page'

/** Defences of the page that transfers files. */
export const drop: readonly Mutant[] = [
  {
    without: 'a link with the id of a machine that is paired takes that machine from the page',
    file: `${PAGE}/pairings.ts`,
    find: 'if (!equalBytes(given.toBytes(), seed.toBytes())) {',
    replace: "if (phrase === '') {",
    test: 'examples/drop/test/pairings.test.ts',
  },
  {
    without: 'clearing away what is not complete takes pieces of a file that is coming',
    file: `${PAGE}/inbox.ts`,
    find: '({ id }) => id === fileOf(key)',
    replace: '({ id }) => id === key',
    test: 'examples/drop/test/inbox.test.ts',
  },
  {
    without: 'the page keeps as many refused files as the other side says',
    file: `${PAGE}/refused.ts`,
    find: 'if (this.first.length < MOST_SHOWN) ',
    replace: '',
    test: 'examples/drop/test/bounds.test.ts',
  },
  {
    without: 'what the other side calls a file turns the direction of writing in the page',
    file: `${PAGE}/refused.ts`,
    find: 'path: printable(path)',
    replace: 'path',
    test: 'examples/drop/test/bounds.test.ts',
  },
  {
    without: 'the page lists what it received once for each file that comes',
    file: `${PAGE}/latest.ts`,
    find: 'if (this.#next) return this.#next',
    replace: '',
    test: 'examples/drop/test/bounds.test.ts',
  },
  {
    without: 'two sessions of one sender write the same file of the page',
    file: `${PAGE}/inbox.ts`,
    find: 'for (const each of before) await each.takeAway()',
    replace: '',
    test: 'examples/drop/test/inbox.test.ts',
  },
  {
    without: 'a session from which a file was taken goes on writing it',
    file: `${PAGE}/incoming-pieces.ts`,
    find: "if (this.#isTakenAway) throw new Refusal('a later session of the same sender brings it')",
    replace: '',
    test: 'examples/drop/test/inbox.test.ts',
  },
  {
    without: 'the page keeps a row of each transfer that ever ended',
    file: `${PAGE}/few.ts`,
    find: 'rows.filter(isEnded).slice(MOST_ENDED)',
    replace: 'rows.filter(isEnded).slice(rows.length)',
    test: 'examples/drop/test/bounds.test.ts',
  },
]
