/**
 * A listener and three who dial it, for `NODE_DEBUG=stt`: one comes in, rotates keys and closes, one has the seed and is
 * not let in, one has another seed. Its secrets go to the standard output as JSON, to be looked for in what was logged.
 */
import { Identity, isSttError, Seed, STTNode, toHex } from '@stt/node'

const [seed, other] = [Seed.generate(), Seed.generate()]
const identities = [1, 2, 3, 4].map(i => Identity.fromPrivateKey(new Uint8Array(32).fill(i)))
const [serverId, clientId, strangerId, otherId] = identities as [Identity, Identity, Identity, Identity]
const text = 'what the program sends'

const server = await STTNode.create({
  seed,
  identity: serverId,
  listen: ['ws://127.0.0.1:0'],
  peers: { allow: [toHex(clientId.id)] },
  metadata: { token: 'metadata-of-the-server' },
})
const [address] = server.addresses
const taken = new Promise<void>(resolve => {
  server.onSession(session => {
    session.onStream(async stream => {
      await stream.readAll({ maxBytes: 1_000 })
      await stream.end()
    })
    void session.closed.then(() => resolve())
  })
})
const client = await STTNode.create({ seed, identity: clientId })
const session = await client.connect(server.addresses)
const stream = await session.openStream()
await stream.write(new TextEncoder().encode(text))
await stream.end()
await stream.readAll({ maxBytes: 1_000 })
const exported = toHex(session.exportKey('key', 32))
session.rotateKeys()
while (session.getStatistics().keyEpoch === 0) await session.ping()
await session.close({ code: 7, reason: 'done "so"' })
await taken

const refusal = async (node: STTNode, options: object): Promise<void> => {
  await node.connect(server.addresses, options).catch((error: unknown) => {
    if (!isSttError(error)) throw error
  })
}
const stranger = await STTNode.create({ seed, identity: strangerId })
await refusal(stranger, {})
const unseeded = await STTNode.create({ seed: other, identity: otherId })
const controller = new AbortController()
const dialing = refusal(unseeded, { signal: controller.signal })
while (server.getStatistics().badMac === 0) await new Promise(resolve => setImmediate(resolve))
controller.abort()
await dialing
for (const node of [client, stranger, unseeded, server]) await node.close()

const bytes = [seed.toBytes(), other.toBytes(), ...identities.map(identity => identity.toBytes())]
const secrets = bytes.flatMap(secret => [toHex(secret), Buffer.from(secret).toString('base64'), String(secret)])
process.stdout.write(
  JSON.stringify({
    address,
    session: toHex(session.id),
    ids: identities.map(({ id }) => toHex(id)),
    secrets: [...secrets, exported, text, 'metadata-of-the-server'],
  }),
)
