import { SttError } from '@stt/errors'
import type { FileStatus } from './files.ts'

/**
 * Refuses a folder in which others may put files: whoever can do that can have this process read, wait for or delete what
 * they choose. Not on Windows, which has no such owners and modes.
 *
 * @param user whose process this is; undefined where the system has no users of that kind
 * @throws STT_CHAMBER_STORE with the command that mends it
 */
// spec: STT-CHA-25
export function checkFolder(path: string, status: FileStatus, user: User | undefined = currentUser()): void {
  if (!status.isDirectory()) {
    throw unsafe(`${path} is neither a folder nor a file`, 'see what it leads to, then remove it', `rm ${quoted(path)}`)
  }
  if (!user) return
  if (status.uid !== user.uid) {
    const owner = `${path} belongs to another user (uid ${status.uid}), who may change everything in it`
    throw unsafe(owner, 'if you trust its content, make it yours', `chown -R ${user.uid} ${quoted(path)}`)
  }
  // Where every user has a group of their own, which has their number, new folders are often writable for that group.
  const isOwnGroup = status.gid === user.gid && user.gid === user.uid
  if ((status.mode & OTHERS_WRITE) !== 0 || ((status.mode & GROUP_WRITES) !== 0 && !isOwnGroup)) {
    throw unsafe(
      `others may write to ${path}`,
      'if you trust its content, shut them out',
      `chmod -R go-w ${quoted(path)}`,
    )
  }
}

export interface User {
  readonly uid: number
  readonly gid: number
}

function currentUser(): User | undefined {
  const { geteuid, getegid } = process
  return geteuid && getegid && { uid: geteuid.call(process), gid: getegid.call(process) }
}

function unsafe(what: string, advice: string, command: string): SttError {
  return new SttError('STT_CHAMBER_STORE', `${what}; ${advice}: ${command}`)
}

/** As a shell takes it. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

const GROUP_WRITES = 0o020
const OTHERS_WRITE = 0o002
