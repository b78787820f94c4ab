/**
 * One end of a transfer as a process of its own: `receive ADDRESS` listens and hashes what comes on the first stream,
 * `send ADDRESS SIZE` sends that many bytes of a pattern. The seed comes in `STT_TEST_SEED`; what happens goes to the
 * parent as messages. A fourth word is options of the node as JSON.
 */
import { createHash } from 'node:crypto'
import { Seed, STTNode } from '@stt/node'
import { first, pattern } from './bytes.ts'
import type { PeerOptions } from './processes.ts'

const [role, address, size, given = '{}'] = process.argv.slice(2) as [string, string, ...(string | undefined)[]]
const { udp = {}, limits = {} } = JSON.parse(given) as PeerOptions
const seed = Seed.fromHex(process.env['STT_TEST_SEED']!)
const options = { seed, udp, limits }
const report = (message: Record<string, unknown>): void => void process.send!(message)

async function receive(): Promise<void> {
  const node = await STTNode.create({ ...options, listen: [address] })
  report({ type: 'listening', address: node.addresses[0] })
  const session = await first(node.sessions())
  report({ type: 'accepted', address: session.peer.address })
  const hash = createHash('blake2b512')
  try {
    const stream = await first(session.streams())
    for await (const chunk of stream) hash.update(chunk)
    await stream.write(hash.digest())
    await stream.end()
    await session.closed
    report({ type: 'received', address: session.peer.address, statistics: session.getStatistics() })
  } catch (error) {
    report({ type: 'failed', code: (error as { code?: string }).code })
  }
  await node.close()
}

async function send(): Promise<void> {
  const node = await STTNode.create(options)
  const session = await node.connect(address)
  report({ type: 'connected' })
  const hash = createHash('blake2b512')
  const block = pattern(65_536)
  try {
    const stream = await session.openStream()
    for (let left = Number(size); left > 0; left -= block.length) {
      const chunk = block.subarray(0, left)
      hash.update(chunk)
      await stream.write(chunk)
    }
    await stream.end()
    const answer = Buffer.from(await first(stream))
    const statistics = session.getStatistics()
    await session.close()
    report({ type: 'sent', equal: answer.equals(hash.digest()), statistics })
  } catch (error) {
    report({ type: 'failed', code: (error as { code?: string }).code })
  }
  await node.close()
}

await (role === 'receive' ? receive() : send())
process.disconnect()
