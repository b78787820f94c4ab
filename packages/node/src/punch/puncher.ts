import type { SessionDriver } from '../session/session-driver.ts'
import { PunchBudget } from './punch-budget.ts'
import type { PunchSocketSetConfig } from './punch-socket-set.ts'
import { PunchSockets } from './punch-sockets.ts'
import { SessionPuncher, type SessionPuncherConfig } from './session-puncher.ts'

export interface PuncherConfig
  extends PunchSocketSetConfig,
    Pick<SessionPuncherConfig, 'share' | 'allows' | 'warn' | 'tierOf' | 'network'> {}

/** Punches holes for the sessions of a node: its sockets, and what may leave them. */
export class Puncher {
  readonly #config: PuncherConfig
  readonly #sockets: PunchSockets
  readonly #budget = new PunchBudget()

  constructor(config: PuncherConfig) {
    this.#config = config
    this.#sockets = new PunchSockets(config)
  }

  /** Looks after a session that has agreed to it, until its `stop`. */
  watch(driver: SessionDriver, onOver: SessionPuncherConfig['onOver']): SessionPuncher {
    return new SessionPuncher({ ...this.#config, driver, onOver, sockets: this.#sockets, budget: this.#budget })
  }

  close(): Promise<void> {
    return this.#sockets.close()
  }
}
