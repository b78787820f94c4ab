import type { Mutant } from './mutant.ts'

const file = 'packages/node/src/duplex.ts'
const test = 'packages/node/test/duplex.test.ts'

/** What a stream promises to Node's programs as their `Duplex`. */
export const nodeDuplex: readonly Mutant[] = [
  {
    without: 'leaves the other half open at an end',
    file,
    find: 'allowHalfOpen: true',
    replace: 'allowHalfOpen: false',
    test,
  },
  {
    without: 'says nothing of a reset while nobody reads',
    file,
    find: 'if (!this.#isPulling) this.#onOver(failure)',
    replace: 'void failure',
    test,
  },
  {
    without: 'takes every write at once, however much waits',
    file,
    find: 'this.#stream.write(chunk).then(() => callback(), callback)',
    replace: 'this.#stream.write(chunk).catch(() => {}), callback()',
    test,
  },
  {
    without: 'tells an idle writer nothing of a stop',
    file,
    find: 'this.writableFinished || this.destroy(failure)',
    replace: 'void failure',
    test,
  },
  {
    without: 'gives up reading for a stop behind the end',
    file,
    find: 'this.writableFinished || this.destroy(failure)',
    replace: 'this.destroy(failure)',
    test,
  },
  {
    without: 'keeps the stream when it is destroyed',
    file,
    find: 'Stream.giveUp(this.#stream, error ? FAILED : 0)',
    replace: '',
    test,
  },
  {
    without: 'tells the peer no code of a failure',
    file,
    find: 'error ? FAILED : 0',
    replace: '0',
    test,
  },
]
