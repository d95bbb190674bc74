/** The mask that stands in a field's place where a group says what it hashes. */
import type { KnownField } from '../../fields/oxm.ts'
import { setValue } from '../value.ts'

export const maskValue = (one: KnownField): string => setValue(one)
