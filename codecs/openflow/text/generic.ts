/** A value field by field, for what ovs-ofctl has no words for: `command=add,table=3,...`. */

/** Bytes as hexadecimal digits. */
export const hexBytes = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function showValue(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  if (value instanceof Uint8Array) return hexBytes(value)
  if (Array.isArray(value)) return `[${value.map(showValue).join(',')}]`
  if (typeof value === 'object' && value !== null) return `{${showFields(value)}}`
  return String(value)
}

/** The fields of a value, without those named in `except`. */
export function showFields(value: object, except: readonly string[] = []): string {
  return Object.entries(value)
    .filter(([name]) => !except.includes(name))
    .map(([name, field]) => `${name}=${showValue(field)}`)
    .join(',')
}
