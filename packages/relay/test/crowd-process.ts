/** Many clients of a relay in one process, which is killed: `crowd-process.ts URL GROUPS`. A line on its standard output says that all are there. */
import { randomBytes } from 'node:crypto'
import { encodeAccept, encodeDial } from '@stt/rendezvous'
import { Raw } from './client.ts'

const [url, groups] = process.argv.slice(2) as [string, string]

/** A node that listens, a circuit to it, and somebody who waits for it: four connections. */
async function group(): Promise<void> {
  const mailbox = randomBytes(32)
  const listener = await Raw.dial(url)
  listener.listen([{ mailbox, token: randomBytes(16) }])
  const [dialer, waiting, acceptor] = [await Raw.dial(url), await Raw.dial(url), await Raw.dial(url)]
  const dial = encodeDial([mailbox], () => new Uint8Array(0))
  dialer.say(dial)
  const { ticket } = await listener.hear('incoming')
  acceptor.say(encodeAccept(ticket))
  await dialer.hear('spliced')
  waiting.say(dial)
  await listener.hear('incoming')
}

for (let i = 0; i < Number(groups); i++) await group()
process.stdout.write('all are there\n')
