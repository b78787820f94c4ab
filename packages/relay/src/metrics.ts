import type { RegistryStatistics } from '@stt/rendezvous/server'
import type { RelayServerStatistics } from './relay-server.ts'
import type { SharedStoreStatistics } from './store/shared-store.ts'

/** Statistics in the text format of Prometheus (0.0.4). They contain no address. */
export function formatMetrics(statistics: RelayServerStatistics): string {
  const { refused, registry, links, shared } = statistics
  const reasons = Object.entries(refused).map(([reason, count]) => sample('refused_total', count, `reason="${reason}"`))
  const places = (['links', 'unproved', 'waiting'] as const).map(state =>
    sample('connections', links[state], `state="${state}"`),
  )
  return `${[
    ...METRICS.flatMap(([key, name, type, help]) => [...head(name, type, help), sample(name, statistics[key])]),
    ...head('refused_total', 'counter', 'Requests that were refused, by reason.'),
    ...reasons,
    ...REGISTRY_METRICS.flatMap(([key, name, type, help]) => [...head(name, type, help), sample(name, registry[key])]),
    ...head('registry_refused_total', 'counter', 'Requests to the registry that were refused, by reason.'),
    ...Object.entries(registry.refused).map(([reason, count]) =>
      sample('registry_refused_total', count, `reason="${reason}"`),
    ),
    ...head(
      'connections',
      'gauge',
      'Connections now: upgraded, without a first valid message, or waiting for a place.',
    ),
    ...places,
    ...head('connections_refused_total', 'counter', 'Upgrades and connections that were refused.'),
    sample('connections_refused_total', links.refused),
    ...(shared ? sharedMetrics(shared) : []),
  ].join('\n')}\n`
}

const sharedMetrics = ({ isUp, calls, failures, malformed }: SharedStoreStatistics): string[] => [
  ...head('store_up', 'gauge', 'Whether the common store of the instances works: 1, or 0.'),
  sample('store_up', isUp ? 1 : 0),
  ...head('store_calls_total', 'counter', 'Calls to the common store of the instances.'),
  sample('store_calls_total', calls),
  ...head('store_failures_total', 'counter', 'Calls that failed or took too long.'),
  sample('store_failures_total', failures),
  ...head('store_malformed_total', 'counter', 'Answers that no relay wrote.'),
  sample('store_malformed_total', malformed),
]

type Type = 'gauge' | 'counter'

const head = (name: string, type: Type, help: string): string[] => [
  `# HELP stt_relay_${name} ${help}`,
  `# TYPE stt_relay_${name} ${type}`,
]

const sample = (name: string, value: number, label?: string): string =>
  `stt_relay_${name}${label === undefined ? '' : `{${label}}`} ${value}`

const METRICS: readonly (readonly [
  key: Exclude<keyof RelayServerStatistics, 'refused' | 'registry' | 'links' | 'shared'>,
  name: string,
  type: Type,
  help: string,
])[] = [
  ['listeners', 'listeners', 'gauge', 'Nodes that listen now.'],
  ['circuits', 'circuits', 'gauge', 'Circuits now.'],
  ['tickets', 'tickets', 'gauge', 'Dials whose listener has not answered yet.'],
  ['mailboxes', 'mailboxes', 'gauge', 'Names that are held or reserved now.'],
  ['connections', 'upgrades_total', 'counter', 'Connections that were upgraded.'],
  ['listens', 'listens_total', 'counter', 'LISTEN messages.'],
  ['dials', 'dials_total', 'counter', 'DIAL messages.'],
  ['spliced', 'circuits_total', 'counter', 'Circuits so far.'],
  ['bytes', 'bytes_total', 'counter', 'Bytes of messages that passed.'],
  ['messages', 'messages_total', 'counter', 'Messages that passed.'],
  ['violations', 'violations_total', 'counter', 'Connections that broke a rule or stayed silent.'],
  [
    'addressesTold',
    'addresses_told_total',
    'counter',
    'Datagrams that were answered with the address that they came from.',
  ],
  ['faults', 'faults_total', 'counter', 'Internal errors.'],
]

const REGISTRY_METRICS: readonly (readonly [
  key: Exclude<keyof RegistryStatistics, 'refused'>,
  name: string,
  type: Type,
  help: string,
])[] = [
  ['records', 'registry_records', 'gauge', 'Records that are kept now.'],
  ['topics', 'registry_topics', 'gauge', 'Topics that have records now.'],
  ['clients', 'registry_clients', 'gauge', 'Connections to the registry now.'],
  ['connections', 'registry_connections_total', 'counter', 'Connections to the registry.'],
  ['puts', 'registry_puts_total', 'counter', 'PUT messages.'],
  ['gets', 'registry_gets_total', 'counter', 'GET messages.'],
  ['displaced', 'registry_displaced_total', 'counter', 'Records that gave way in a full topic.'],
  [
    'violations',
    'registry_violations_total',
    'counter',
    'Connections to the registry that broke a rule or stayed silent.',
  ],
]
