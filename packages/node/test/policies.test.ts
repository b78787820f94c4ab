import { describe, expect, test } from 'vitest'
import { Identity, MemoryTrustStore, Seed, STTNode } from '../src/index.ts'
import { createNode, first, pattern, rejection } from './nodes.ts'

const limits = { handshakeTimeout: 500 }

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('an allowlist lets in only its nodes, and a revoked one is put out and stays out', async () => {
    const seed = Seed.generate()
    const [friend, stranger] = [Identity.generate(), Identity.generate()]
    const server = await createNode({ seed, listen: [address], peers: { allow: [friend.id] } })
    const client = await createNode({ seed, identity: friend })
    const other = await createNode({ seed, identity: stranger })
    await expect(other.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    expect(server.getStatistics()).toMatchObject({ refused: 1, sessions: 0 })

    const incoming = first(server.sessions())
    const session = await client.connect(server.addresses)
    const accepted = await incoming
    const stream = await session.openStream()
    // Nobody reads it: it ends with the session.
    const writing = rejection(stream.write(pattern(100_000)))
    await server.revoke(friend.id)
    await writing
    expect(await session.closed).toMatchObject({ by: 'peer', reason: 'revoked' })
    expect((await accepted.closed).by).toBe('local')
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
  })

  test('trust on first use keeps the first node that dials, and refuses a later one, also after a restart', async () => {
    const seed = Seed.generate()
    const store = new MemoryTrustStore()
    const identity = Identity.generate()
    const client = await createNode({ seed })
    const other = await createNode({ seed })
    for (const attempt of ['first start', 'second start']) {
      const server = await createNode({ seed, identity, listen: [address], peers: { trustOnFirstUse: store } })
      const session = await client.connect(server.addresses)
      expect(session.peer.id, attempt).toEqual(identity.id)
      await expect(other.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
      await server.close()
    }
  })

  test('trust on first use shows a dialer that another node answers at an address it knows', async () => {
    const seed = Seed.generate()
    const store = new MemoryTrustStore()
    const client = await createNode({ seed, peers: { trustOnFirstUse: store }, limits })
    const server = await createNode({ seed, listen: [address] })
    const [known] = server.addresses
    await client.connect(known!)
    await server.close()
    const impostor = await createNode({ seed, listen: [known!] })
    await expect(client.connect(impostor.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
  })

  test('a wrong pairwise secret gets silence, and the right one lets a node in', async () => {
    const seed = Seed.generate()
    const [mine, theirs] = [Identity.generate(), Identity.generate()]
    const secret = new Uint8Array(32).fill(7)
    const pairwise = (own: Uint8Array, value: Uint8Array) => ({
      pairwise: (id: Uint8Array) => (Buffer.compare(id, own) === 0 ? value : undefined),
    })
    const server = await createNode({ seed, identity: mine, listen: [address], peers: pairwise(theirs.id, secret) })
    const wrong = await createNode({
      seed,
      identity: theirs,
      peers: pairwise(
        mine.id,
        secret.map(byte => byte ^ 1),
      ),
      limits,
    })
    await expect(wrong.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
    const right = await createNode({ seed, identity: theirs, peers: pairwise(mine.id, secret), limits })
    expect((await right.connect(server.addresses)).peer.id).toEqual(mine.id)
  })

  test('authorize decides, at once or later, and lets nobody in when it throws or never answers', async () => {
    const seed = Seed.generate()
    const answers = [true, Promise.resolve(true), false, Promise.resolve(false)]
    const seen: unknown[] = []
    const server = await createNode({
      seed,
      listen: [address],
      authorize: applicant => {
        seen.push(applicant.metadata)
        return answers.shift() ?? new Promise(() => {})
      },
    })
    const client = await createNode({ seed, metadata: { name: 'client' }, limits })
    await client.connect(server.addresses)
    await client.connect(server.addresses)
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    await expect(client.connect(server.addresses)).rejects.toMatchObject({ code: 'STT_PEER_REFUSED' })
    const error = await rejection(client.connect(server.addresses))
    expect(error).toMatchObject({ code: 'STT_TIMEOUT' })
    expect((error as Error).message).toMatch(/answered but did not finish/)
    expect(seen).toEqual(Array(5).fill({ name: 'client' }))
  })

  test('a seed is replaced without losing a connection: added, put first, the old one taken away', async () => {
    const [old, fresh] = [Seed.generate(), Seed.generate()]
    const server = await createNode({ seeds: [old, fresh], listen: [address] })
    const before = await createNode({ seed: old })
    const after = await createNode({ seeds: [fresh, old] })
    expect((await before.connect(server.addresses)).state).toBe('active')
    expect((await after.connect(server.addresses)).state).toBe('active')
  })

  test('two nodes that dial each other at once have two sessions, and both work', async () => {
    const seed = Seed.generate()
    const [a, b] = [await createNode({ seed, listen: [address] }), await createNode({ seed, listen: [address] })]
    const [fromA, fromB] = await Promise.all([a.connect(b.addresses), b.connect(a.addresses)])
    expect(fromA.id).not.toEqual(fromB.id)
    expect(await Promise.all([fromA.ping(), fromB.ping()])).toHaveLength(2)
  })

  test('a node does not talk to itself', async () => {
    const seed = Seed.generate()
    const node = await createNode({ seed, listen: [address], limits })
    await expect(node.connect(node.addresses)).rejects.toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('this node itself'),
    })
    expect(node.getStatistics().ownKey).toBeGreaterThan(0)
  })
})

test('combinations of options that cannot work are refused with the reason', async () => {
  const seed = Seed.generate()
  await expect(STTNode.create({ seed, authorize: () => true })).rejects.toThrow(/never asked/)
  await expect(STTNode.create({ seed, peers: { pairwise: () => undefined } })).rejects.toThrow(/give it one/)
  const open = await createNode({ seed })
  await expect(open.revoke(open.id)).rejects.toMatchObject({ code: 'STT_UNSUPPORTED' })
})
