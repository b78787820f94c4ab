/** What is used here of two packages that come without types. */
declare module 'udx-native' {
  import type { EventEmitter } from 'node:events'

  export interface UdxSocket extends EventEmitter {
    bind(port: number, host: string): void
    address(): { readonly port: number }
    send(message: Buffer, port: number, host: string): Promise<boolean>
    close(): Promise<void>
    on(event: 'message', listener: (message: Buffer, from: { port: number; host: string }) => void): this
  }

  export interface UdxStream extends EventEmitter {
    connect(socket: UdxSocket, remoteId: number, port: number, host: string): void
  }

  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default class UDX {
    createSocket(): UdxSocket
    createStream(id: number): UdxStream
  }
}

declare module '@hyperswarm/secret-stream' {
  import { EventEmitter } from 'node:events'
  import type { UdxStream } from 'udx-native'

  // biome-ignore lint/style/noDefaultExport: that is what the package has
  export default class SecretStream extends EventEmitter {
    constructor(isInitiator: boolean, stream: UdxStream)
    readonly opened: Promise<boolean>
    write(bytes: Uint8Array): boolean
    end(): void
    resume(): void
    destroy(): void
  }
}
