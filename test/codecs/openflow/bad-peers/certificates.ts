/** Self-signed certificates for a test, made by openssl: whoever trusts one names it as its authority. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Certificate {
  readonly key: Buffer
  readonly cert: Buffer
}

/** Gives a maker of certificates; each call makes another one, also for a name that has one. */
export function certificates(t: TestContext): (name: string) => Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'throwbar-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  return (name) => {
    const args = ['req', '-x509', ...curve, '-nodes', '-days', '2', '-subj', `/CN=${name}`]
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  }
}
