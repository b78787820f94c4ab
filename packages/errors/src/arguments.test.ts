import vm from 'node:vm'
import { expect, test } from 'vitest'
import { bytesOf, checkInteger, checkOptions, checkSignal, checkType, describe, isSttError } from './index.ts'

const refusal = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    if (isSttError(error, 'STT_INVALID_ARGUMENT')) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

test('bytes are taken from every view and buffer by what they cover, and nothing is copied', () => {
  const memory = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])
  const part = memory.subarray(2, 6)
  expect(bytesOf(part, 'it')).toBe(part)
  for (const given of [
    new DataView(memory.buffer, 2, 4),
    new Uint16Array(memory.buffer, 2, 2),
    Buffer.from(memory.buffer, 2, 4),
  ]) {
    const bytes = bytesOf(given, 'it')
    expect([...bytes]).toEqual([3, 4, 5, 6])
    expect(bytes.buffer).toBe(memory.buffer)
  }
  expect([...bytesOf(memory.buffer, 'it')]).toEqual([...memory])
  expect([...bytesOf(Uint8Array.from([9]), 'it')]).toEqual([9])
  expect(bytesOf(new Uint8Array(0), 'it')).toHaveLength(0)
  expect(bytesOf(new SharedArrayBuffer(3), 'it')).toHaveLength(3)
})

test('a realm is no obstacle: what comes out is an array of this one', () => {
  for (const code of [
    'Uint8Array.from([1, 2])',
    'Uint8Array.from([1, 2]).buffer',
    'new DataView(Uint8Array.from([1, 2]).buffer)',
  ]) {
    const bytes = bytesOf(vm.runInNewContext(code), 'it')
    expect(bytes).toBeInstanceOf(Uint8Array)
    expect([...bytes]).toEqual([1, 2])
  }
})

test('what is not bytes is refused by name, with what to do', () => {
  expect(refusal(() => bytesOf('secret words', 'the message'))).toBe(
    'the message must be bytes (a Uint8Array), not a text of 12 characters: new TextEncoder().encode(text) gives the bytes of a text',
  )
  expect(refusal(() => bytesOf(7, 'it'))).toContain('not 7')
  expect(refusal(() => bytesOf(new Proxy(new Uint8Array(3), {}), 'it'))).toContain('must be bytes')
  expect(refusal(() => bytesOf([1, 2], 'it'))).toContain('Uint8Array.from')
  expect(refusal(() => bytesOf(new Blob(['x']), 'it'))).toContain('await blob.arrayBuffer()')
  expect(refusal(() => bytesOf({ length: 3, byteLength: 3, [Symbol.toStringTag]: 'ArrayBuffer' }, 'it'))).toContain(
    'an object',
  )
})

test('memory that was transferred away is refused, although it looks empty', () => {
  const view = new Uint8Array(8)
  const { buffer } = view
  structuredClone(buffer, { transfer: [buffer] })
  expect(refusal(() => bytesOf(view, 'the chunk'))).toContain('transferred away')
  expect(refusal(() => bytesOf(buffer, 'the chunk'))).toContain('transferred away')
})

test('an option that is not known is named, and so is what is no object', () => {
  checkOptions(undefined, 'connect', ['signal'])
  checkOptions({ signal: 1 }, 'connect', ['signal'])
  expect(refusal(() => checkOptions({ signl: 1 }, 'connect', ['signal', 'peer']))).toBe(
    'signl is not an option of connect: it has signal, peer',
  )
  for (const value of [null, 'text', 7, [], new Uint8Array(1), () => {}]) {
    expect(refusal(() => checkOptions(value, 'connect', ['signal']))).toContain('the options of connect are an object')
  }
})

test('a whole number within its range passes, everything else is told', () => {
  checkInteger(0, 'n', 0, 3)
  checkInteger(3, 'n', 0, 3)
  for (const value of [-1, 4, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, undefined, null]) {
    expect(refusal(() => checkInteger(value, 'n', 0, 3))).toContain('n must be a whole number from 0 to 3, not')
  }
})

test('describing never throws and never shows a text', () => {
  const values = [
    null,
    undefined,
    0,
    -0,
    1n,
    'x'.repeat(1e6),
    Symbol('s'),
    () => {},
    [],
    {},
    new Map(),
    new Proxy({}, {}),
  ]
  for (const value of values) expect(describe(value).length).toBeLessThan(100)
  const hostile = Object.defineProperty({}, 'constructor', { get: () => { throw new Error('no') } }) // biome-ignore format: one line
  expect(describe(hostile)).toBe('an object')
  expect(describe('hunter2')).not.toContain('hunter2')
  expect(describe(Object.create(null))).toBe('an object')
})

test('a value of another type is told', () => {
  checkType('x', 'the label', 'string')
  checkType(() => {}, 'the handler', 'function')
  checkType(false, 'copy', 'boolean')
  expect(refusal(() => checkType(undefined, 'the label', 'string'))).toBe('the label must be a text, not undefined')
  expect(refusal(() => checkType(1, 'copy', 'boolean'))).toBe('copy must be true or false, not 1')
})

test('a signal is one of any realm, and an AbortController is told what to do', () => {
  checkSignal(undefined, 'connect')
  checkSignal(AbortSignal.timeout(1), 'connect')
  for (const value of [null, 5_000, {}, 'abort']) {
    expect(refusal(() => checkSignal(value, 'connect'))).toContain('the signal of connect must be an AbortSignal')
  }
  expect(refusal(() => checkSignal(new AbortController(), 'connect'))).toContain('pass its signal')
})
