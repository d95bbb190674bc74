/** What the texts of all actions share: options, tables by name, lists in parentheses. */
import type { Action } from '../../actions/actions.ts'
import type { Subfield } from '../../fields/subfield.ts'
import type { FieldName } from '../../fields/table.ts'
import { bitRange } from '../names.ts'

export interface TextOptions {
  /** Names to show instead of table numbers. */
  readonly tableNames?: ReadonlyMap<number, string>
  /** The wire version of the message: 1.0 and later versions have different words for setting a VLAN. */
  readonly version?: number
}

export type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>

/** Each action's text; `nested` shows a list inside the action. */
export type Texts<T extends Action['type']> = {
  readonly [K in T]: (
    one: ActionOf<K>,
    options: TextOptions,
    nested: (list: readonly Action[]) => string,
  ) => string
}

export const tableName = (id: number, { tableNames }: TextOptions): string =>
  tableNames?.get(id) ?? String(id)

/** `name(a,b)`, leaving out what is false. */
export const inParentheses = (name: string, parts: readonly (string | false)[]): string =>
  `${name}(${parts.filter((part) => part !== false).join(',')})`

export const subfieldText = (subfield: Subfield): string => bitRange(subfield)

interface NamedBits {
  readonly field: FieldName
  readonly oxmClass?: number | undefined
  readonly bits: { readonly offset: number; readonly nBits: number }
}

/** Of a field that the action names with its bits beside it. */
export const namedBits = ({ field, oxmClass, bits }: NamedBits): string =>
  bitRange({ field, oxmClass, ...bits })
