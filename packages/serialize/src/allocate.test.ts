import { afterEach, describe, expect, it, vi } from 'vitest'

const load = async (): Promise<(length: number) => Uint8Array> => (await import('./allocate.ts')).allocate

describe('allocate', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it('gives a new plain Uint8Array with Buffers and without', async () => {
    const buffers = await load()
    vi.resetModules()
    vi.stubGlobal('Buffer', undefined)
    const noBuffers = await load()
    expect(noBuffers).not.toBe(buffers)
    for (const allocate of [buffers, noBuffers]) {
      const bytes = allocate(5000)
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      expect([bytes.length, bytes.byteOffset, bytes.buffer.byteLength]).toEqual([5000, 0, 5000])
    }
  })
})
