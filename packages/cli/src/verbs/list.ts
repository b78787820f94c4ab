import { printable } from '@stt/errors'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { Listed } from '../home/home.ts'

/** Lists the pairings of this machine. @returns the exit code: not 0 if one of them cannot be used */
export async function list({ home, output }: Context): Promise<number> {
  const pairings = await home.list()
  for (const each of pairings) output.line(lineOf(each))
  if (!output.json) {
    // Completion asks for the names alone.
    if (output.quiet) for (const { name } of pairings) output.result(name)
    else if (pairings.length === 0) output.note('there is no pairing yet: stt pair')
    else output.result(table(pairings))
  }
  return pairings.some(({ problem }) => problem !== undefined) ? ExitCode.failed : ExitCode.ok
}

function lineOf({ name, state, problem }: Listed): Parameters<Context['output']['line']>[0] {
  if (!state) return { type: 'listed', name, relays: [], addresses: [], passphrase: false, problem }
  const { id, peer, relays, addresses, created, lastSeen, passphrase } = state
  return {
    type: 'listed',
    name,
    id,
    ...(peer !== undefined && { peer }),
    relays,
    addresses,
    created: new Date(created).toISOString(),
    ...(lastSeen !== undefined && { lastSeen: new Date(lastSeen).toISOString() }),
    passphrase,
  }
}

function table(pairings: readonly Listed[]): string {
  const rows = pairings.map(({ name, state, problem }) =>
    state
      ? [name, shortId(state.id), shortId(state.peer), seen(state.lastSeen), printable(state.relays.join(' ')) || '-']
      : [name, '-', '-', '-', printable(problem)],
  )
  const all = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...all.map(row => row[column]!.length)))
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const shortId = (id: string | undefined): string => (id === undefined ? '-' : `${id.slice(0, 12)}…`)
const seen = (time: number | undefined): string =>
  time === undefined ? 'never' : new Date(time).toISOString().slice(0, 16).replace('T', ' ')

const HEAD = ['NAME', 'THIS MACHINE', 'THE OTHER', 'LAST SEEN (UTC)', 'RELAYS']
