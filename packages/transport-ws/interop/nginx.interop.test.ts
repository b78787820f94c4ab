import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialWebSocket, listenWebSocket, type WebSocketLink, type WebSocketListener } from '../src/index.ts'
import { deferred } from '../test/pair.ts'
import { testCertificate, testKey } from '../test/tls.ts'

const nginx = ['nginx', '/usr/sbin/nginx'].find(path => spawnSync(path, ['-v']).status === 0)
const name = nginx ? 'nginx in front' : 'nginx in front: SKIPPED, it is not installed (apt-get install nginx-light)'

describe.skipIf(!nginx)(name, () => {
  let folder: string
  let listener: WebSocketListener
  let proxy: ChildProcess
  let plain: string
  let secure: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stt-nginx-'))
    listener = await listenWebSocket({
      limits: { maxLinksPerAddress: 2 },
      clientAddress: request => request.headers['x-real-ip'] as string | undefined,
    })
    listener.onLink = link => {
      link.confirm()
      link.onPacket = packet => void link.send(packet)
    }
    const [plainPort, securePort] = [await freePort(), await freePort()]
    plain = `ws://127.0.0.1:${plainPort}`
    secure = `wss://127.0.0.1:${securePort}`
    await writeFile(join(folder, 'key.pem'), testKey)
    await writeFile(join(folder, 'certificate.pem'), testCertificate)
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, plainPort, securePort, listener.address))
    proxy = spawn(nginx!, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    for (const port of [plainPort, securePort])
      while (!(await accepts(port))) if (proxy.exitCode !== null) throw new Error('nginx ended')
  })
  afterAll(async () => {
    proxy.kill('SIGTERM')
    await once(proxy, 'exit')
    await listener.close()
    await rm(folder, { recursive: true })
  })

  const dial = (scheme: string, path = '/stt', address?: string): Promise<WebSocketLink> =>
    dialWebSocket(`${scheme === 'ws' ? plain : secure}${path}`, {
      ca: testCertificate,
      ...(address && { headers: { 'X-Test-Address': address } }),
    })

  test.each(['ws', 'wss'])('%s: packets both ways, then the close', async scheme => {
    const link = await dial(scheme)
    const packets = Array.from({ length: 100 }, (_, i) => new Uint8Array(65_535 - i * 600).fill(i))
    const received: Uint8Array[] = []
    const all = deferred()
    link.onPacket = packet => {
      received.push(packet.slice())
      if (received.length === packets.length) all.resolve()
    }
    for (const packet of packets) link.send(packet)
    await all.promise
    expect(received.every((packet, i) => Buffer.compare(packet, packets[i]!) === 0)).toBe(true)
    const closed = deferred<Error | undefined>()
    link.onClose = closed.resolve
    link.close()
    expect(await closed.promise).toBeUndefined()
    while (listener.getStatistics().links > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('the caps see the clients behind the proxy', async () => {
    const links = [await dial('ws', '/stt', '192.0.2.1'), await dial('wss', '/stt', '192.0.2.1')]
    await expect(dial('ws', '/stt', '192.0.2.1')).rejects.toMatchObject({ details: { status: 429 } })
    links.push(await dial('ws', '/stt', '192.0.2.2'))
    for (const link of links) {
      const closed = deferred<Error | undefined>()
      link.onPacket = () => {}
      link.onClose = closed.resolve
      link.close()
      await closed.promise
    }
  })

  test('another path, and a backend that is gone', async () => {
    await expect(dial('ws', '/')).rejects.toMatchObject({ code: 'STT_WEBSOCKET_UPGRADE', details: { status: 404 } })
    await expect(dial('wss', '/gone')).rejects.toMatchObject({
      code: 'STT_WEBSOCKET_UPGRADE',
      details: { status: 502 },
    })
  })
})

function configuration(folder: string, plainPort: number, securePort: number, backend: string): string {
  const upstream = backend.replace('ws:', 'http:')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    each => `${each}_temp_path ${folder}/${each};`,
  )
  const locations = `
      location /stt { proxy_pass ${upstream}/; }
      location /gone { proxy_pass http://127.0.0.1:1/; }
      location / { return 404; }`
  return `
  daemon off; master_process off; pid ${folder}/nginx.pid;
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  events {}
  http {
    access_log off; ${temporary.join(' ')}
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    # Clients of a test all have one address: they say which one to play.
    proxy_set_header X-Real-IP $http_x_test_address;
    server { listen 127.0.0.1:${plainPort}; ${locations} }
    server {
      listen 127.0.0.1:${securePort} ssl; ssl_certificate certificate.pem; ssl_certificate_key key.pem; ${locations}
    }
  }`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** One attempt, a turn of the event loop long at least. */
function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
