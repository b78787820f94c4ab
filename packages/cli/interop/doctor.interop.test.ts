import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  bundledProgram,
  type Host,
  issuedCertificate,
  issuedKey,
  Network,
  networksMissing,
  privateCa,
} from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FindingLine } from '../src/json-lines.ts'
import { Machine, pairedMachines, type Run, temporaryFolder } from '../test/stt.ts'

const missing = networksMissing()
const RELAY = await bundledProgram(join(import.meta.dirname, '../../relay/src/bin.ts'))
const RELAYS = ['ws://198.51.100.2:4000', 'ws://198.51.101.2:4000'] as const

interface Side {
  readonly host: Host
  readonly router: Host
}

/** An internet with two relays and two sides, each a host behind a router without rules. */
class Internet {
  readonly network: Network = new Network()
  readonly core: Host
  readonly relays: readonly Host[]
  readonly sides: readonly Side[]

  /** @param lan the first two bytes of the hosts' addresses: those of no home unless given */
  constructor(lan = '198.18') {
    onTestFinished(() => this.network.remove())
    this.core = this.network.router('core')
    this.relays = ['198.51.100', '198.51.101'].map((net, i) => {
      const relay = this.network.host(`relay${i}`)
      this.#join(relay, 'eth0', `${net}.2`, this.core, `relay${i}`, `${net}.1`)
      return relay
    })
    this.sides = ['192.0.2', '203.0.113'].map((wan, i) => {
      const [router, host] = [this.network.router(`router${i}`), this.network.host(`host${i}`)]
      this.#join(router, 'wan', `${wan}.2`, this.core, `side${i}`, `${wan}.1`)
      this.#join(host, 'eth0', `${lan}.${i + 1}.2`, router, 'lan', `${lan}.${i + 1}.1`)
      this.core.ip(`route add ${lan}.${i + 1}.0/24 via ${wan}.2`)
      return { host, router }
    })
  }

  get near(): Side {
    return this.sides[0]!
  }

  #join(one: Host, card: string, address: string, other: Host, otherCard: string, gateway: string): void {
    this.network.cable(
      { host: one, card, addresses: [`${address}/24`] },
      { host: other, card: otherCard, addresses: [`${gateway}/24`] },
    )
    one.ip(`route add default via ${gateway}`)
  }
}

async function startRelay(host: Host, words: readonly string[]): Promise<void> {
  const [command, ...within] = host.prefix
  const child = spawn(command!, [...within, process.execPath, RELAY, ...words, '--open', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }) // biome-ignore format: one line
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}

const startRelays = ({ relays }: Internet): Promise<unknown> =>
  Promise.all(relays.map((host, i) => startRelay(host, ['--listen', 'ws://0.0.0.0:4000', '--url', RELAYS[i]!])))

/** What the doctor says in a host. */
class Examination {
  readonly findings: readonly FindingLine[]

  private constructor(
    run: Pick<Run, 'lines' | 'stderr'>,
    readonly code: number,
  ) {
    this.findings = run.lines.filter((line): line is FindingLine => line.type === 'finding')
    expect([run.stderr, run.lines.at(-1)?.type]).toEqual(['', 'examined'])
    // One sentence, with what to do.
    for (const { message } of this.findings) expect(message).toMatch(/^(?!.*\. [A-Z])\S.*: .*[^.]$/)
  }

  static async of(
    host: Host,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    machine = new Machine(),
  ): Promise<Examination> {
    const run = await machine.run(['doctor', ...words, '--json'], {
      within: host.prefix,
      environment: { STT_LAN: '', ...NO_PROXY, ...environment },
    })
    return new Examination(run, run.code)
  }

  /** Codes of what was found of these. */
  codes(...about: readonly FindingLine['about'][]): string[] {
    return this.findings.filter(each => about.includes(each.about)).map(({ code }) => code)
  }

  get broken(): string[] {
    return this.findings.filter(({ verdict }) => verdict === 'broken').map(({ code }) => code)
  }

  of(code: string): FindingLine {
    return (
      this.findings.find(each => each.code === code) ??
      expect.fail(`there is no ${code}: ${JSON.stringify(this.findings)}`)
    )
  }
}

/** Without anything of the machine that runs the tests. */
const NO_PROXY = { HTTPS_PROXY: '', HTTP_PROXY: '', https_proxy: '', http_proxy: '', NO_PROXY: '', no_proxy: '' }
const relayWords = RELAYS.flatMap(url => ['--relay', url])

describe.skipIf(missing)(missing ? `six networks: SKIPPED, ${missing}` : 'six networks', () => {
  test('an open one: nothing is in the way', async () => {
    const internet = new Internet()
    await startRelays(internet)
    const found = await Examination.of(internet.near.host, relayWords)
    expect([found.code, found.broken]).toEqual([0, []])
    expect(found.codes('network', 'proxy', 'clock', 'udp', 'nat', 'mtu')).toEqual(['network-there', 'proxy-none', 'clock-right', 'udp-passes', 'nat-none', 'mtu-full']) // biome-ignore format: one line
    expect(found.codes('relay', 'registry')).toEqual(['relay-serves', 'registry-answers', 'relay-serves', 'registry-answers']) // biome-ignore format: one line
    expect(found.of('nat-none')).toMatchObject({ mapping: 'none', address: expect.stringMatching(/^198\.18\.1\.2:\d+$/), message: expect.stringContaining('no NAT stands before this machine') }) // biome-ignore format: one line
    expect(found.of('lan-alone')).toMatchObject({ subject: 'eth0', verdict: 'unknown' })
    expect(found.of('mtu-full')).toMatchObject({ mtu: 1_500, subject: 'IPv4' })
  })

  test('a home’s: its NAT lets sessions go directly', async () => {
    const internet = new Internet()
    internet.near.router.translate('wan')
    await startRelays(internet)
    const found = await Examination.of(internet.near.host, relayWords)
    expect([found.code, found.broken, found.codes('udp', 'nat')]).toEqual([0, [], ['udp-passes', 'nat-home']])
    expect(found.of('nat-home')).toMatchObject({ verdict: 'fine', mapping: 'eim', address: expect.stringMatching(/^192\.0\.2\.2:\d+$/), message: expect.stringContaining('keeps one port for all destinations') }) // biome-ignore format: one line
    // One relay alone cannot show it.
    const half = await Examination.of(internet.near.host, relayWords.slice(0, 2))
    expect(half.of('nat-half-known').message).toMatch(/name a second relay with --relay URL/)
  })

  test('one behind a symmetric NAT: it says what stays at a relay, and what to do', async () => {
    const internet = new Internet()
    internet.near.router.translate('wan', { random: true })
    await startRelays(internet)
    const found = await Examination.of(internet.near.host, relayWords)
    expect([found.code, found.broken]).toEqual([0, []])
    expect(found.of('nat-symmetric')).toMatchObject({ verdict: 'limited', mapping: 'edm', message: expect.stringMatching(/another port for each destination.*stay at a relay: forward a UDP port of the router/) }) // biome-ignore format: one line
  })

  test('one that swallows UDP: sessions go by WebSocket, and it is said which port to let out', async () => {
    const internet = new Internet()
    internet.near.router.translate('wan')
    internet.near.router.drop('meta l4proto udp')
    await startRelays(internet)
    const found = await Examination.of(internet.near.host, relayWords)
    expect([found.code, found.broken]).toEqual([0, []])
    expect(found.codes('udp', 'nat', 'mtu')).toEqual(['udp-blocked', 'nat-unknown', 'mtu-unknown'])
    expect(found.of('udp-blocked')).toMatchObject({ verdict: 'limited', message: expect.stringMatching(/is blocked, so sessions go by WebSocket.*: let UDP out.*port 4000 and 4001/) }) // biome-ignore format: one line
  })

  const hasProxy = existsSync('/usr/bin/tinyproxy')
  test.skipIf(!hasProxy)(
    `one from which only a proxy leads out, to port 443${hasProxy ? '' : ': SKIPPED, there is no tinyproxy here'}`,
    async () => {
      const internet = new Internet()
      const { host, router } = internet.near
      const folder = temporaryFolder()
      const [cert, key, ca] = [issuedCertificate, issuedKey, privateCa].map((pem, i) => {
        const path = join(folder, `${i}.pem`)
        writeFileSync(path, pem)
        return path
      }) as [string, string, string]
      await startRelay(internet.relays[0]!, [
        '--listen',
        'wss://0.0.0.0:443',
        '--url',
        'wss://stt.example',
        '--cert',
        cert,
        '--key',
        key,
      ])
      await startRelay(internet.relays[1]!, ['--listen', 'ws://0.0.0.0:4000', '--url', RELAYS[1]])
      // Only the proxy knows the name, and only the proxy is reached.
      router.know({ 'stt.example': '198.51.100.2' })
      router.drop('iifname "lan" ip daddr != 198.18.1.1')
      await startProxy(router)
      const proxy = 'http://user:secret@198.18.1.1:8888'
      const environment = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NODE_EXTRA_CA_CERTS: ca }
      const found = await Examination.of(host, ['--relay', 'wss://stt.example', '--relay', RELAYS[1]], environment)
      expect([found.code, found.broken]).toEqual([1, ['proxy-blocks', 'relay-unreached']])
      expect(found.of('proxy-passes')).toMatchObject({ verdict: 'fine', subject: '198.18.1.1:8888', message: expect.stringMatching(/^WebSockets go through the proxy 198\.18\.1\.1:8888, which HTTPS_PROXY names, and it lets them pass/) }) // biome-ignore format: one line
      expect(found.of('relay-unreached')).toMatchObject({ subject: RELAYS[1], message: expect.stringMatching(/use port 443 with wss:\/\//) }) // biome-ignore format: one line
      expect(found.of('udp-unknown').message).toMatch(/reached by a proxy alone, which carries no UDP/)
      expect(JSON.stringify(found.findings)).not.toContain('secret')
      // Without its name it is not reached, and the finding says where it would be.
      const without = await Examination.of(host, ['--relay', RELAYS[0]])
      expect(without.of('relay-unreached').message).toMatch(/where this network wants a proxy, name it in HTTPS_PROXY$/)
    },
  )

  test('none: it says so', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const found = await Examination.of(network.host('alone'), relayWords)
    expect([found.code, found.broken]).toEqual([1, ['network-missing', 'relay-unreached', 'relay-unreached', 'lan-missing']]) // biome-ignore format: one line
    expect(found.of('network-missing').message).toMatch(
      /^this machine is in no network: plug in its cable, or join a Wi-Fi$/,
    )
    expect(found.codes('clock', 'udp', 'nat', 'mtu')).toEqual(['clock-unknown', 'udp-unknown', 'nat-unknown', 'mtu-unknown']) // biome-ignore format: one line
  })
})

describe.skipIf(missing)(missing ? `what passes: SKIPPED, ${missing}` : 'what passes', () => {
  test('the size of packets on the whole way, of the first cable, and where a large one is lost without a word', async () => {
    const internet = new Internet()
    await startRelays(internet)
    const ask = (): Promise<Examination> => Examination.of(internet.near.host, relayWords, { STT_LAN: 'none' })
    for (const [host, card] of [
      // Of the way to either relay: the one that answers first is asked.
      [internet.near.router, 'wan'],
      [internet.near.host, 'eth0'],
    ] as const) {
      host.ip(`link set ${card} mtu 1400`)
      expect((await ask()).of('mtu-reduced')).toMatchObject({ verdict: 'fine', mtu: 1_400 })
      host.ip(`link set ${card} mtu 1500`)
      // What the system has learned of the way.
      internet.near.host.ip('route flush cache')
    }
    internet.core.drop('meta l4proto udp meta length > 1200')
    const found = await ask()
    expect([found.code, found.of('mtu-too-small')]).toMatchObject([0, { verdict: 'limited', mtu: 0, message: expect.stringMatching(/raise the MTU of the tunnel or line on the way to 1,280/) }]) // biome-ignore format: one line
  })

  test('a name server that does not answer is reported, and holds up no other question', async () => {
    const internet = new Internet()
    const { host, router } = internet.near
    host.askForNames('198.51.100.7', '198.51.101.7')
    router.drop('udp dport 53')
    await startRelays(internet)
    const found = await Examination.of(host, ['--relay', 'wss://relay.example', ...relayWords])
    expect([found.code, found.broken]).toEqual([1, ['relay-unreached']])
    expect(found.of('relay-unreached')).toMatchObject({ subject: 'wss://relay.example', message: expect.stringMatching(/name was not looked up in time: see that this machine reaches its name server/) }) // biome-ignore format: one line
    expect(found.codes('udp', 'nat', 'clock')).toEqual(['clock-right', 'udp-passes', 'nat-none'])
  })

  test('a machine on the same cable is heard', async () => {
    const network = new Network()
    onTestFinished(() => network.remove())
    const hosts = [network.host('here'), network.host('there')]
    const [one, other] = hosts.map((host, i) => ({ host, card: 'eth0', addresses: [`192.168.7.${i + 1}/24`] }))
    network.cable(one!, other!)
    const [here] = await pairedMachines()
    const receiving = here.start(['receive', 'there', '--into', temporaryFolder(), '--json'], { within: hosts[0]!.prefix, environment: { STT_LAN: '' } }) // biome-ignore format: one line
    await receiving.line('listening')
    const found = await Examination.of(hosts[1]!, [])
    expect([found.code, found.of('lan-heard')]).toMatchObject([0, { subject: 'eth0', verdict: 'fine' }])
  })
})

describe.skipIf(missing)(missing ? `the other machine: SKIPPED, ${missing}` : 'the other machine', () => {
  /** Runs the doctor at one side, with its name, while the other waits. */
  async function towards(
    prepare: (sides: readonly Side[]) => void,
    words: readonly string[] = ['receive', 'there', '--into', temporaryFolder()],
  ): Promise<Examination> {
    const internet = new Internet('192.168')
    prepare(internet.sides)
    await startRelays(internet)
    const [here, there] = await pairedMachines(RELAYS)
    const waiting = here.start([...words, '--json'], { within: internet.sides[1]!.host.prefix })
    if (words.length > 1) await waiting.line('listening')
    return Examination.of(internet.near.host, ['here'], { STT_LAN: 'none' }, there)
  }

  const behind =
    (...translations: readonly ({ readonly random?: boolean } | undefined)[]) =>
    (sides: readonly Side[]): void => {
      for (const [i, { router }] of sides.entries()) router.translate('wan', translations[i])
    }

  test('is reached directly from one home to another, and its registry knows it', async () => {
    const found = await towards(behind())
    expect([found.code, found.of('peer-direct')]).toMatchObject([
      0,
      { kind: 'direct', address: expect.stringMatching(/^udp:\/\/203\.0\.113\.2:\d+$/) },
    ])
    expect(found.codes('registry')).toEqual(['registry-knows', 'registry-knows'])
    expect(found.codes('path')).toEqual(expect.arrayContaining(['path-ready']))
  })

  test('is reached by a relay where both NATs are symmetric, and it is said why', async () => {
    const found = await towards(behind({ random: true }, { random: true }))
    expect([found.code, found.of('relayed-symmetric-both')]).toMatchObject([
      0,
      {
        verdict: 'limited',
        kind: 'relayed',
        message: expect.stringMatching(
          /relayed, relay:.*, because the NATs of both sides take another port for each destination: forward/,
        ),
      },
    ])
  })

  test('is reached by a relay where UDP is blocked here, or there, and it is said where', async () => {
    const blocked = (which: number) => (sides: readonly Side[]) => {
      behind()(sides)
      sides[which]!.router.drop('meta l4proto udp')
    }
    expect((await towards(blocked(0))).of('relayed-udp-blocked').message).toMatch(
      /because UDP is blocked here: let UDP out/,
    )
    expect((await towards(blocked(1))).of('relayed-no-address').message).toMatch(
      /because here has told no address at which UDP may reach it: run stt doctor there/,
    )
  })

  test('that is not there ends it with 3', async () => {
    const found = await towards(behind(), ['list'])
    expect([found.code, found.broken, found.codes('registry')]).toEqual([3, ['peer-unreached'], ['registry-lacks', 'registry-lacks']]) // biome-ignore format: one line
    expect(found.of('peer-unreached').message).toMatch(
      /^here was not reached within [\d.]+ s \(run there stt receive here/,
    )
  })
})

/** A proxy as offices have them, which allows only CONNECT to port 443. */
async function startProxy(host: Host): Promise<void> {
  const config = join(temporaryFolder(), 'tinyproxy.conf')
  writeFileSync(
    config,
    'Port 8888\nListen 198.18.1.1\nTimeout 60\nMaxClients 20\nBasicAuth user secret\nConnectPort 443\nLogLevel Warning\n',
  )
  const [command, ...within] = host.prefix
  const child = spawn(command!, [...within, 'tinyproxy', '-d', '-c', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const isUp = (): boolean => host.run('ss', '-Hltn').includes('198.18.1.1:8888')
  await expect.poll(isUp).toBe(true)
}
