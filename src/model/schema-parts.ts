/** What the schemas of the language are put together from: limits, patterns, and small schemas that many use. */
import { Type } from 'typebox'

/** The most of everything, so that no document can cost without bound. */
export const limits = {
  sites: 1_000,
  switches: 2_000,
  classes: 5,
  segments: 1_000,
  links: 10_000,
  networks: 10_000,
  vms: 20_000,
  uplinksPerSwitch: 64,
  uplinksPerTeam: 8,
  interfacesPerSwitch: 64,
  subnetsPerNetwork: 16,
  nicsPerVm: 16,
  ipsPerNic: 32,
  documentBytes: 10 * 1024 * 1024,
  yamlDepth: 64,
  yamlAliases: 20_000,
  problems: 100,
  /** In one request for rules made by hand. */
  flows: 1_000,
  flowText: 10_000,
  moveWaitMs: 600_000,
} as const

export const strict = { additionalProperties: false } as const
/** Up to 40 letters, digits and inner hyphens; the length is in the pattern because keys of a section are checked by it alone. */
export const namePattern = '^(?=.{1,40}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$'

export const Name = (description: string) => Type.String({ pattern: namePattern, description })
export const Description = Type.String({
  maxLength: 500,
  description: 'For people; Throwbar does not read it.',
})
/** Interface names: 15 characters, as Linux and OpenFlow (16 with the closing zero) both have it. */
export const Port = (description: string) =>
  Type.String({ pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', maxLength: 15, description })

/** The same for keys of a mapping, whose length nothing else limits. */
export const portKeyPattern = '^(?=.{1,15}$)[A-Za-z0-9_][A-Za-z0-9_.-]*$'

/** Bits per second, with a unit. */
export const ratePattern = '^[0-9]{1,12}(\\.[0-9]{1,3})?[kMGT]?$'
export const Rate = (description: string) => Type.String({ pattern: ratePattern, maxLength: 20, description })
