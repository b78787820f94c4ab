import { SttError } from '@stt/errors'
import type { FileStatus } from './files.ts'

/**
 * Refuses a folder in which others may put files: they could make this process read, wait for or delete files of their
 * choice. Windows has no such owners and modes, and is not checked.
 *
 * @param user the user of this process; undefined where the system has no such users
 * @throws STT_CHAMBER_STORE with the command that repairs it
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
  // Where each user has a private group with the user's number, new folders are often writable for that group.
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

/** Quoted for a shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

const GROUP_WRITES = 0o020
const OTHERS_WRITE = 0o002
