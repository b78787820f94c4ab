import type { Server as HttpServer } from 'node:http'
import { SttError } from '@stt/errors'

/** Which paths of a server that is shared are STT's: one listener has each. */
const pathsOf = new WeakMap<HttpServer, Set<string>>()

/** @throws SttError `STT_ADDRESS_IN_USE` where a listener has this path already */
export function takePath(server: HttpServer, path: string): void {
  const paths = pathsOf.get(server) ?? new Set()
  if (paths.has(path)) {
    throw new SttError('STT_ADDRESS_IN_USE', `another listener has the path ${path} of this server: choose another`)
  }
  pathsOf.set(server, paths.add(path))
}

export function leavePath(server: HttpServer, path: string): void {
  pathsOf.get(server)?.delete(path)
}

/**
 * Whether the listener at `own` is the one to answer an upgrade for a path that nobody has: where all that take
 * upgrades are STT's, one of them has to.
 */
export function answersFor(server: HttpServer, own: string, path: string): boolean {
  const paths = pathsOf.get(server)
  if (!paths || paths.has(path) || server.listenerCount('upgrade') > paths.size) return false
  const [first] = paths
  return first === own
}
