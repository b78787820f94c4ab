import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** Gives the answer to a command as Redis writes it: `$5\r\nhello\r\n`; undefined for none. */
export type Answer = (words: readonly string[]) => string | undefined

/** A Redis that answers what a test wants, once it has greeted. */
export class FakeRedis {
  readonly port: number
  readonly asked: string[][] = []
  answer: Answer = () => '+OK\r\n'
  readonly #sockets = new Set<Socket>()
  readonly #close: () => void

  private constructor(port: number, close: () => void) {
    this.port = port
    this.#close = close
  }

  static async start(): Promise<FakeRedis> {
    const server = createServer(socket => fake.#serve(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const fake = new FakeRedis((server.address() as { port: number }).port, () => server.close())
    return fake
  }

  /** To all that are connected, as a channel's. */
  push(channel: string, message: string): void {
    for (const socket of this.#sockets) socket.write(`>3\r\n${bulk('message')}${bulk(channel)}${bulk(message)}`)
  }

  close(): void {
    this.#close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket))
    let waiting = ''
    socket.setEncoding('latin1').on('data', chunk => {
      waiting += String(chunk)
      for (let read = command(waiting); read; read = command(waiting)) {
        waiting = waiting.slice(read.size)
        this.asked.push(read.words)
        const said = greeting(read.words) ?? this.answer(read.words)
        if (said !== undefined) socket.write(said, 'latin1')
      }
    })
  }
}

export const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`

function greeting([name = '', second = '', third = '']: readonly string[]): string | undefined {
  if (name === 'HELLO') return `%1\r\n${bulk('proto')}:3\r\n`
  if (name === 'CLIENT') return '+OK\r\n'
  if (name === 'SCRIPT' && second === 'LOAD') return bulk(String(third.length))
  if (name.toUpperCase() === 'SUBSCRIBE') return `>3\r\n${bulk('subscribe')}${bulk(second)}:1\r\n`
  return undefined
}

/** The first command of what came, if it is whole. */
function command(text: string): { readonly words: string[]; readonly size: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (!head) return undefined
  let at = head[0].length
  const words: string[] = []
  for (let i = 0; i < Number(head[1]); i++) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20))
    if (!length) return undefined
    const begin = at + length[0].length
    at = begin + Number(length[1]) + 2
    if (text.length < at) return undefined
    words.push(text.slice(begin, at - 2))
  }
  return { words, size: at }
}
