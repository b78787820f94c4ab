import { type Assignment, type Operator, type Property, parse } from 'cddl'

/** @returns why a value is not what a rule of the schema describes; undefined where it is */
export type Validate = (value: unknown, rule: string) => string | undefined

/** What the parser gives for a type: a name of the standard's prelude, or one of many kinds of node. */
type Node =
  | string
  | {
      readonly Type: string
      readonly Value?: unknown
      readonly Properties?: readonly Property[]
      readonly Values?: readonly Property[]
      readonly Operator?: Operator
    }

/** Checks JSON values by a schema in CDDL (RFC 8610), as far as the schema of qlog goes: what it cannot check, it refuses. */
export function readSchema(file: string): Validate {
  const rules = new Map<string, Node[]>()
  for (const rule of parse(file)) {
    if (rules.has(rule.Name) && !isAddition(rule)) throw new Error(`${rule.Name} is defined twice`)
    rules.set(rule.Name, [...(rules.get(rule.Name) ?? []), ...choicesOf(rule)])
  }

  const anyOf = (value: unknown, choices: readonly Node[], at: string): string | undefined => {
    let why: string | undefined
    for (const choice of choices) {
      const refusal = one(value, choice, at)
      if (refusal === undefined) return undefined
      why ??= refusal
    }
    return choices.length === 1 ? why : `${at} is ${JSON.stringify(value)}, which no choice of the schema allows`
  }
  const named = (value: unknown, name: string, at: string): string | undefined => {
    const choices = rules.get(name)
    if (choices === undefined) throw new Error(`the schema has no ${name}`)
    return anyOf(value, choices, at)
  }
  const one = (value: unknown, node: Node, at: string): string | undefined => {
    const is = (holds: boolean, expected: string): string | undefined =>
      holds ? undefined : `${at} is ${JSON.stringify(value)}, not ${expected}`
    if (typeof node === 'string') return is(ofPrelude(value, node), node)
    if (node.Operator) return one(value, node.Type, at) ?? is(fits(value, node.Operator), node.Operator.Type)
    if (node.Type === 'literal') return is(value === node.Value, JSON.stringify(node.Value))
    if (node.Type === 'group' && typeof node.Value === 'string') return named(value, node.Value, at)
    if (node.Type === 'group' && node.Properties)
      return isMap(value) ? map(value, node.Properties, at) : is(false, 'a map')
    if (node.Type === 'array' && node.Values?.length === 1) {
      const [each] = node.Values as [Property]
      if (!Array.isArray(value)) return is(false, 'a list')
      const { n, m } = each.Occurrence
      if (value.length < n || (m !== null && value.length > m)) return is(false, `a list of ${n} to ${m}`)
      return first(value, (item, i) => anyOf(item, nodesOf(each), `${at}[${i}]`))
    }
    throw new Error(`nothing here checks ${JSON.stringify(node)}`)
  }
  const map = (value: Readonly<Record<string, unknown>>, properties: readonly Property[], at: string) => {
    const left = new Map(Object.entries(value))
    const refusal = first(properties, property => {
      const { Name, Occurrence, HasCut } = property
      // `* text => any`: whatever no other field has taken.
      if (!HasCut) {
        left.clear()
        return undefined
      }
      if (!left.has(Name)) return Occurrence.n > 0 ? `${at} has no ${Name}` : undefined
      const item = left.get(Name)
      left.delete(Name)
      return anyOf(item, nodesOf(property), `${at}.${Name}`)
    })
    return refusal ?? (left.size > 0 ? `${at} has ${[...left.keys()]}, which the schema does not know` : undefined)
  }
  return (value, rule) => named(value, rule, rule)
}

const isAddition = (rule: Assignment): boolean => 'IsChoiceAddition' in rule && rule.IsChoiceAddition
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (type: unknown): Node[] => (Array.isArray(type) ? type : [type]) as Node[]
const nodesOf = ({ Type }: Property): Node[] => listOf(Type)
const choicesOf = (rule: Assignment): Node[] =>
  rule.Type === 'variable' ? listOf(rule.PropertyType) : [rule as unknown as Node]

function first<T>(items: readonly T[], check: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const refusal = check(item, i)
    if (refusal) return refusal
  }
  return undefined
}

function ofPrelude(value: unknown, name: string): boolean {
  if (name === 'any') return true
  if (name === 'text') return typeof value === 'string'
  if (name === 'bool') return typeof value === 'boolean'
  if (name === 'uint') return Number.isSafeInteger(value) && (value as number) >= 0
  // In JSON a float without a fraction is written as an integer.
  if (name === 'float32' || name === 'float64') return typeof value === 'number' && Number.isFinite(value)
  throw new Error(`nothing here checks ${name}`)
}

function fits(value: unknown, { Type, Value }: Operator): boolean {
  const limit = (Value as { Value: unknown }).Value
  if (Type === 'size') return (value as number) < 2 ** (8 * (limit as number))
  if (Type === 'regexp') return new RegExp(`^(?:${limit})$`).test(value as string)
  throw new Error(`nothing here checks .${Type}`)
}
