import type { Mutant } from './mutant.ts'

/** Who holds a place of a WebSocket listener. */
export const websocket: readonly Mutant[] = [
  {
    without: 'shows whom it dials the credentials of the proxy',
    file: 'packages/transport-ws/src/dial.ts',
    find: 'headers: { Host: url.host, ...headers,',
    replace: "headers: { Host: url.host, 'Proxy-Authorization': String(tunnel), ...headers,",
    test: 'packages/transport-ws/src/tunnel.test.ts',
  },
  {
    without: 'takes the proxy of a CGI program from whoever asks it',
    file: 'packages/transport-ws/src/outgoing-proxy.ts',
    find: "name === 'HTTP_PROXY' && cgi !== undefined ? small : small",
    replace: 'small',
    test: 'packages/transport-ws/src/outgoing-proxy.test.ts',
  },
  {
    without: 'lets silence hold every place',
    file: 'packages/transport-ws/src/admission.ts',
    find: 'if (!silent) {',
    replace: 'if (true) {',
    test: 'packages/transport-ws/src/admission.test.ts',
  },
  {
    without: 'takes the place of whoever just came',
    file: 'packages/transport-ws/src/admission.ts',
    find: 'seat.silence(now) >= this.#limits.maxSilence',
    replace: 'true',
    test: 'packages/transport-ws/src/admission.test.ts',
  },
  {
    without: 'lets any number of connections wait',
    file: 'packages/transport-ws/src/admission.ts',
    find: 'if (this.#waiting.isFull(group)) return seat.waitsFor!',
    replace: '',
    test: 'packages/transport-ws/src/admission.test.ts',
  },
  {
    without: 'counts proved links among those that proved nothing',
    file: 'packages/transport-ws/src/admission.ts',
    find: '    this.leave(seat)\n    this.#proved.add(seat)',
    replace: '    this.#proved.add(seat)',
    test: 'packages/transport-ws/src/listener.test.ts',
  },
  {
    without: 'lets clientAddress throw',
    file: 'packages/transport-ws/src/listener.ts',
    find: '      )\n      return undefined',
    replace: '      )\n      throw cause',
    test: 'packages/transport-ws/src/listener.test.ts',
  },
  {
    without: 'believes anybody who says that he is a proxy',
    file: 'packages/transport-ws/src/proxy.ts',
    find: "return LOCAL.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4')",
    replace: 'return true',
    test: 'packages/transport-ws/src/proxy.test.ts',
  },
  {
    without: 'makes an error with a stack for each connection that somebody cuts',
    file: 'packages/transport-ws/src/link-errors.ts',
    find: "Reflect.set(Error, 'stackTraceLimit', 0)",
    replace: '',
    test: 'packages/transport-ws/src/link-errors.test.ts',
  },
  {
    without: "tells on what anybody wrote as a limit's name",
    file: 'packages/transport-ws/src/link-errors.ts',
    find: "typeof limit === 'string' && /^[A-Za-z]{1,40}$/.test(limit)",
    replace: "typeof limit === 'string' && limit !== ''",
    test: 'packages/transport-ws/src/listener.test.ts',
  },
]
