import { isSttError, SttError } from '@stt/errors'

/**
 * Turns an error of Redis or of a socket into one that says what to do. It repeats only words that are known to contain no secret,
 * and has no `cause`.
 *
 * @param name the address of the Redis, without user and password
 */
export function redisProblem(name: string, cause: unknown): SttError {
  if (isSttError(cause)) return cause
  const text = cause instanceof Error ? cause.message : ''
  const word = /^[A-Z]{2,32}(?= |$)/.exec(text)?.[0] ?? ''
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  const says = HELP[word] ?? (code && SOCKET_HELP[code]) ?? (code ? `cannot be reached (${code})` : fallback(word))
  const reason = word || code || 'ended'
  return new SttError('STT_RELAY_STORE', `the Redis at ${name} ${says}`, { details: { redis: name, reason } })
}

export const notAnswering = (name: string, timeout: number): SttError =>
  new SttError(
    'STT_RELAY_STORE',
    `the Redis at ${name} did not answer within ${timeout} ms: see how busy it is and what lies between (redis-cli --latency)`,
    { details: { redis: name, reason: 'timeout' } },
  )

export const malformedAnswer = (name: string, what: string): SttError =>
  new SttError(
    'STT_RELAY_STORE',
    `the Redis at ${name} holds ${what}, which no relay wrote: give the relays a Redis, or a prefix, of their own`,
    { details: { redis: name, reason: 'malformed' } },
  )

const fallback = (word: string): string =>
  word === ''
    ? 'ended the connection: see whether it runs, and its log'
    : `refuses what a relay asks (${word}): a Redis of version 7 or later is needed, which is no cluster`

/** The advice for each error of Redis, by its first word. */
const HELP: Readonly<Record<string, string>> = {
  WRONGPASS: 'does not take the user and password of the URL: correct them in --redis (requirepass, or ACL SETUSER)',
  NOAUTH: 'wants a password: put it into the URL, redis://:PASSWORD@host',
  NOPERM: 'lets this user do too little: ACL SETUSER NAME ~stt:* &stt:* +@all -@admin -@dangerous',
  READONLY: 'is read-only, a replica: give the primary, or make this one it (REPLICAOF NO ONE)',
  OOM: 'is full: raise its maxmemory, and see that nothing else lives in it (redis-cli INFO memory)',
  MISCONF: 'takes no writes, as it cannot save to its disk: free that, or switch saving off (CONFIG SET save "")',
  NOREPLICAS: 'takes no writes without its replicas (min-replicas-to-write): see to these',
  MASTERDOWN: 'is a replica that has lost its primary: see to that one, or give it',
  LOADING: 'is loading its data: it works in a while',
  BUSY: 'runs a script that does not end: redis-cli SCRIPT KILL',
  WRONGTYPE: 'holds values that no relay wrote: give the relays a Redis, or a prefix, of their own',
  MOVED: 'is a part of a cluster: give one that is none',
  CROSSSLOT: 'is a part of a cluster: give one that is none',
  CLUSTERDOWN: 'is a part of a cluster: give one that is none',
}

const SOCKET_HELP: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is not there (ECONNREFUSED): start it, or correct --redis',
  ENOTFOUND: 'has a name that is not known (ENOTFOUND): correct --redis',
  ECONNRESET: 'ended the connection (ECONNRESET): see whether it runs, and its log',
}
