/**
 * The link to a server that comes and goes, as a pure function: `step(state, event, at)` gives the next state and what to
 * do. It knows no socket and no timer, and chance comes with the event; `client.ts` is the shell that feeds it.
 *
 *     waiting ──time──► connecting ──► opening ──rows──► up
 *        ▲                  │             │               │
 *        └──────────────────┴─── lost ────┴───────────────┘      closed, from everywhere, for good
 */

export type LinkCode =
  | 'connect-failed'
  | 'connect-timeout'
  /** Connected, but the schema or the rows did not come, or were refused. */
  | 'setup-failed'
  | 'setup-timeout'
  | 'peer-closed'
  | 'socket-error'
  | 'echo-timeout'
  | 'request-timeout'
  /** More waits to be read than the limit. */
  | 'slow-reader'
  /** The stream is no JSON. */
  | 'bad-framing'
  /** An update that does not fit the rows that are known, or the schema. */
  | 'bad-update'
  | 'closed-here'

export interface LinkSettings {
  readonly connectMs: number
  /** Silence that a server may keep before it has told all rows. */
  readonly setupMs: number
  readonly probeAfterMs: number
  readonly closeAfterMs: number
  /** The first wait; each failure doubles it, up to the last. */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
}

export const defaultLinkSettings: LinkSettings = {
  connectMs: 5_000,
  setupMs: 10_000,
  probeAfterMs: 5_000,
  closeAfterMs: 10_000,
  backoffMinMs: 100,
  backoffMaxMs: 8_000,
}

/** `failures` in a row; a link that has been up for the longest wait begins anew. */
export type LinkState =
  | { readonly phase: 'waiting'; readonly failures: number; readonly untilMs: number }
  | { readonly phase: 'connecting'; readonly failures: number; readonly sinceMs: number }
  | { readonly phase: 'opening'; readonly failures: number; readonly heardMs: number }
  | {
      readonly phase: 'up'
      readonly failures: number
      readonly upMs: number
      readonly heardMs: number
      readonly probedMs: number | undefined
    }
  | { readonly phase: 'closed' }

export type LinkEvent =
  | { readonly type: 'connected' }
  /** Bytes have come. */
  | { readonly type: 'heard' }
  /** Every row has been told. */
  | { readonly type: 'synchronised' }
  | { readonly type: 'lost'; readonly code: LinkCode; readonly detail: string }
  | { readonly type: 'tick' }
  | { readonly type: 'close' }

export type LinkAction =
  | { readonly do: 'connect' }
  /** Ask for schema and rows. */
  | { readonly do: 'open' }
  | { readonly do: 'probe' }
  /** Drop the socket, if there is one, and what waits for it. */
  | { readonly do: 'cut'; readonly code: LinkCode; readonly detail: string }

export interface Moment {
  readonly nowMs: number
  /** In [0, 1): spreads the waits of many clients. */
  readonly chance: number
  readonly settings: LinkSettings
}

type Step = readonly [LinkState, readonly LinkAction[]]

export const startLink = (nowMs: number): LinkState => ({ phase: 'waiting', failures: 0, untilMs: nowMs })

function failed(
  state: Exclude<LinkState, { phase: 'closed' }>,
  { nowMs, chance, settings }: Moment,
  cut: Omit<Extract<LinkAction, { do: 'cut' }>, 'do'>,
): Step {
  const lasted = state.phase === 'up' && nowMs - state.upMs >= settings.backoffMaxMs
  const failures = lasted ? 0 : state.failures
  const longest = Math.min(settings.backoffMaxMs, settings.backoffMinMs * 2 ** Math.min(failures, 30))
  const untilMs = nowMs + longest * (0.5 + chance / 2)
  return [{ phase: 'waiting', failures: failures + 1, untilMs }, [{ do: 'cut', ...cut }]]
}

function onTick(state: Exclude<LinkState, { phase: 'closed' }>, moment: Moment): Step {
  const { nowMs } = moment
  const due = wakeAt(state, moment.settings)
  if (due === undefined || nowMs < due) return [state, []]
  switch (state.phase) {
    case 'waiting':
      return [{ phase: 'connecting', failures: state.failures, sinceMs: nowMs }, [{ do: 'connect' }]]
    case 'connecting':
      return failed(state, moment, {
        code: 'connect-timeout',
        detail: `no answer in ${moment.settings.connectMs} ms`,
      })
    case 'opening':
      return failed(state, moment, {
        code: 'setup-timeout',
        detail: `silent for ${moment.settings.setupMs} ms`,
      })
    case 'up': {
      if (state.probedMs === undefined) return [{ ...state, probedMs: nowMs }, [{ do: 'probe' }]]
      const detail = `silent for ${Math.round(nowMs - state.heardMs)} ms`
      return failed(state, moment, { code: 'echo-timeout', detail })
    }
  }
}

function onHeard(state: LinkState, { nowMs }: Moment): LinkState {
  if (state.phase === 'opening') return { ...state, heardMs: nowMs }
  return state.phase === 'up' ? { ...state, heardMs: nowMs, probedMs: undefined } : state
}

export function step(state: LinkState, event: LinkEvent, moment: Moment): Step {
  if (state.phase === 'closed') return [state, []]
  const { nowMs } = moment
  switch (event.type) {
    case 'close':
      return [{ phase: 'closed' }, [{ do: 'cut', code: 'closed-here', detail: '' }]]
    case 'lost':
      return state.phase === 'waiting'
        ? [state, []]
        : failed(state, moment, { code: event.code, detail: event.detail })
    case 'connected':
      if (state.phase !== 'connecting') return [state, []]
      return [{ phase: 'opening', failures: state.failures, heardMs: nowMs }, [{ do: 'open' }]]
    case 'synchronised':
      if (state.phase !== 'opening') return [state, []]
      return [{ phase: 'up', failures: state.failures, upMs: nowMs, heardMs: nowMs, probedMs: undefined }, []]
    case 'heard':
      return [onHeard(state, moment), []]
    case 'tick':
      return onTick(state, moment)
  }
}

/** When a tick is due; undefined when never. */
export function wakeAt(state: LinkState, settings: LinkSettings): number | undefined {
  switch (state.phase) {
    case 'waiting':
      return state.untilMs
    case 'connecting':
      return state.sinceMs + settings.connectMs
    case 'opening':
      return state.heardMs + settings.setupMs
    case 'up':
      return state.heardMs + (state.probedMs === undefined ? settings.probeAfterMs : settings.closeAfterMs)
    case 'closed':
      return undefined
  }
}
