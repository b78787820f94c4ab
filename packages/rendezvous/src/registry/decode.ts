import { bytesOf } from '@stt/errors'
import { Fields, malformed } from '../messages/fields.ts'
import { MessageType, TOKEN_SIZE } from '../messages/message.ts'
import { MAX_ENTRIES, MAX_TTL, type Put, type Records, type RegistryMessage, SLOT_SIZE, TOPIC_SIZE } from './message.ts'
import { isRecordSize } from './record.ts'

/**
 * Reads one message of a client or a registry. Its byte strings are views of `bytes`.
 *
 * @throws SttError `STT_DECODE` unless the message has exactly the form of its type
 */
// spec: STT-REG-6
export function decodeRegistryMessage(bytes: Uint8Array): RegistryMessage {
  const fields = new Fields(bytesOf(bytes, 'the message'))
  const type = fields.uint8()
  const message = readMessage(type, fields)
  if (fields.remaining > 0) throw malformed(`a message of type ${type} with ${fields.remaining} bytes too many`)
  return message
}

function readMessage(type: number, fields: Fields): RegistryMessage {
  switch (type) {
    case MessageType.greeting:
      return fields.greeting()
    case MessageType.no:
      return fields.no()
    case MessageType.put:
      return readPut(fields)
    case MessageType.get:
      return { type: 'get', topic: fields.take(TOPIC_SIZE), ...fields.proved() }
    case MessageType.stored:
      return { type: 'stored' }
    case MessageType.records:
      return readRecords(fields)
    default:
      throw malformed(`a message of the unknown type ${type}`)
  }
}

function readPut(fields: Fields): Put {
  const topic = fields.take(TOPIC_SIZE)
  const token = fields.take(TOKEN_SIZE)
  const ttl = fields.uint16()
  if (ttl > MAX_TTL) throw malformed(`a record for ${ttl} seconds, where ${MAX_TTL} are the most`)
  const size = fields.uint16()
  // A removal has no content.
  if (ttl === 0 ? size !== 0 : !isRecordSize(size)) throw malformed(`a record of ${size} bytes`)
  const blob = fields.take(size)
  return { type: 'put', topic, token, ttl, blob, ...fields.proved() }
}

function readRecords(fields: Fields): Records {
  const more = fields.uint8()
  const count = fields.uint8()
  if (more > 1 || count > MAX_ENTRIES) throw malformed(`${count} records in one message`)
  const entries = Array.from({ length: count }, () => {
    const slot = fields.take(SLOT_SIZE)
    const size = fields.uint16()
    if (!isRecordSize(size)) throw malformed(`a record of ${size} bytes`)
    return { slot, blob: fields.take(size) }
  })
  return { type: 'records', more: more === 1, entries }
}
