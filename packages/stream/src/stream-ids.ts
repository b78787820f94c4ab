/*
 * Stream ids as RFC 9000 §2.1: bit 0 says who opened (0: the session's initiator), bit 1 whether it is one-way;
 * the rest counts from 0. Ids pass 2^32, so no bit operators.
 */

export type Role = 'initiator' | 'responder'

// spec: STT-STR-1
export function streamId(index: number, unidirectional: boolean, opener: Role): number {
  return index * 4 + (unidirectional ? 2 : 0) + (opener === 'responder' ? 1 : 0)
}

export function isUnidirectional(id: number): boolean {
  return id % 4 >= 2
}

export function openerOf(id: number): Role {
  return id % 2 === 0 ? 'initiator' : 'responder'
}

export function indexOf(id: number): number {
  return Math.floor(id / 4)
}
