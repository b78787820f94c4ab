import type { Socket } from 'node:net'
import { isSttError, type Session, type Stream } from '@stt/node'
import { type Answer, decodeAnswer, encodeRequest, ForwardProtocolError } from './protocol.ts'
import { splice, type Traffic } from './splice.ts'
import type { Target } from './target.ts'

type No = Exclude<Answer, 'connected'>

/** The outcome of one connection to the near side. */
export interface Carried extends Traffic {
  readonly outcome: 'ended' | 'reset' | 'broken' | No
  readonly reason?: string
}

/**
 * Carries one connection over a session to a target of the other side. The client's bytes follow the request without waiting for
 * the answer, which saves a round trip.
 *
 * Does not reject for an error of the other machine or the network.
 */
export async function carry(socket: Socket, session: Session, target: Target): Promise<Carried> {
  const traffic = { sent: 0, received: 0 }
  const left = new AbortController()
  socket.once('close', () => left.abort())
  try {
    const stream = await session.openStream({ signal: left.signal })
    await stream.write(encodeRequest({ kind: 'connect', ...target }))
    const outcome = await splice(socket, stream, traffic, connected(stream, left.signal))
    return { ...traffic, outcome }
  } catch (error) {
    socket.resetAndDestroy()
    if (error instanceof Declined) return { ...traffic, outcome: error.answer }
    if (error instanceof ForwardProtocolError) return { ...traffic, outcome: 'broken', reason: error.message }
    if (isSttError(error)) return { ...traffic, outcome: 'reset', reason: error.message }
    throw error
  }
}

/** Asks whether the other side exposes a target. Rejects with a ForwardProtocolError for a malformed answer, or the session's error. */
export async function isExposed(session: Session, target: Target, signal: AbortSignal): Promise<boolean> {
  const stream = await session.openStream({ signal })
  await stream.write(encodeRequest({ kind: 'check', ...target }))
  await stream.end()
  const answer = await readAnswer(stream, signal)
  stream.stop()
  return answer === 'connected'
}

async function connected(stream: Stream, signal: AbortSignal): Promise<void> {
  const answer = await readAnswer(stream, signal)
  if (answer !== 'connected') throw new Declined(answer)
}

async function readAnswer(stream: Stream, signal: AbortSignal): Promise<Answer> {
  const [byte] = await stream.readExactly(1, { signal })
  return decodeAnswer(byte!)
}

class Declined extends Error {
  readonly answer: No

  constructor(answer: No) {
    super(answer)
    this.answer = answer
  }
}
