import { checkType } from '@stt/errors'
import { MAX_PATH } from './messages.ts'

/**
 * Says why a sender's path cannot be a place in the receiver's folder; undefined if it can.
 *
 * @param path names with `/` between them, as on the wire
 * @param isWindows whether the rules of Windows apply too
 */
export function pathProblem(path: string, isWindows: boolean): string | undefined {
  checkType(path, 'a path', 'string')
  if (path === '') return 'it has no name'
  if (path.length > MAX_PATH / 3 && utf8.encode(path).length > MAX_PATH) return 'its path is too long'
  const names = path.split('/')
  if (names.length > MAX_DEPTH) return 'it lies too deep'
  for (const name of names) {
    const problem = nameProblem(name, isWindows)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Says why a name cannot stand in a path of the receiver's folder; undefined if it can. */
export function nameProblem(name: string, isWindows: boolean): string | undefined {
  checkType(name, 'a name', 'string')
  if (name === '' || name === '.' || name === '..') return 'it would leave the folder'
  if (name.includes('\0')) return 'its name holds a NUL'
  if (!isWellFormed(name)) return 'its name is not Unicode'
  if (name.length > MAX_NAME / 3 && utf8.encode(name).length > MAX_NAME) return 'its name is too long'
  if (PART_NAME.test(name)) return 'its name is one of those that stt keeps for itself'
  return isWindows ? windowsProblem(name) : undefined
}

function windowsProblem(name: string): string | undefined {
  if (/[<>:"|?*\\]/.test(name) || hasControl(name)) return 'its name holds a character that Windows does not take'
  if (/[. ]$/.test(name)) return 'Windows takes no name that ends with a dot or a space'
  // Devices, with any extension; the digits above are among them.
  if (/^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i.test(name)) {
    return 'its name is that of a device of Windows'
  }
  return undefined
}

const hasControl = (name: string): boolean => [...name].some(character => character < ' ')
const isWellFormed = (name: string): boolean => !/\p{Surrogate}/u.test(name)

const utf8 = new TextEncoder()
/** Name of an incomplete file. */
export const PART_NAME: RegExp = /^\.stt-[0-9a-f]{20}\.part$/i
const MAX_NAME = 255
/** The most names in a path. */
export const MAX_DEPTH = 128
