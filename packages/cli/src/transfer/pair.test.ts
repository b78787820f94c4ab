import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { receiveTransfer, type SendOutcome, sendTransfer, type TransferStream } from '@stt/transfer'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/stt.ts'
import { fileSource } from './file-source.ts'
import { FolderTarget } from './folder-target.ts'
import { hashing } from './hash.ts'
import { scan } from './scan.ts'
import { TargetFolder } from './target-folder.ts'

/** One direction: what is written is read in pieces of at most this many bytes, and no more is taken before that. */
class Pipe {
  readonly #pieces: Uint8Array[] = []
  #wake = (): void => {}
  bytes = 0

  constructor(readonly longest: number) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length
    // As a stream does: what was given may be written over from when this resolves.
    const copy = bytes.slice()
    for (let at = 0; at < copy.length; at += this.longest) this.#pieces.push(copy.subarray(at, at + this.longest))
    this.#wake()
    await new Promise(setImmediate)
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece) yield piece
      else await new Promise<void>(resolve => void (this.#wake = resolve))
    }
  }
}

/** Sends folders from here to there over two pipes. @param meddle is called when they have been looked through */
async function transfer(paths: readonly string[], into: string, meddle = (): void => {}) {
  const [forth, back] = [new Pipe(10_007), new Pipe(101)]
  const streamOf = (out: Pipe, back: Pipe): TransferStream => ({
    write: bytes => out.write(bytes as Uint8Array),
    [Symbol.asyncIterator]: () => back.read(),
  })
  const { signal } = new AbortController()
  const nothing = (): void => {}
  const outcomes = new Map<string, readonly [SendOutcome, string | undefined]>()
  const { entries } = await scan(paths, signal)
  meddle()
  await Promise.all([
    sendTransfer(streamOf(forth, back), {
      entries,
      source: fileSource,
      hashing,
      signal,
      events: {
        onFile: ({ path }, outcome, reason) => void outcomes.set(path, [outcome, reason]),
        onProgress: nothing,
      },
    }),
    receiveTransfer(streamOf(back, forth), {
      target: new FolderTarget({
        folder: new TargetFolder(into, false),
        sender: new Uint8Array(32),
        writers: new Map(),
        supersede: nothing,
      }),
      signal,
      events: { onBegin: nothing, onFile: nothing, onProgress: nothing, onReceived: nothing },
    }),
  ])
  return { outcomes, sent: forth.bytes }
}

const contentsOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter(each => each.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(folder.length),
        readFileSync(join(parentPath, name), 'latin1'),
      ]),
  )

function manyFiles(count: number): string {
  const folder = join(temporaryFolder(), 'tree')
  for (let i = 0; i < count; i++) {
    if (i % 50 === 0) mkdirSync(join(folder, `${i}`), { recursive: true })
    writeFileSync(join(folder, `${i - (i % 50)}`, `file ${i}`), `${i} `.repeat(i % 3 === 0 ? 0 : (i * 37) % 2_000))
  }
  return folder
}

test('hundreds of small files arrive, and the same again sends none of them', async () => {
  const [tree, into] = [manyFiles(600), temporaryFolder()]
  writeFileSync(join(tree, 'large'), 'x'.repeat(300_000))
  const first = await transfer([tree], into)
  expect(contentsOf(into)).toEqual(contentsOf(join(tree, '..')))
  expect(new Set([...first.outcomes.values()].map(([outcome]) => outcome))).toEqual(new Set(['sent']))
  const again = await transfer([tree], into)
  expect(new Set([...again.outcomes.values()].map(([outcome]) => outcome))).toEqual(new Set(['same']))
  expect(again.sent).toBeLessThan(601 * 150)
})

test('where some are there, the rest is sent, and little of the others', async () => {
  const [tree, into] = [manyFiles(900), temporaryFolder()]
  await transfer([tree], into)
  for (const name of [...contentsOf(into).keys()].filter((_, i) => i % 90 > 30)) rmSync(join(into, name))
  const missing = contentsOf(join(tree, '..'))
  for (const name of contentsOf(into).keys()) missing.delete(name)
  const { sent } = await transfer([tree], into)
  expect(contentsOf(into)).toEqual(contentsOf(join(tree, '..')))
  const wanted = [...missing.values()].reduce((sum, { length }) => sum + length, 0)
  expect(sent - wanted).toBeLessThan(900 * 200 + 2 * 1_048_576)
})

test('a small file that changes, goes, or cannot be read after it was looked at is left out, with the reason', async () => {
  const [tree, into] = [manyFiles(200), temporaryFolder()]
  const path = (i: number): string => join(tree, `${i - (i % 50)}`, `file ${i}`)
  const { outcomes } = await transfer([tree], into, () => {
    for (const early of [1, 199]) writeFileSync(path(early), 'longer by some words than what it was before')
    for (const old of [100, 190]) utimesSync(path(old), 1, 1)
    rmSync(path(150))
    rmSync(path(151))
    mkdirSync(path(151))
  })
  const failed = [...outcomes].filter(([, [outcome]]) => outcome !== 'sent').map(([name, [, reason]]) => `${name}: ${reason}`) // biome-ignore format: one line
  const changed = 'it changed while it was sent: send it again'
  expect(failed.sort()).toEqual(
    [
      `tree/0/file 1: ${changed}`,
      `tree/100/file 100: ${changed}`,
      `tree/150/file 190: ${changed}`,
      'tree/150/file 150: cannot read it: no such file or directory',
      'tree/150/file 151: cannot read it: illegal operation on a directory',
      `tree/150/file 199: ${changed}`,
    ].sort(),
  )
  expect(contentsOf(into).size).toBe(194)
})
