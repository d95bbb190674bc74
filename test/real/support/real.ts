/** Tests on real Open vSwitch: skipped with the reason where they cannot run, but failed in CI. */
import { accessSync, constants } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { python } from './lab-process.ts'

const programs = ['/usr/sbin/ovs-vswitchd', '/usr/bin/ovs-vsctl', '/usr/bin/mnexec', python]

/** Why real tests cannot run here, or undefined. */
export function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root (network namespaces)'
  const missing = programs.filter((program) => !executable(program))
  return missing.length > 0 ? `not installed: ${missing.join(', ')}; run mininet/install.sh` : undefined
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Declares a test that needs root, Open vSwitch and Mininet. */
export function realTest(name: string, body: (context: TestContext) => Promise<void>): void {
  const reason = obstacle()
  const inCi = process.env['CI'] !== undefined && process.env['CI'] !== ''
  test(name, { timeout: 120_000, skip: reason !== undefined && !inCi ? reason : false }, async (context) => {
    if (reason !== undefined) throw new Error(`cannot run on this CI machine: ${reason}`)
    await body(context)
  })
}
