/** Where files are that are not built: these tests run from the sources, benchmarks from `dist`, which is built from them. */
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
export const checkout = basename(top) === 'dist' ? dirname(top) : top

/** An example in topologies/. */
export const topologyFile = (name: string): string => join(checkout, 'topologies', `${name}.yaml`)
