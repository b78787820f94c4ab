import { counted } from '../plural.ts'
import type { RelayAnswer } from './ask-relay.ts'
import { type Finding, findingsAbout, NOTHING_TO_DO } from './finding.ts'

/** Names and ids for the findings about relays. */
export interface RelayFindingsOptions {
  /** Name of the pairing, if the command is about one. */
  readonly name?: string | undefined
  /** Id of its other machine, 64 hexadecimal digits, once it is known. */
  readonly peer?: string | undefined
  /** Id of this machine in the pairing. */
  readonly self?: string | undefined
  /** The other machine's name for the pairing, if that is another one. */
  readonly nameThere?: string | undefined
}

/** Findings about the proxy on the way to relays: which one, and whether WebSockets pass. */
export function proxyFindings(answers: readonly RelayAnswer[], environment: NodeJS.ProcessEnv): readonly Finding[] {
  const find = findingsAbout('proxy')
  const named = ['HTTPS_PROXY', 'HTTP_PROXY'].filter(each => environment[each] || environment[each.toLowerCase()])
  const used = answers.filter(({ proxy }) => proxy)
  const proxies = new Map(used.map(({ proxy }) => [`${proxy!.from} ${proxy!.host}`, proxy!]))
  if (proxies.size > 0) {
    return [...proxies.values()].map(({ host, from }) => {
      const hasPassed = used.some(({ proxy, greeted }) => greeted && proxy!.host === host && proxy!.from === from)
      const verdict = hasPassed ? 'fine' : 'broken'
      const message = hasPassed
        ? `WebSockets go through the proxy ${host}, which ${from} names, and it lets them pass: ${NOTHING_TO_DO}`
        : `no WebSocket passes the proxy ${host}, which ${from} names: see that it is the right one, and that it lets CONNECT through to the port of a relay, 443 as a rule`
      return find(verdict, hasPassed ? 'proxy-passes' : 'proxy-blocks', message, { subject: host })
    })
  }
  if (named.length === 0) {
    const message = `no proxy is named, so WebSockets go to relays directly: where this network wants one, name it in HTTPS_PROXY`
    return [find('fine', 'proxy-none', message)]
  }
  const message = `${named.join(' and ')} ${named.length > 1 ? 'name a proxy' : 'names a proxy'} that no known relay is reached by: for relays at wss:// set HTTPS_PROXY, for ws:// HTTP_PROXY, and see that NO_PROXY does not except them`
  return [find('unknown', 'proxy-unused', message)]
}

/** Findings about each relay: whether it is reached, serves this machine, and has a registry that answers. */
export function relayFindings(
  answers: readonly RelayAnswer[],
  { name, ...of }: RelayFindingsOptions,
): readonly Finding[] {
  const find = findingsAbout('relay')
  if (answers.length > 0) return answers.flatMap(answer => [relayFinding(answer, name), ...registryFinding(answer, { name, ...of })]) // biome-ignore format: one line
  const pairing = name ?? 'NAME'
  const message = `no relay is known, so the machines find each other on one network, or by --address, alone: run one where both reach it (stt relay), then stt pair ${pairing} --relay URL`
  return [find('limited', 'relay-none', message)]
}

function relayFinding({ url, problem, greeted, serves, proxy }: RelayAnswer, name: string | undefined): Finding {
  const find = findingsAbout('relay')
  if (!greeted) {
    const help = proxy ? '' : '; where this network wants a proxy, name it in HTTPS_PROXY'
    return find('broken', 'relay-unreached', `${url} is not reached: ${problem}${help}`, { subject: url })
  }
  const facts = { subject: url, rtt: greeted.rtt }
  const time = `in ${greeted.rtt.toFixed(1)} ms`
  if (serves === 'yes') {
    return find('fine', 'relay-serves', `${url} answers ${time}, and serves this machine: ${NOTHING_TO_DO}`, facts)
  }
  if (serves === 'busy') {
    return find('limited', 'relay-full', `${url} answers ${time}, and has no place for another machine now: try again later, or name a second relay`, facts) // biome-ignore format: one line
  }
  if (serves === 'unasked') {
    return find('unknown', 'relay-unasked', `${url} answers ${time}, and serves holders of some seeds: run stt doctor NAME to learn whether that of a pairing is among them`, facts) // biome-ignore format: one line
  }
  return find('broken', 'relay-refuses', `${url} answers ${time}, and does not serve ${name ?? 'this machine'}: have it run with --for of this pairing, and with --url as it is dialed here, or name another relay`, facts) // biome-ignore format: one line
}

function registryFinding(
  { url, registry }: RelayAnswer,
  { name, peer, self, nameThere = name }: RelayFindingsOptions,
): Finding[] {
  if (!registry) return []
  const find = findingsAbout('registry')
  const facts = { subject: url }
  const { problem, records } = registry
  if (problem !== undefined) {
    const message = `the registry of ${url} does not answer, so that machines are not found there by their pairing alone: ${problem}`
    return [find('broken', 'registry-silent', message, facts)]
  }
  if (name === undefined)
    return [find('fine', 'registry-answers', `the registry of ${url} answers: ${NOTHING_TO_DO}`, facts)]
  const isPeer = (id: string): boolean => (peer === undefined ? id !== self : id === peer)
  if (records.some(({ id }) => isPeer(Buffer.from(id).toString('hex')))) {
    return [
      find('fine', 'registry-knows', `the registry of ${url} says that ${name} is there: ${NOTHING_TO_DO}`, facts),
    ]
  }
  const message = `the registry of ${url} answers, and ${name} is not in it: run there what waits, such as stt receive ${nameThere}, with this relay`
  return [find('unknown', 'registry-lacks', message, facts)]
}

/** Findings about the clock: names change each hour, so machines whose clocks differ by an hour do not find each other. */
export function clockFinding(answers: readonly RelayAnswer[]): Finding {
  const find = findingsAbout('clock')
  const told = answers.flatMap(({ url, greeted }) => (greeted ? [{ url, ahead: greeted.ahead }] : []))
  const nearest = told.reduce<(typeof told)[number] | undefined>(
    (best, each) => (best && Math.abs(best.ahead) <= Math.abs(each.ahead) ? best : each),
    undefined,
  )
  if (!nearest) {
    return find(
      'unknown',
      'clock-unknown',
      'no relay was reached that tells the time: see yourself that the clock of this machine is right',
    )
  }
  // A relay's own clock may be wrong: one that agrees is enough.
  const { url, ahead } = nearest
  const facts = { subject: url, ahead: Math.round(ahead) }
  const minutes = Math.abs(ahead) / 60_000
  if (minutes < NOTICED)
    return find('fine', 'clock-right', `the clock of this machine is that of ${url}: ${NOTHING_TO_DO}`, facts)
  const difference = `the clock of this machine is ${counted(Math.round(minutes), 'minute')} ${ahead > 0 ? 'ahead of' : 'behind'} that of ${url}`
  const help = 'set it, or have it set by the network (timedatectl set-ntp true)'
  if (minutes < HARMFUL)
    return find(
      'limited',
      'clock-inexact',
      `${difference}, and with an hour machines do not find each other: ${help}`,
      facts,
    )
  return find('broken', 'clock-wrong', `${difference}, so that machines do not find each other: ${help}`, facts)
}

/** Minutes. */
const NOTICED = 2
const HARMFUL = 30
