import { randomBytes } from 'node:crypto'
import { lstat, readdir, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SttError } from '@stt/errors'
import { isFileError, removeFile } from './files.ts'
import { withShortPath } from './short-path.ts'

/*
 * A claim is a Unix socket in the folder, on which its owner listens. When the owner's process ends, in any way, the socket
 * refuses connections. This does not depend on process ids, which are reused, and works between containers.
 *
 * A claim's name is random and never used again, so deleting a dead one cannot hit a live one. A process that wants the lock
 * makes its claim first and looks for others afterwards: of two at once, at least one sees the other.
 */

/** Takes the only claim to a folder. @throws STT_CHAMBER_LOCKED */
// spec: STT-CHA-21
export async function acquireLock(folder: string): Promise<() => Promise<void>> {
  for (;;) {
    const token = randomBytes(8).toString('hex')
    const server = await claim(folder, token)
    const release = async (): Promise<void> => {
      await new Promise(resolve => server.close(resolve))
      await removeFile({ unlink }, join(folder, token))
    }
    const outcome = await contend(folder, token).catch(async error => {
      await release()
      throw error
    })
    if (outcome === 'won') return release
    await release()
    if (outcome === 'lost') {
      throw new SttError(
        'STT_CHAMBER_LOCKED',
        'another writer has this chamber open; wait until it closes it, or open with readOnly: true',
      )
    }
  }
}

/**
 * Of claims made at the same time, the one with the lowest name stays. Against an established claim, the others give up after
 * a while.
 */
async function contend(folder: string, token: string): Promise<'won' | 'lost' | 'displaced'> {
  for (let patience = 5; ; patience--) {
    const claims = await listClaims(folder)
    // Another process looked at it between the two system calls that make a socket, and took it for dead.
    if (!claims.includes(token)) return 'displaced'
    const rivals: string[] = []
    for (const other of claims) {
      if (other === token) continue
      if (await isAlive(folder, other)) rivals.push(other)
      else await removeFile({ unlink }, join(folder, other))
    }
    if (rivals.length === 0) return 'won'
    if (patience === 0 || rivals.some(rival => rival < token)) return 'lost'
    await setTimeout(20)
  }
}

/** Only a socket is a claim: other files are left alone. */
async function listClaims(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(name => /^[0-9a-f]{16}$/.test(name))
  const found = await Promise.all(names.map(name => isSocket(join(folder, name))))
  return names.filter((_, i) => found[i])
}

/** Asks for each file, since a folder's entries do not show sockets under Deno. */
async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket()
  } catch (error) {
    // Its owner has removed it meanwhile.
    if (isFileError(error, 'ENOENT')) return false
    throw error
  }
}

function claim(folder: string, token: string): Promise<Server> {
  return withShortPath(folder, token, path => {
    const server = createServer(socket => socket.destroy())
    // An open chamber does not keep a process alive.
    server.unref()
    return new Promise((resolve, reject) => {
      // Stays attached: an error after the start does not affect the lock, and must not end the process.
      server.on('error', reject)
      server.listen({ path, exclusive: true }, () => resolve(server))
    })
  })
}

/** Only a refused connection means a dead claim; on any other error it counts as alive. */
function isAlive(folder: string, token: string): Promise<boolean> {
  return withShortPath(folder, token, path => {
    const socket = connect(path)
    return new Promise(resolve => {
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', error => resolve(!isFileError(error, 'ECONNREFUSED', 'ENOENT')))
    })
  })
}
