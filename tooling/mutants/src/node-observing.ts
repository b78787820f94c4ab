import type { Mutant } from './mutant.ts'

const ws = (name: string): string => `packages/transport-ws/src/${name}.ts`
const wsTest = (name: string): string => `packages/transport-ws/src/${name}.test.ts`
const file = (name: string): string => `packages/node/src/${name}.ts`
const test = (name: string): string => `packages/node/test/${name}.test.ts`

/** Servers that are shared, TLS, and what a node shows of itself. */
export const nodeObserving: readonly Mutant[] = [
  {
    without: 'lets connections that say nothing in TLS stay',
    file: ws('listener'),
    find: 'return this.#setDeadline(raw, () => raw.destroy())',
    replace: 'return',
    test: wsTest('listener-tls'),
  },
  {
    without: 'waits for connections below TLS when it closes',
    file: ws('listener'),
    find: 'this.#tlsSockets?.destroyAll()',
    replace: '',
    test: wsTest('listener-tls'),
  },
  {
    without: 'leaves an upgrade for a path of nobody unanswered beside another listener',
    file: ws('shared-paths'),
    find: "server.listenerCount('upgrade') > paths.size",
    replace: "server.listenerCount('upgrade') > 1",
    test: test('shared-server'),
  },
  {
    without: 'lets two listeners have one path',
    file: ws('shared-paths'),
    find: 'if (paths.has(path)) {',
    replace: 'if (false) {',
    test: test('shared-server'),
  },
  {
    without: 'serves wss:// without TLS',
    file: file('options/node-options'),
    find: 'if (secure && !server && !tls) throw badAddress(text, NO_CERTIFICATE)',
    replace: '',
    test: test('shared-server'),
  },
  {
    without: 'serves wss:// on a server without TLS',
    file: file('options/node-options'),
    find: 'if (secure && server && !isSecureServer(server)) throw badAddress(text, PLAIN_SERVER)',
    replace: '',
    test: test('shared-server'),
  },
  {
    without: 'takes any text for a node id',
    file: file('peers/peers'),
    find: 'if (id.length !== ID_LENGTH)',
    replace: 'if (false)',
    test: test('shown'),
  },
  {
    without: 'believes what type a peer gives its metadata',
    file: file('options/metadata-field'),
    find: 'entry !== undefined && typeOf(entry) === type',
    replace: 'entry !== undefined',
    test: test('shown'),
  },
  {
    without: 'shows the control characters of a peer',
    file: file('observe/inspect'),
    find: 'printable(String(value), LONGEST)',
    replace: 'String(value)',
    test: test('shown'),
  },
  {
    without: 'shows a session that is handshaking to the program',
    file: file('session/session-core'),
    find: "return state === 'handshaking' ? 'active' : state",
    replace: 'return state as SessionState',
    test: test('shown'),
  },
  {
    without: 'logs what a peer wrote as it came',
    file: file('observe/diagnostics'),
    find: 'JSON.stringify(text) : text',
    replace: 'text : text',
    test: test('watching'),
  },
  {
    without: 'does not tell who was refused',
    file: file('peers/incoming-check'),
    find: "if (decision === 'refuse' || decision === 'busy') watcher",
    replace: 'if (decision === undefined) watcher',
    test: test('watching'),
  },
  {
    without: 'does not say why a handshake was ignored',
    file: 'packages/handshake/src/manager/manager.ts',
    find: '    this.#onDropped?.(',
    replace: '    if (false) this.#onDropped?.(',
    test: test('watching'),
  },
  {
    without: 'lets a qlog that fails end its session',
    file: file('observe/qlog'),
    find: '    } catch (error) {\n      fail(error)',
    replace: '    } catch (error) {\n      throw error',
    test: test('watching'),
  },
  {
    without: 'lets a full disk under a qlog end the program',
    file: file('observe/qlog'),
    find: "if (typeof on === 'function') on.call(sink, 'error', onError)",
    replace: '',
    test: test('watching'),
  },
  {
    without: 'writes a qlog into memory without end',
    file: file('observe/qlog'),
    find: '(sink?.writableLength ?? 0) > MOST_WAITING',
    replace: 'false',
    test: test('watching'),
  },
  {
    without: 'makes a fact of a packet that nobody hears of, and none that somebody hears',
    file: file('observe/diagnostics'),
    find: 'log.enabled || channels[name].hasSubscribers\n',
    replace: 'log.enabled\n',
    test: test('watching'),
  },
]
