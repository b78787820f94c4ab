import { metadataField, type Session } from '@stt/node'
import { isPairingName } from '../home/pairing-name.ts'

/** What the other side calls the pairing, for commands that are to be run there; each side tells it in the handshake. */
export function nameThere(session: Pick<Session, 'peer'>): string | undefined {
  const name = metadataField(session.peer, 'name', 'string')
  return name !== undefined && isPairingName(name) ? name : undefined
}
