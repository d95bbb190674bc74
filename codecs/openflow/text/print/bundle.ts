/** Lines of bundles, and of requests that another controller made. */
import type { BundleAdd, BundleControl, Message } from '../../message.ts'
import { flagWords, hexOrZero } from './words.ts'

type Print = (message: Message) => string

export const bundleControl = ({ bundleId, control, flags }: BundleControl): string =>
  `\n bundle_id=${hexOrZero(bundleId)} type=${control.toUpperCase()} flags=${flagWords(flags)}`

export const bundleAdd = ({ bundleId, flags, message }: BundleAdd, print: Print): string =>
  `\n bundle_id=${hexOrZero(bundleId)} flags=${flagWords(flags)}\n${print(message)}`

/** The request without its title: only its kind is said. */
export function requestForward({ request }: { readonly request: Message }, print: Print): string {
  const text = print(request)
  const line = text.slice(text.indexOf('):') + 2)
  return ` reason=${request.type}${line}`
}
