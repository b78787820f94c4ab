import { expect, test } from 'vitest'
import { sendTransfer } from './send-transfer.ts'
import type { TransferEntry } from './source.ts'

const entry: TransferEntry = { kind: 'file', path: 'a/b', size: 1, mode: 0o644, modified: 0 }

/** @returns the code of what it rejects with, before anything is written */
async function codeOf(given: Partial<Record<keyof TransferEntry, unknown>>): Promise<unknown> {
  const written: Uint8Array[] = []
  const stream = {
    write: async (bytes: Uint8Array) => void written.push(bytes),
    async *[Symbol.asyncIterator]() {},
  }
  const nothing = (): never => {
    throw new Error('nothing is read')
  }
  const error = await sendTransfer(stream, {
    entries: [{ ...entry, ...given } as TransferEntry],
    source: { readWhole: nothing, open: nothing },
    hashing: { create: nothing, of: nothing },
    signal: new AbortController().signal,
    events: { onFile: nothing, onProgress: nothing },
  }).catch((cause: unknown) => cause)
  expect(written).toEqual([])
  return (error as { code?: unknown }).code
}

test('an entry that no receiver could take is refused before anything is said', async () => {
  for (const path of ['', '/a', '../a', 'a//b', 'a/.', 'a\0', 'a/.stt-0123456789abcdef0123.part', undefined])
    expect(await codeOf({ path }), path).toBe('STT_INVALID_ARGUMENT')
  for (const wrong of [{ size: -1 }, { size: 0.5 }, { mode: 0o10000 }, { modified: -1 }, { kind: 'link' }])
    expect(await codeOf(wrong)).toBe('STT_INVALID_ARGUMENT')
})
