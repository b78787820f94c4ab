import type { Mutant } from './mutant.ts'

const file = 'packages/node/src/stream/duplex.ts'
const test = 'packages/node/test/duplex.test.ts'

/** Promises of a stream as Node's `Duplex`. */
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
    find: 'if (!this.writableFinished) this.#fail(failure, isReset(failure))',
    replace: 'void failure',
    test,
  },
  {
    without: 'gives up reading for a stop behind the end',
    file,
    find: 'if (!this.writableFinished) this.#fail(failure, isReset(failure))',
    replace: 'this.#fail(failure, isReset(failure))',
    test,
  },
  {
    without: 'lets a peer end a program that has no use for the news',
    file,
    find: "isOwn || this.#isLeft || isSttError(failure, 'STT_CLOSED')",
    replace: "isOwn || isSttError(failure, 'STT_CLOSED')",
    test,
  },
  {
    without: 'ends a program for what it asked for itself',
    file,
    find: "isOwn || this.#isLeft || isSttError(failure, 'STT_CLOSED')",
    replace: 'this.#isLeft',
    test,
  },
  {
    without: 'lets a Duplex that was cut look whole',
    file,
    find: 'this.#isRead ? this.#halves.reader.cut : undefined',
    replace: 'undefined as Error | undefined',
    test,
  },
  {
    without: 'keeps the stream when it is destroyed',
    file,
    find: 'StreamCore.giveUp(this.#stream, error ? FAILED : 0)',
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
