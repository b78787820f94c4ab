/** An object that holds a secret: `console.log`, `util.inspect` and `JSON.stringify` show its kind and nothing else. */
// spec: STT-CRY-17
export abstract class Secret {
  readonly #kind: string

  static {
    // The method that Node's `inspect` calls, by its registered symbol, since `node:util` is not everywhere.
    Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Secret) {
        return this.toString()
      },
    })
  }

  protected constructor(kind: string) {
    this.#kind = kind
  }

  toString(): string {
    return `[${this.#kind}]`
  }

  toJSON(): string {
    return this.toString()
  }
}
