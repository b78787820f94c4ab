import { proveAccess } from '../src/access.ts'
import type { Prove } from '../src/messages/encode.ts'
import type { Greeting, RelayMessage } from '../src/messages/message.ts'
import type { RegistryMessage } from '../src/registry/message.ts'

export const AUTHORITY = 'relay.example:443'

/** A connection of a bench: what came on it, and how it ended. */
export abstract class BenchLeg<Message extends RelayMessage | RegistryMessage> {
  readonly received: Message[] = []
  isProved = false
  /** The code with which the relay ended it. */
  closed: number | undefined

  abstract send(bytes: Uint8Array): void

  get greeting(): Greeting {
    return this.received[0] as Greeting
  }

  /** Types of the received messages without the greeting; a NO with its reason. */
  get heard(): string[] {
    return this.received.slice(1).map(each => (each.type === 'no' ? `no ${each.reason}` : each.type))
  }

  prove(access: Uint8Array | undefined, authority: string = AUTHORITY, nonce: Uint8Array = this.greeting.nonce): Prove {
    return (type, body) => (access ? proveAccess(access, { authority, nonce }, type, body) : new Uint8Array(0))
  }
}
