import type { FrameSource, TransportLimits } from '@stt/frame'
import type { SessionConfig } from '../src/index.ts'
import { followPeer } from '../src/listen.ts'

export const limits: TransportLimits = {
  idleTimeout: 30_000,
  maxData: 1 << 20,
  maxStreamData: 1 << 18,
  maxDatagram: 1_100,
  maxMessage: 1 << 21,
  maxStreamsBidi: 16,
  maxStreamsUni: 16,
}

export type Role = SessionConfig['role']

export const otherRole = (role: Role): Role => (role === 'initiator' ? 'responder' : 'initiator')

/** The traffic secret that `role` sends with: a new copy, since a session wipes it. */
export const sendSecret = (role: Role): Uint8Array => new Uint8Array(32).fill(role === 'initiator' ? 1 : 2)

export const cidOf = (role: Role): Uint8Array => new Uint8Array(8).fill(role === 'initiator' ? 0x11 : 0x22)

/** The configuration that a handshake would have given each side. */
export function sessionConfig(role: Role, source: FrameSource, overrides: Partial<SessionConfig> = {}): SessionConfig {
  const other = otherRole(role)
  return {
    role,
    id: new Uint8Array(16).fill(9),
    localCid: cidOf(role),
    remoteCid: cidOf(other),
    peerId: new Uint8Array(32).fill(role === 'initiator' ? 2 : 1),
    secrets: { send: sendSecret(role), receive: sendSecret(other), exporter: new Uint8Array(32).fill(7) },
    localLimits: limits,
    peerLimits: limits,
    source,
    ...(role === 'responder' && { follow: followPeer }),
    now: 0,
    ...overrides,
  }
}
