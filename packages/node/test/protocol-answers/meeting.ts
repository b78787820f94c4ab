import { readFileSync } from 'node:fs'
import { fromHex, Identity, Seed } from '@stt/crypto'
import {
  accessKeyId,
  encodeDial,
  encodeGet,
  encodeListen,
  homeOf,
  mailboxName,
  orderRelays,
  type Prove,
  proveAccess,
  recordKey,
  sealRecord,
  slotName,
  topicName,
} from '@stt/rendezvous'
import { type Answers, counting, INITIATOR, SEED } from './inputs.ts'

/** Relays: the names of one hour, and messages with proofs. */
export function relays(): Answers {
  const { rendezvous, access, lan } = Seed.fromBytes(SEED).deriveRendezvousKeys()
  const identity = Identity.fromPrivateKey(INITIATOR)
  const mailbox = mailboxName(rendezvous, identity.id, HOUR)
  const token = identity.mailboxToken(mailbox)
  const home = homeOf(rendezvous, identity.id)
  const urls = orderRelays(home, ['wss://relay-0.example/', 'wss://relay-1.example/', 'wss://relay-2.example/'])
  return {
    section: '11',
    values: [
      ['all', `seed 00…1f, static private key 20…3f, hour ${HOUR}`],
      ['rdv', rendezvous],
      ['access', access],
      ['lan', lan],
      ['topic', topicName(rendezvous, HOUR)],
      ['mailbox', mailbox],
      ['token of the mailbox', token],
      ['home', home],
      ['keyId', accessKeyId(access)],
      ['order', urls.join(' ')],
      ['proofs', `for ${AUTHORITY}, nonce a0…af`],
      ['DIAL', 'the mailbox, with its proof', encodeDial([mailbox], prove(access))],
      ['LISTEN', 'the mailbox, with its proof', encodeListen([{ mailbox, token }], prove(access))],
    ],
  }
}

/** Registries: what a node's record is kept under, and how it is sealed. */
export function registries(): Answers {
  const { rendezvous, access } = Seed.fromBytes(SEED).deriveRendezvousKeys()
  const identity = Identity.fromPrivateKey(INITIATOR)
  const topic = topicName(rendezvous, HOUR)
  const token = identity.slotToken(topic)
  const slot = slotName(topic, token)
  const record = {
    id: identity.id,
    seq: HOUR * 3_600_000,
    expires: HOUR * 3_600 + 150,
    relays: ['wss://relay-0.example'],
  }
  const blob = sealRecord(record, { rendezvous, hour: HOUR, topic, slot }, counting(0xb0, 16))
  return {
    section: '12',
    values: [
      ['all', 'those of section 11'],
      ['record key', recordKey(rendezvous, HOUR)],
      ['token of the slot', token],
      ['slot', slot],
      ['body', `seq ${record.seq}, exp ${record.expires}, relays [${record.relays}]; salt b0…bf`],
      ['blob[0..64]', blob.subarray(0, 64)],
      ['tag of the blob', blob.subarray(-16)],
      ['GET', 'the topic, with its proof', encodeGet(topic, prove(access))],
    ],
  }
}

/** The local network. What makes these is no public part of @stt/lan, whose tests compare it with this file. */
export function localNetwork(): Answers {
  const { tags, inputs, peers } = JSON.parse(
    readFileSync(new URL('../../../lan/vectors/lan.json', import.meta.url), 'utf8'),
  )
  const [{ hour, instance, udp, ws, address, sealed }] = peers
  if (inputs.hours[0] !== HOUR || hour !== HOUR) throw new Error(`lan.json was to begin with hour ${HOUR}`)
  return {
    section: '13',
    values: [
      ['all', 'those of section 11'],
      ['subtype', `_${tags[0]}._sub._stt._udp.local`],
      ['instance', instance],
      ['says', `ports udp ${udp} and ws ${ws}, from ${address}`],
      ['sealed', fromHex(sealed)],
    ],
  }
}

const prove =
  (access: Uint8Array): Prove =>
  (type, body) =>
    proveAccess(access, { authority: AUTHORITY, nonce: counting(0xa0, 16) }, type, body)

const HOUR = 495_000
const AUTHORITY = 'relay.example:443'
