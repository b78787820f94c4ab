export { type Balancer, startBalancer } from './balancer.ts'
export { bundledProgram } from './bundled-program.ts'
export { findCaddy, startCaddy } from './caddy.ts'
export { type Conditions, type Loss, type PathCounters, quiet } from './conditions.ts'
export { findSecrets, inCommon } from './find-secrets.ts'
export { freePort } from './free-port.ts'
export { type HttpProxy, type HttpProxyOptions, startHttpProxy } from './http-proxy.ts'
export { type LinkPair, type LinkPairOptions, linkPair } from './link-pair.ts'
export { type LinkSuiteSubject, linkSuite, untilInRealTime } from './link-suite.ts'
export { loopbackWithGroups } from './loopback-groups.ts'
export { lowOrderPoints } from './low-order-points.ts'
export { measureMemory } from './memory.ts'
export {
  type Endpoint,
  type NatBehavior,
  NatBox,
  type VirtualDatagram,
  VirtualInternet,
  type VirtualNetwork,
} from './nat-box.ts'
export type { Capture } from './networks/capture.ts'
export type { Host } from './networks/host.ts'
export { networksMissing } from './networks/missing.ts'
export { type Card, Network } from './networks/network.ts'
export type { Rule } from './networks/rule.ts'
export { findNginx, type NginxProxy, startNginx } from './nginx.ts'
export type { ProxyProgram } from './proxy-program.ts'
export { createRandom, forEachSeed, type Random } from './random.ts'
export { findRedis, TestRedis } from './redis.ts'
export { relayGreeting } from './relay-greeting.ts'
export { type Scenario, type ScenarioName, scenarios } from './scenarios.ts'
export { settledProvider } from './settled-provider.ts'
export { type SlowProxy, startSlowProxy } from './slow-proxy.ts'
export { issuedCertificate, issuedKey, privateCa, testCertificate, testKey } from './tls.ts'
export {
  createUdpProxy,
  type ProxyConditions,
  type ProxyCounters,
  type UdpProxy,
  type UdpProxyOptions,
} from './udp-proxy.ts'
export type { LinkKind, OnWire } from './virtual-link.ts'
export { VirtualLoop, type VirtualTimer } from './virtual-loop.ts'
export { VirtualPath, type VirtualPathOptions } from './virtual-path.ts'
