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

  test('leaves a chunk alone that another listener may have kept', () => {
    const chunk = new Uint8Array(65_536)
    freeChunk(socketWith(2), chunk)
    expect(chunk).toHaveLength(65_536)
  })
})
