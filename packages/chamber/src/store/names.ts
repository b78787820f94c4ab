import { SttError } from '@stt/errors'

/**
 * Refuses every name that is not plain: a store's name cannot lead out of its folder, be hidden, or be ambiguous.
 *
 * @throws STT_INVALID_ARGUMENT
 */
export function checkName(name: string): void {
  if (isName(name)) return
  throw new SttError(
    'STT_INVALID_ARGUMENT',
    'the name of a stored object is segments of a-z, 0-9 and "." between slashes, none of them empty or with a dot first',
  )
}

export function isName(name: string): boolean {
  return typeof name === 'string' && NAME.test(name)
}

const NAME = /^[a-z0-9][a-z0-9.]*(\/[a-z0-9][a-z0-9.]*)+$/
