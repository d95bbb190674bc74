/** What benchmarks on real Open vSwitch have in common: it must be installed, and what they start ends with them. */
import { Cleanup } from './cleanup.ts'
import { versionOf } from './processes.ts'

export interface Means {
  /** The version of Open vSwitch. */
  readonly ovs: string
  readonly cleanup: Cleanup
}

/** Measures and prints the report. Resolves with the exit status. */
export async function report<R>({
  json,
  measure,
  show,
}: {
  readonly json: boolean
  readonly measure: (means: Means) => Promise<R>
  readonly show: (report: R) => string
}): Promise<number> {
  const ovs = await versionOf('ovs-vswitchd')
  if (ovs === undefined) {
    console.error('Open vSwitch is not installed: apt-get install openvswitch-switch')
    return 2
  }
  const cleanup = new Cleanup()
  cleanup.endWithProcess()
  try {
    const measured = await measure({ ovs, cleanup })
    console.log(json ? JSON.stringify(measured, undefined, 2) : show(measured))
    return 0
  } catch (error) {
    // What fails because its processes were ended by Ctrl-C is no news; the signal's handler ends this one.
    if (cleanup.ending) return await new Promise<never>(() => undefined)
    throw error
  } finally {
    await cleanup.run()
  }
}
