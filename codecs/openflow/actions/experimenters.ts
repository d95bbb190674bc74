/** The experimenters whose actions are known here, and where their actions stand among the others. */

export const niciraId = 0x0000_2320
export const onfId = 0x4f4e_4600

interface Versions {
  /** First and last wire version. */
  readonly since?: number
  readonly until?: number
}

interface Place extends Versions {
  readonly experimenter: number
  readonly subtype: number
}

export const nicira = (subtype: number, versions: Versions = {}): Place => ({
  experimenter: niciraId,
  subtype,
  ...versions,
})

export const onf = (subtype: number, versions: Versions = {}): Place => ({
  experimenter: onfId,
  subtype,
  ...versions,
})

/** 1.0 has some of what 1.1 brought as actions of Nicira's. */
export const only10 = { until: 1 } as const
export const since11 = { since: 2 } as const
