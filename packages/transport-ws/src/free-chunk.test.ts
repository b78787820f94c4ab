import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { freeChunk } from './free-chunk.ts'

describe('freeChunk', () => {
  const socketWith = (listeners: number): PassThrough => {
    const socket = new PassThrough()
    for (let i = 0; i < listeners; i++) socket.on('data', () => {})
    return socket
  }

  test('frees a large chunk that only the link saw', () => {
    const chunk = new Uint8Array(65_536)
    freeChunk(socketWith(1), chunk)
    expect([chunk.length, chunk.buffer.byteLength]).toEqual([0, 0])
  })

  test('leaves a chunk alone that somebody else may have kept', () => {
    const chunk = new Uint8Array(65_536)
    freeChunk(socketWith(2), chunk)
    expect(chunk).toHaveLength(65_536)
  })

  test('leaves memory alone of which the chunk is a part, and what is small', () => {
    const memory = new Uint8Array(65_536)
    freeChunk(socketWith(1), memory.subarray(1))
    const small = new Uint8Array(8_191)
    freeChunk(socketWith(1), small)
    expect([memory.length, small.length]).toEqual([65_536, 8_191])
  })
})
