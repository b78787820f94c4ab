import { Said } from './sentences.ts'

/** A page that a relay serves has that relay. */
export const ownRelay = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`

/**
 * The address of a relay as a browser reads it: a name that looks like another one is written in its plain letters, and there is no
 * user before an `@` to be taken for the host.
 *
 * @throws Said
 */
export function checkRelay(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  if (url && /^wss?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url.href.replace(/\/$/, '')
  throw new Said('That is not the address of a relay: it begins with wss://, or ws:// on your own network.')
}
