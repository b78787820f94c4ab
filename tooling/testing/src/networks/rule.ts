import type { Host } from './host.ts'

/** A rule that stands at a host until it is removed. */
export interface Rule {
  /** Packets that it has matched. */
  readonly packets: number
  remove(): void
}

/** Each rule is a table of its own: it comes and goes in one step, and counts for itself, what is then dropped included. */
export function setRule(host: Host, table: string, match: string, verdict: keyof typeof PRIORITIES): Rule {
  const chain = (hook: string): string =>
    `chain ${hook} { type filter hook ${hook} priority ${PRIORITIES[verdict]}; ${match} counter name hits ${verdict}; }`
  host.nft(`table inet ${table} {
    counter hits { }
    ${chain('forward')}
    ${chain('input')}
  }`)
  return {
    get packets() {
      const listing = host.run('nft', 'list', 'counter', 'inet', table, 'hits')
      return Number(/packets (\d+)/.exec(listing)![1])
    },
    remove: () => host.nft(`delete table inet ${table}`),
  }
}

/** The lowest comes first. */
const PRIORITIES = { accept: -20, drop: -10 }
