import { listenRelay } from '@stt/relay'
import { Failure } from '../cli.ts'
import { describeTime } from '../format.ts'
import type { Children } from './children.ts'
import { judge } from './judge.ts'

export interface FindingAct {
  readonly children: Children
  readonly seedFile: string
}

/** Two processes that share only a seed find each other: on the loopback interface by mDNS, then at a relay. */
export async function playFindingAct({ children, seedFile }: FindingAct): Promise<void> {
  process.stdout.write('\nFound by the seed alone\n')
  try {
    await meet({ children, seedFile }, [], 'by mDNS on the loopback interface')
  } catch (error) {
    // Another program may have its port for itself, or the system no groups there.
    if (!(error instanceof Failure) || !NOT_THERE.test(error.message)) throw error
    process.stdout.write(`  mDNS on the loopback interface cannot be had here: ${error.message}\n`)
  }
  const relay = await listenRelay()
  try {
    await meet({ children, seedFile }, ['--relay', relay.url], 'at a relay')
  } finally {
    await relay.close()
  }
}

async function meet({ children, seedFile }: FindingAct, place: readonly string[], where: string): Promise<void> {
  const parameters = ['--seed-file', seedFile, ...place]
  const host = children.start('meet', parameters)
  const { id } = await host.next('present')
  const guest = children.start('meet', [...parameters, '--seek', String(PATIENCE)])
  const found = await guest.next('found')
  const greeted = await host.next('greeted')
  const ended = (await guest.exited) === 0 && (await host.exited) === 0
  judge([
    [`two processes found each other ${where} in ${describeTime(found.took)}, without any address`, found.id === id],
    [
      'each proved to the other who it is, and one stream went through',
      greeted.by === found.by && greeted.text === 'hello',
    ],
    [
      `${where}: ${found.relayed ? 'the session goes by the relay' : 'the session goes direct'}`,
      found.relayed === place.length > 0,
    ],
    ['both ended cleanly', ended],
  ])
}

const NOT_THERE = /STT_NOT_FOUND|STT_UNSUPPORTED/
/** Milliseconds. */
const PATIENCE = 8_000
