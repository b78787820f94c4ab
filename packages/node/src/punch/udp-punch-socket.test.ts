import { Socket } from 'node:dgram'
import { afterEach, expect, test, vi } from 'vitest'
import { openPunchSocket } from './udp-punch-socket.ts'

afterEach(() => void vi.restoreAllMocks())

// spec: STT-PKT-61
test.each([
  ['five routers', undefined, 5],
  ['as many as the node was told', 2, 2],
])('an opener passes %s, and the packets after it as many as usual', async (_, openerTtl, hops) => {
  const setTTL = vi.spyOn(Socket.prototype, 'setTTL')
  const socket = await openPunchSocket(4, openerTtl)
  const to = { address: '127.0.0.1', port: socket.port }
  socket.opener(to).send(new Uint8Array(42))
  socket.link(to).send(new Uint8Array(42))
  expect(setTTL.mock.calls).toEqual([[hops], [64]])
  await socket.close()
})
