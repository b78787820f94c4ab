import { bytesOf } from '@stt/errors'
import { Fields, malformed } from './fields.ts'
import {
  HEARTBEAT_SIZE,
  MAILBOX_SIZE,
  MAX_CLAIMS,
  MAX_DIALED,
  MessageType,
  type RelayMessage,
  TICKET_SIZE,
  TOKEN_SIZE,
} from './message.ts'

/**
 * Reads one message of a client or a relay. Its byte strings are views of `bytes`.
 *
 * @throws SttError `STT_DECODE` unless the message has exactly the form of its type
 */
// spec: STT-RLY-5
export function decodeMessage(bytes: Uint8Array): RelayMessage {
  const fields = new Fields(bytesOf(bytes, 'the message'))
  const type = fields.uint8()
  const message = readMessage(type, fields)
  if (fields.remaining > 0) throw malformed(`a message of type ${type} with ${fields.remaining} bytes too many`)
  return message
}

function readMessage(type: number, fields: Fields): RelayMessage {
  switch (type) {
    case MessageType.greeting:
      return fields.greeting()
    case MessageType.listen: {
      const count = readCount(fields, MAX_CLAIMS)
      const claims = Array.from({ length: count }, () => ({
        mailbox: fields.take(MAILBOX_SIZE),
        token: fields.take(TOKEN_SIZE),
      }))
      return { type: 'listen', claims, ...fields.proved() }
    }
    case MessageType.dial: {
      const count = readCount(fields, MAX_DIALED)
      const mailboxes = Array.from({ length: count }, () => fields.take(MAILBOX_SIZE))
      return { type: 'dial', mailboxes, ...fields.proved() }
    }
    case MessageType.incoming:
      return { type: 'incoming', ticket: fields.take(TICKET_SIZE), url: fields.url() }
    case MessageType.accept:
      return { type: 'accept', ticket: fields.take(TICKET_SIZE) }
    case MessageType.spliced:
      // A body is for a later version.
      fields.take(fields.remaining)
      return { type: 'spliced' }
    case MessageType.no:
      return fields.no()
    case MessageType.goingAway:
      return { type: 'goingAway', reconnectIn: fields.uint32(), tryFor: fields.uint32() }
    case MessageType.ping:
      return { type: 'ping', data: fields.take(HEARTBEAT_SIZE) }
    case MessageType.pong:
      return { type: 'pong', data: fields.take(HEARTBEAT_SIZE) }
    default:
      throw malformed(`a message of the unknown type ${type}`)
  }
}

function readCount(fields: Fields, max: number): number {
  const count = fields.uint8()
  if (count < 1 || count > max) throw malformed(`${count} mailboxes, where there are 1 to ${max}`)
  return count
}
