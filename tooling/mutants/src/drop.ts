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
]
