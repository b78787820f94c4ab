import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Seed } from '@stt/node'
import { bundledProgram } from '@stt/testing'
import { expect } from 'vitest'
import type { Order } from './soak-process.ts'

interface Process {
  ask<Answer>(order: Order): Promise<Answer>
  end(): void
}

interface State {
  readonly memory: number
  readonly longest: number
  readonly caller: string | undefined
  readonly sessions: number
  readonly sessionsOpened: number
}

interface Attacked {
  readonly counts: Readonly<Record<string, number>>
  /** Seconds of CPU time, what starting the process took apart. */
  readonly cpu: number
}

const MiB = 2 ** 20
const ROUNDS = 5

/**
 * A listener with 128 MiB under attack for so many seconds, beside an honest session: no callback takes more than 50 ms of
 * CPU time, memory stays below its limit, and the honest session carries at least 0.8 of what it carries beside a process
 * that burns the CPU time of the attacker.
 *
 * @param attacker `attack`, with the seed, or `strange`, without it
 */
export async function soak(attacker: 'attack' | 'strange', seconds: number, seed: number): Promise<void> {
  const secret = Seed.generate().toHex()
  const processes: Process[] = []
  const start = (role: string): Process => {
    const child = startProcess(role, secret)
    processes.push(child)
    return child
  }
  try {
    const share = seconds / (2 * ROUNDS + 2)
    const counts: Record<string, number> = {}
    let highest = 0
    const attack = async (addresses: readonly string[], number: number): Promise<number> => {
      const order = { what: 'start', addresses, seconds: share + 1, seed: number }
      const { counts: more, cpu } = await start(attacker).ask<Attacked>(order)
      for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count
      return cpu
    }
    const work = async (addresses: readonly string[], length = share): Promise<number> =>
      (await start('work').ask<{ bytes: number }>({ what: 'start', addresses, seconds: length })).bytes

    // One listener whose callbacks are measured, and one that is only asked how much it carries.
    const watched = start('listen')
    const watchedAt = await watched.ask<string[]>({ what: 'start', memory: LIMIT, watched: true })
    await work(watchedAt, 2)
    const { memory: base } = await watched.ask<State>({ what: 'state' })
    for (const round of [0, 1]) {
      await Promise.all([attack(watchedAt, seed + round), work(watchedAt)])
      highest = Math.max(highest, (await watched.ask<State>({ what: 'state' })).memory)
    }
    const { longest, caller, sessionsOpened } = await watched.ask<State>({ what: 'state' })
    watched.end()

    const listener = start('listen')
    const addresses = await listener.ask<string[]>({ what: 'start', memory: LIMIT })
    await work(addresses, 2)
    let attackers = 0
    let burned = 0
    let attacked = 0
    let alone = 0
    // In turn, so that a change of the machine's mood meets both.
    for (let round = 0; round < ROUNDS; round++) {
      const [cpu, carried] = await Promise.all([attack(addresses, seed + 2 + round), work(addresses)])
      attacked += carried
      highest = Math.max(highest, (await listener.ask<State>({ what: 'state' })).memory)
      attackers += cpu
      const burn = start('burn').ask<{ cpu: number }>({ what: 'start', seconds: share + 1, cpu })
      alone += await work(addresses)
      burned += (await burn).cpu
    }

    console.log({
      'memory before, MiB': Math.round(base / MiB),
      'highest under attack, MiB': Math.round(highest / MiB),
      'longest callback, ms of CPU time': Math.round(longest),
      'called by': caller,
      'CPU seconds of the attackers': Math.round(attackers),
      'CPU seconds of the burners': Math.round(burned),
      'honest session, × beside a burner': Number((attacked / alone).toFixed(2)),
      'sessions opened': sessionsOpened,
      ...counts,
    })
    // Else the two were compared on other terms than the rule's.
    expect(burned).toBeLessThan(1.05 * attackers)
    expect(highest).toBeLessThan(1.2 * (base + LIMIT))
    expect(longest).toBeLessThanOrEqual(50)
    expect(attacked).toBeGreaterThanOrEqual(0.8 * alone)
    if (attacker === 'attack') expect(sessionsOpened).toBeGreaterThan(share)
  } finally {
    for (const each of processes) each.end()
  }
}

function startProcess(role: string, seed: string): Process {
  // With Node's own heap limit: one of 1 GiB has Node 20 collect everything 25 times a second, of whoever receives in bulk.
  const child = fork(PROGRAM, [role], { env: { ...process.env, STT_TEST_SEED: seed } })
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process "${role}" ended with ${code ?? signal}`)
  })
  ended.catch(() => {})
  return {
    async ask<Answer>(order: Order) {
      child.send(order)
      const [{ answer, error }] = (await Promise.race([once(child, 'message'), ended])) as [
        { answer: Answer; error?: string },
      ]
      if (error !== undefined) throw new Error(`${role}: ${error}`)
      return answer
    },
    end: () => void child.kill('SIGKILL'),
  }
}

const PROGRAM = await bundledProgram(join(import.meta.dirname, 'soak-process.ts'))
const LIMIT = 128 * MiB
