/** Link events as lines of text, so that a table of them can be read. */
import assert from 'node:assert/strict'
import type { LinkEvent } from '../../../src/discovery/links.ts'
import { end, link } from './fixtures.ts'

export function eventOf(text: string): LinkEvent {
  const [type = '', ...words] = text.split(' ')
  const nowMs = Number(words.at(-1))
  const [first = '', second = ''] = words
  switch (type) {
    case 'up':
      return { type: 'switch_up', datapathId: first, up: new Set(second.split(',')), nowMs }
    case 'ports':
      return { type: 'ports', datapathId: first, up: new Set(second.split(',')) }
    case 'away':
      return { type: 'switch_down', datapathId: first }
    case 'heard': // heard TO FROM TIME
      return { type: 'proved', to: end(first), from: end(second), nowMs }
    case 'remember':
      return { type: 'remember', links: [link(first, second), link(second, first)], nowMs }
    case 'forbid':
      return { type: 'allow', allowed: (each) => `${each.datapathId}/${each.port}` !== first }
    case 'resumed':
      return { type: 'resumed', nowMs }
    case 'unseen':
      return { type: 'resumed', datapathId: first, nowMs }
    case 'tick': // switches whose names begin with u are undeclared
      return { type: 'tick', nowMs, declared: (datapathId) => !datapathId.startsWith('u') }
    default:
      return assert.fail(text)
  }
}
