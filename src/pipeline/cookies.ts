/**
 * Cookies: 64 bits that mark a rule as ours and say what kind it is, of which pipeline, and whose.
 * [63:56] magic, [55:48] category, [47:32] generation, [31:0] hash of the owner's name.
 * Rules that an operator makes by hand have a magic of their own: no part of the program, so nothing here sweeps them.
 */
import { dropReasons } from './drop-reasons.ts'
import { fnv1a32 } from './hash.ts'
import type { Owner, Rule } from './rule.ts'
import { isDeclaredTable, tables, type Stage } from './tables.ts'

const magic = 0x5an

const categories: Readonly<Record<Stage | 'canary', bigint>> = {
  classification: 0x01n,
  security: 0x02n,
  response: 0x03n,
  forwarding: 0x04n,
  delivery: 0x05n,
  end: 0x06n,
  canary: 0x7fn,
}

/** Changes with the pipeline's declared shape, so that an upgraded controller replaces the rules of the one before it. */
export const generation: number = shapeHash()

function shapeHash(): number {
  const shape = Object.entries(tables).map(([name, { id, match, actions, writes, goto, miss }]) => [
    name,
    { id, match, actions, writes, goto, miss },
  ])
  const reasons = Object.entries(dropReasons).map(([name, { number }]) => [name, number])
  const hash = fnv1a32(JSON.stringify([shape, reasons]))
  return (hash ^ (hash >>> 16)) & 0xffff
}

/** Two owners may share a hash: the rule's key tells them apart. */
export function ownerHash(owner: Owner): number {
  return fnv1a32(owner)
}

export function cookieOf({ table, owner }: Pick<Rule, 'table' | 'owner'>): bigint {
  const kind = table === 'canary' ? 'canary' : isDeclaredTable(table) ? tables[table].stage : 'end'
  return (magic << 56n) | (categories[kind] << 48n) | (BigInt(generation) << 32n) | BigInt(ownerHash(owner))
}

/** Cookie and mask that select every rule of ours, of any generation, and no other. */
export const ownCookies = { cookie: magic << 56n, cookieMask: 0xffn << 56n } as const

export function isOurs(cookie: bigint): boolean {
  return cookie >> 56n === magic
}

const operatorMagic = 0x5bn

/** Cookie and mask that select every rule that was made by hand through us, and no other. */
export const operatorCookies = { cookie: operatorMagic << 56n, cookieMask: 0xffn << 56n } as const

export function isOperators(cookie: bigint): boolean {
  return cookie >> 56n === operatorMagic
}

/** Everything in a cookie that tells about it; undefined when the rule is foreign. */
export function readCookie(
  cookie: bigint,
): { readonly canary: boolean; readonly generation: number; readonly ownerHash: number } | undefined {
  if (!isOurs(cookie)) return undefined
  return {
    canary: ((cookie >> 48n) & 0xffn) === categories.canary,
    generation: Number((cookie >> 32n) & 0xffffn),
    ownerHash: Number(cookie & 0xffffffffn),
  }
}
