import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { isSttError, SttError } from '@stt/errors'
import type { RelayStore } from '@stt/relay'
import { CliError, hasCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'

/** The common store of several instances, and the URL of this one. */
export interface Shared {
  readonly store: RelayStore & { close(): void }
  readonly instance: string
}

/** The part of `@stt/relay-redis` that is used. The package is optional, and loaded when it is needed. */
interface RedisPackage {
  openRedisStore(url: string): Promise<Shared['store']>
}

/** @returns undefined for a single relay */
export async function openShared(
  { redis, instance }: { readonly redis?: string | undefined; readonly instance?: string | undefined },
  environment: Context['environment'],
): Promise<Shared | undefined> {
  const url = redis ?? environment['STT_RELAY_REDIS']
  if (url === undefined && instance === undefined) return undefined
  if (url === undefined || instance === undefined) {
    throw new CliError(
      ExitCode.usage,
      'several instances of a relay need both: --redis URL, or STT_RELAY_REDIS, for what they share, and --instance URL, by which clients dial this one',
    )
  }
  const { openRedisStore } = await loadRedis()
  try {
    return { store: await openRedisStore(url), instance }
  } catch (cause) {
    if (!isSttError(cause, 'STT_INVALID_ARGUMENT')) throw cause
    throw new SttError(cause.code, `--redis, or STT_RELAY_REDIS: ${cause.message}`, { cause })
  }
}

async function loadRedis(): Promise<RedisPackage> {
  try {
    return (await import(NAME)) as RedisPackage
  } catch (cause) {
    if (!hasCode(cause, 'ERR_MODULE_NOT_FOUND')) throw cause
    return loadFromHere(cause)
  }
}

/** Loads the package from the folder in which the command runs, not from that of the command. */
async function loadFromHere(missing: unknown): Promise<RedisPackage> {
  let path: string
  try {
    path = createRequire(join(process.cwd(), 'package.json')).resolve(NAME)
  } catch (cause) {
    if (!hasCode(cause, 'MODULE_NOT_FOUND')) throw cause
    throw new CliError(ExitCode.failed, `--redis needs the package ${NAME}: npm install ${NAME}, or npm install --global ${NAME} beside a global @stt/cli`, { cause: missing }) // biome-ignore format: one line
  }
  return (await import(pathToFileURL(path).href)) as RedisPackage
}

const NAME: string = '@stt/relay-redis'
