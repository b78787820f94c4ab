import { SttError } from '@stt/errors'

/** The address of a Redis, and the user and password to give there. */
export interface RedisPlace {
  /** The address without user and password, for errors and logs. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
}

/** @throws SttError `STT_INVALID_ARGUMENT`, which does not repeat the URL, because a password may be in it */
export function parseRedisUrl(text: string): RedisPlace {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const database = url ? /^\/?(\d{0,4})$/.exec(url.pathname)?.[1] : undefined
  const isOne = url && database !== undefined && /^rediss?:$/.test(url.protocol) && url.hostname !== ''
  if (!isOne || url.search !== '' || url.hash !== '') {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      'what was given is no URL of a Redis, such as redis://127.0.0.1:6379 or rediss://user:password@redis.example:6380/0 (characters of a password that mean something in a URL are written as %40)',
    )
  }
  const { protocol, hostname, port } = url
  const number = port === '' ? 6_379 : Number(port)
  return {
    name: `${protocol}//${hostname}:${number}`,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    isSecure: protocol === 'rediss:',
    database: Number(database),
    username: url.username === '' ? undefined : decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new SttError('STT_INVALID_ARGUMENT', 'user or password in the URL of the Redis has a % that begins no character: write it as %25') // biome-ignore format: one line
  }
}
