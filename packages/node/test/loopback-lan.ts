import { loopbackWithGroups } from '@stt/testing'

/** What this system calls its loopback interface; undefined where no mDNS can be spoken on it. */
export const loopbackName: string | undefined = await loopbackWithGroups()

/** The option `discovery` for mDNS on the loopback interface, where no packet leaves this machine. */
export const loopbackLan: { readonly lan: { readonly interfaces: readonly string[] } } | undefined =
  loopbackName === undefined ? undefined : { lan: { interfaces: [loopbackName] } }
