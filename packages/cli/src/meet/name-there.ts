import { metadataField, type Session } from '@stt/node'
import { isPairingName } from '../home/pairing-name.ts'

/** The other side's name for the pairing, for commands to run there. Each side tells its own in the handshake. */
export function nameThere(session: Pick<Session, 'peer'>): string | undefined {
  const name = metadataField(session.peer, 'name', 'string')
  return name !== undefined && isPairingName(name) ? name : undefined
}
