import { printable } from '@stt/errors'

/**
 * Files that were not taken: all of them counted, and the first ones kept, as the other side says how many there are. They are
 * written as people may read them: what turns the direction of writing makes a picture of a program.
 */
export class Refused {
  readonly first: { readonly path: string; readonly reason: string }[] = []
  count = 0

  add(path: string, reason: string): void {
    this.count++
    if (this.first.length < MOST_SHOWN) this.first.push({ path: printable(path), reason: printable(reason) })
  }
}

const MOST_SHOWN = 20
