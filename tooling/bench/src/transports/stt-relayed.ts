import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startChild } from '../start-child.ts'
import type { Transport } from './protocol.ts'
import { stt } from './stt.ts'

/** A session through a relay, which is a process of its own. */
export const sttRelayed: Transport = {
  async serve() {
    const relay = startChild(CHILD, 'relay')
    const [{ address }] = (await once(relay, 'message')) as [{ address: string }]
    const served = await stt(undefined, { relays: [address] }).serve()
    const close = async (): Promise<void> => {
      await served.close()
      relay.kill()
    }
    return { address: served.address, close }
  },
  dial: stt(undefined, { paths: { relay: 'only' } }).dial,
}

const CHILD = fileURLToPath(new URL('./relay-child.ts', import.meta.url))
