import { spawnSync } from 'node:child_process'
import { freePort } from './free-port.ts'
import { startProxyProgram } from './proxy-program.ts'

/**
 * An nginx in front of WebSocket listeners: `/stt` leads to each of them in turn, `/stt/0` to the first one, `/gone` to a backend that
 * is not there.
 */
export interface NginxProxy {
  /** Addresses without a path: `ws://127.0.0.1:40123`, and the same over TLS with `testCertificate`. */
  readonly plain: string
  readonly secure: string
  /** May be called again. */
  stop(): Promise<void>
}

/** The nginx of this machine, if there is one (Debian: nginx-light). */
export const findNginx = (): string | undefined =>
  ['nginx', '/usr/sbin/nginx'].find(path => spawnSync(path, ['-v']).status === 0)

/** @param backends addresses of the listeners, `ws://127.0.0.1:40124` */
export async function startNginx(nginx: string, backends: string | readonly string[]): Promise<NginxProxy> {
  const [plainPort, securePort] = [await freePort(), await freePort()]
  const proxy = await startProxyProgram(
    'nginx',
    [plainPort, securePort],
    folder => configuration(folder, plainPort, securePort, [backends].flat()),
    folder => [nginx, '-p', folder, '-c', 'configuration', '-e', 'error.log'],
  )
  return {
    plain: `ws://127.0.0.1:${plainPort}`,
    secure: `wss://127.0.0.1:${securePort}`,
    stop: () => proxy.stop(),
  }
}

function configuration(folder: string, plainPort: number, securePort: number, backends: readonly string[]): string {
  const hosts = backends.map(each => new URL(each).host)
  const own = hosts.map((host, i) => `location /stt/${i} { proxy_pass http://${host}/; }`).join('\n      ')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    each => `${each}_temp_path ${folder}/${each};`,
  )
  const locations = `
      ${own}
      location /stt { proxy_pass http://listeners/; }
      location /gone { proxy_pass http://127.0.0.1:1/; }
      location / { return 404; }`
  return `
  daemon off; master_process off; pid ${folder}/nginx.pid;
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  worker_rlimit_nofile 16384;
  events { worker_connections 8192; }
  http {
    access_log off; ${temporary.join(' ')}
    upstream listeners { ${hosts.map(host => `server ${host} max_fails=0;`).join(' ')} }
    proxy_http_version 1.1;
    proxy_next_upstream error timeout http_503;
    proxy_read_timeout 120s;
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
