import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Capture } from './capture.ts'
import { run } from './command.ts'
import { configurationOf } from './leftovers.ts'
import { type Rule, setRule } from './rule.ts'

/**
 * A computer of a `Network`: its cards, addresses, routes and rules are its own, and programs run in it. `ip` and `nft` say
 * what happens to it, in their own words.
 */
export class Host {
  #rules = 0

  /** @param namespace as `ip netns` calls it */
  constructor(readonly namespace: string) {}

  /** The words before a command that make it run here. The process has the id that it would have without. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.namespace]
  }

  /** Commands of `ip`, one after the other: `ip('address flush dev wlan0', 'link set wlan0 down')`. */
  ip(...commands: string[]): void {
    run('ip', ['-n', this.namespace, '-batch', '-'], commands.join('\n'))
  }

  /** Names that this host, and no other, knows the addresses of. For programs that start after that. */
  know(names: Readonly<Record<string, string>>): void {
    const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`)
    this.#configure('hosts', `127.0.0.1 localhost\n${lines.join('')}`)
  }

  /** Whom this host asks for the addresses of names. For programs that start after that. */
  askForNames(...servers: readonly string[]): void {
    this.#configure('resolv.conf', servers.map(server => `nameserver ${server}\n`).join(''))
  }

  /** Sets switches of the kernel, by their path below `/proc/sys/net`. */
  set(values: Readonly<Record<string, number>>): void {
    const lines = Object.entries(values).map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`)
    this.run('sh', '-ec', lines.join('\n'))
  }

  /** Runs a program here and waits for it. */
  run(command: string, ...parameters: string[]): string {
    const [ip, ...words] = this.prefix
    return run(ip!, [...words, command, ...parameters])
  }

  /**
   * Loses what passes through this host or arrives at it, from now on, where it matches in the words of `nft`:
   * `meta l4proto udp`, `iifname "lan" tcp dport 443`, `meta length > 200`, `numgen random mod 100 < 30`, or ``. A sender
   * learns nothing of it.
   */
  drop(match: string): Rule {
    return setRule(this, `lost_${++this.#rules}`, match, 'drop')
  }

  /** Counts what passes through this host or arrives at it. */
  count(match: string): Rule {
    return setRule(this, `seen_${++this.#rules}`, match, 'accept')
  }

  /**
   * Lets those behind this host share the address of its card `wan`, as a home’s router does: what they ask for may be
   * answered, nothing else comes in.
   *
   * @param random whether each flow gets a port by chance, in place of its own where that is free
   * @param answersItself whether it takes for its own what comes uninvited: a port to which something came so is no
   *   longer free for those behind it
   */
  translate(wan: string, { random = false, answersItself = false }: Translation = {}): void {
    const masquerade = `oifname "${wan}" masquerade ${random ? 'random' : ''}`
    const uninvited = `iifname "${wan}" ct state != { established, related } drop`
    this.nft(`table inet translation {
      chain postrouting { type nat hook postrouting priority srcnat; ${masquerade}; }
      chain forward { type filter hook forward priority 0; ${uninvited}; }
      chain input { type filter hook input priority 0; ${answersItself ? 'accept' : uninvited}; }
    }`)
  }

  /** The same of a router that lets anybody in, over UDP, by a port from which somebody behind it has sent (full cone). */
  translateOpenly(wan: string, address: string): void {
    const port = `@cone { udp sport timeout 300s : ip saddr . udp sport }`
    this.nft(`table ip translation {
      map cone { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 300s; }
      chain prerouting { type nat hook prerouting priority dstnat; iifname "${wan}" meta l4proto udp dnat to udp dport map @cone; }
      chain postrouting { type nat hook postrouting priority srcnat;
        oifname "${wan}" meta l4proto udp update ${port}
        oifname "${wan}" snat to ${address}
      }
    }`)
  }

  /** Forgets every flow, as a router does that was started again: those that come from behind `translate` begin anew. */
  forgetFlows(): void {
    this.run('conntrack', '-F')
  }

  /** Limits what leaves by a card to so many bits a second, with a queue of 50 ms. */
  limitRate(card: string, bitsPerSecond: number): void {
    const bucket = ['rate', `${bitsPerSecond}bit`, 'burst', '32kb', 'latency', '50ms']
    this.run('tc', 'qdisc', 'add', 'dev', card, 'root', 'tbf', ...bucket)
  }

  /**
   * Holds what passes through this host so many milliseconds, in each direction. It passes twice then, once before and once
   * after: rules that do not name the card it came by apply to it two times.
   */
  async delay(milliseconds: number, ...cards: string[]): Promise<void> {
    const [ip, ...words] = this.prefix
    const slow = spawn(ip!, [...words, 'python3', PROGRAM, 'slow', String(milliseconds)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await Promise.race([once(slow.stdout, 'data'), once(slow, 'exit')])
    this.ip(
      'link set slow up',
      ...['0.0.0.0/0', '::/0'].map(all => `route add ${all} dev slow table ${SLOW_TABLE}`),
      ...cards.map(card => `rule add iif ${card} lookup ${SLOW_TABLE}`),
    )
    for (const card of cards) this.run('ip', '-6', 'rule', 'add', 'iif', card, 'lookup', String(SLOW_TABLE))
  }

  /** Listens to a card from when this resolves, until `stop`. */
  capture(card: string): Promise<Capture> {
    return Capture.begin(this.prefix, card)
  }

  #configure(file: string, content: string): void {
    const folder = configurationOf(this.namespace)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, file), content)
  }

  nft(script: string): void {
    const [ip, ...words] = this.prefix
    run(ip!, [...words, 'nft', '-f', '-'], script)
  }
}

export interface Translation {
  readonly random?: boolean
  readonly answersItself?: boolean
}

const PROGRAM = fileURLToPath(new URL('./delay.py', import.meta.url))
/** Of routes, by its number. */
const SLOW_TABLE = 83
