import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Queue, QueueNode } from './queue.ts'

test('a queue behaves as an array in which each member stands at most once', () => {
  const operation = fc.tuple(fc.constantFrom('push', 'unshift', 'remove', 'take'), fc.nat(5))
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), operations => {
      const queue = new Queue<number>()
      const other = new Queue<number>()
      const nodes = Array.from({ length: 6 }, (_, i) => new QueueNode(i))
      let model: number[] = []
      for (const [name, i] of operations) {
        const member = name === 'take' ? queue.first : i
        if (member === undefined) continue
        if (name === 'push' && !model.includes(member)) model.push(member)
        if (name === 'unshift' && !model.includes(member)) model.unshift(member)
        if (name === 'remove' || name === 'take') model = model.filter(n => n !== member)
        if (name === 'push') queue.push(nodes[member]!)
        else if (name === 'unshift') queue.unshift(nodes[member]!)
        else queue.remove(nodes[member]!)
        other.remove(nodes[member]!)
        expect(queue.first).toBe(model[0])
      }
      const rest: number[] = []
      for (let first = queue.first; first !== undefined; first = queue.first) {
        rest.push(first)
        queue.remove(nodes[first]!)
      }
      expect([rest, queue.isEmpty]).toEqual([model, true])
    }),
  )
})
