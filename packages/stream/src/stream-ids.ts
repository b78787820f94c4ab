/*
 * Stream ids as RFC 9000 §2.1: bit 0 says who opened (0: the session's initiator), bit 1 whether it is one-way;
 * the rest counts from 0. Ids pass 2^32, so no bit operators.
 */

/** The side of a session. */
export type Role = 'initiator' | 'responder'

/** The id of a stream by its index among those that its opener has opened of the kind. */
// spec: STT-STR-1
export function streamId(index: number, unidirectional: boolean, opener: Role): number {
  return index * 4 + (unidirectional ? 2 : 0) + (opener === 'responder' ? 1 : 0)
}

/** Whether the stream goes one way. */
export function isUnidirectional(id: number): boolean {
  return id % 4 >= 2
}

/** The side that opened the stream. */
export function openerOf(id: number): Role {
  return id % 2 === 0 ? 'initiator' : 'responder'
}

/** The index of the stream among those of its opener and kind. */
export function indexOf(id: number): number {
  return Math.floor(id / 4)
}
