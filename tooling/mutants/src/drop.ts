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
  {
    without: 'a link that nobody answered keeps its phrase in the page for good',
    file: `${PAGE}/asked-link.ts`,
    find: 'if (Math.abs(this.#now() - asked) <= KEPT_FOR) return',
    replace: 'if (asked !== 0) return',
    test: 'examples/drop/test/asked-link.test.ts',
  },
  {
    without: 'a link keeps its phrase in the page after the answer',
    file: `${PAGE}/asked-link.ts`,
    find: 'await this.#vault.delete(KEY)',
    replace: 'await this.#vault.has(KEY)',
    test: 'examples/drop/test/asked-link.test.ts',
  },
  {
    without: 'one name that a system refuses stops the saving of all others',
    file: `${PAGE}/save.ts`,
    find: 'refused.add(file.path, isName(error) ? NO_NAME : sentenceOf(error))',
    replace: 'throw error',
    test: 'examples/drop/test/save.test.ts',
  },
  {
    without: 'a full disk is tried again for each file',
    file: `${PAGE}/save.ts`,
    find: "if (error instanceof DOMException && error.name === 'QuotaExceededError')",
    replace: 'if (false)',
    test: 'examples/drop/test/save.test.ts',
  },
  {
    without: 'what is saved is written over',
    file: `${PAGE}/save.ts`,
    find: '      await folder.getFileHandle(free)\n',
    replace: '      return free\n',
    test: 'examples/drop/test/save.test.ts',
  },
  {
    without: 'a file leaves the page before it is whole at its place',
    file: `${PAGE}/save.ts`,
    find: '  await writable.close()\n  await inbox.remove(file)',
    replace: '  await inbox.remove(file)\n  await writable.close()',
    test: 'examples/drop/test/save.test.ts',
  },
  {
    without: 'a part that a page could not load fails as the browser says it, with nothing to do',
    file: 'packages/errors/src/load-part.ts',
    find: "throw new SttError('STT_LOAD_FAILED', message, { cause })",
    replace: 'throw cause',
    test: 'packages/errors/src/load-part.test.ts',
  },
]
