import { spawnSync } from 'node:child_process'
import { type ProxyProgram, startProxyProgram } from './proxy-program.ts'

/** The Caddy of this machine, if there is one (Debian: caddy). */
export const findCaddy = (): string | undefined =>
  ['caddy', '/usr/bin/caddy'].find(path => spawnSync(path, ['version']).status === 0)

/**
 * Starts a Caddy that touches nothing outside its folder and this port.
 *
 * @param site a Caddyfile's site at this port, whose certificate is `FOLDER/certificate.pem`
 */
export const startCaddy = (caddy: string, port: number, site: (folder: string) => string): Promise<ProxyProgram> =>
  startProxyProgram(
    'caddy',
    [port],
    folder => `{\n  admin off\n  auto_https disable_redirects\n  log {\n    level ERROR\n  }\n}\n${site(folder)}`,
    folder => [caddy, 'run', '--config', `${folder}/configuration`, '--adapter', 'caddyfile'],
  ) // biome-ignore format: arguments side by side
