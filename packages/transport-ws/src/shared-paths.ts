import type { Server as HttpServer } from 'node:http'
import { SttError } from '@stt/errors'

/** The paths of shared servers that have an STT listener, one for each path. */
const pathsOf = new WeakMap<HttpServer, Set<string>>()

/** Reserves a path for a listener. @throws SttError `STT_ADDRESS_IN_USE` if another listener has it */
export function takePath(server: HttpServer, path: string): void {
  const paths = pathsOf.get(server) ?? new Set()
  if (paths.has(path)) {
    throw new SttError('STT_ADDRESS_IN_USE', `another listener has the path ${path} of this server: choose another`)
  }
  pathsOf.set(server, paths.add(path))
}

/** Frees a path. */
export function leavePath(server: HttpServer, path: string): void {
  pathsOf.get(server)?.delete(path)
}

/**
 * Whether the listener at `own` must refuse an upgrade for a path without a listener. If only STT listeners handle the
 * server's upgrades, exactly one of them does.
 */
export function answersFor(server: HttpServer, own: string, path: string): boolean {
  const paths = pathsOf.get(server)
  if (!paths || paths.has(path) || server.listenerCount('upgrade') > paths.size) return false
  const [first] = paths
  return first === own
}
