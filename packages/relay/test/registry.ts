import { decodeRegistryMessage, REGISTRY_SUBPROTOCOL, type RegistryMessage } from '@stt/rendezvous'
import { dialWebSocket } from '@stt/transport-ws'
import { expect, onTestFinished } from 'vitest'

/** A connection to a registry, which has greeted. */
export interface RegistryConnection {
  /** Sends messages, and resolves with as many answers. */
  ask(...questions: readonly Uint8Array[]): Promise<RegistryMessage[]>
}

/** Connects to the registry of a relay until the end of the test. */
export async function registryAt(url: string): Promise<RegistryConnection> {
  const link = await dialWebSocket(url, { subprotocol: REGISTRY_SUBPROTOCOL })
  onTestFinished(() => link.close())
  const heard: RegistryMessage[] = []
  let wake = (): void => {}
  link.onPacket = bytes => {
    heard.push(decodeRegistryMessage(bytes.slice()))
    wake()
  }
  const take = async (count: number): Promise<RegistryMessage[]> => {
    while (heard.length < count) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return heard.splice(0, count)
  }
  expect(await take(1)).toMatchObject([{ type: 'greeting' }])
  return {
    ask(...questions) {
      for (const each of questions) link.send(each)
      return take(questions.length)
    },
  }
}
