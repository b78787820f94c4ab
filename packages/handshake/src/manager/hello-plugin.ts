import type { Origin } from '../origin.ts'
import type { HelloContext, HelloHandler } from './hello-handler.ts'

/** The listening half of a manager, which a program that only dials does not load. `answerHellos` is the only one. */
export class HelloPlugin {
  readonly #create: CreateHelloHandler

  /** @internal */
  constructor(create: CreateHelloHandler) {
    this.#create = create
  }

  /** @internal */
  createHandler<O extends Origin>(context: HelloContext<O>): HelloHandler<O> {
    return this.#create(context)
  }
}

type CreateHelloHandler = <O extends Origin>(context: HelloContext<O>) => HelloHandler<O>
