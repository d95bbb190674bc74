/** OpenFlow over TLS with real Open vSwitch: who shows a certificate of our CA is served, everybody else is refused and told of. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ControllerProcess } from './support/controller.ts'
import { DummyBridge, type TlsIdentity } from './support/dummy-bridge.ts'
import { realTest } from './support/real.ts'

const topology = `name: tls
switches:
  hv1: { datapath: "00000000000000f1", role: hypervisor }
  hv2: { datapath: "00000000000000f2", role: hypervisor }
networks:
  blue: { kind: vm, vlan: 101, subnets: [10.0.1.0/24] }
vms:
  web1: { host: hv1, nics: [{ network: blue, mac: "02:00:00:00:01:01", ips: [10.0.1.11], port: web1 }] }
`

/** Certificates in one folder, by the names of those they are for. */
class Authority {
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    this.#openssl(
      'req',
      '-x509',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...this.#newKey(name),
      '-out',
      this.#at(name),
    )
  }

  get certificate(): string {
    return this.#at(this.#name)
  }

  /** A key and a certificate of this authority. */
  identity(name: string): Pick<TlsIdentity, 'key' | 'certificate'> {
    const request = join(this.#folder, `${name}.csr`)
    this.#openssl('req', '-subj', `/CN=${name}`, ...this.#newKey(name), '-out', request)
    const issuer = ['-CA', this.certificate, '-CAkey', this.#keyOf(this.#name), '-CAcreateserial']
    this.#openssl('x509', '-req', '-days', '2', '-in', request, ...issuer, '-out', this.#at(name))
    return { key: this.#keyOf(name), certificate: this.#at(name) }
  }

  #newKey(name: string): string[] {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    return [...curve, '-keyout', this.#keyOf(name)]
  }

  #at(name: string): string {
    return join(this.#folder, `${name}.pem`)
  }

  #keyOf(name: string): string {
    return join(this.#folder, `${name}.key`)
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' })
  }
}

realTest(
  'switches with a certificate of the CA converge over TLS; all others are refused',
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'throwbar-tls-'))
    const ended: (() => Promise<void>)[] = []
    try {
      const ours = new Authority(folder, 'ours')
      const theirs = new Authority(folder, 'theirs')
      const own = ours.identity('controller')
      const file = join(folder, 'tls.yaml')
      writeFileSync(file, topology)
      const tls = ['--tls-key', own.key, '--tls-cert', own.certificate, '--tls-ca', ours.certificate]
      const controller = await ControllerProcess.start(file, tls)
      ended.push(() => controller.remove())
      const bridge = async (
        name: string,
        datapathId: string,
        identity?: TlsIdentity,
      ): Promise<DummyBridge> => {
        const tlsOption = identity && { tls: identity }
        const made = await DummyBridge.start({
          name,
          datapathId,
          controllerPort: controller.openflowPort,
          ...tlsOption,
        })
        ended.push(() => made.stop())
        return made
      }
      const refusals = () => controller.metric('throwbar_incidents_total', 'code="tls-failed"')

      const good = await bridge('good', '00000000000000f1', {
        ...ours.identity('hv1'),
        peerCa: ours.certificate,
      })
      good.addPort('web1', 1)
      await controller.until('hv1 converged', async () => {
        const hv1 = (await controller.list('switches')).find(({ name }) => name === 'hv1')
        return hv1?.state === 'converged' && hv1.ports.some(({ name }) => name === 'web1')
      })
      await controller.until('web1 active', async () =>
        (await controller.list('vms')).some(({ name, state }) => name === 'web1' && state === 'active'),
      )
      assert.match(good.ofctl('OpenFlow15', 'dump-flows'), /dl_src=02:00:00:00:01:01/)
      const before = await controller.list('switches')

      // Signed by another CA; it trusts ours, so that it is not itself the one who hangs up.
      const foreign = await bridge('foreign', '00000000000000f2', {
        ...theirs.identity('hv2'),
        peerCa: ours.certificate,
      })
      await controller.until('the foreign certificate is counted', async () => (await refusals()) > 0)
      await foreign.stop()

      // Open vSwitch does not speak TLS without a certificate of its own: openssl does.
      const counted = await refusals()
      const { openflowPort } = controller
      const client = ['s_client', '-connect', `127.0.0.1:${openflowPort}`, '-CAfile', ours.certificate]
      // Its exit code depends on who hangs up first; the controller's count is what matters.
      spawnSync('openssl', client, { input: '', timeout: 10_000 })
      await controller.until(
        'no certificate at all is counted',
        async () => (await refusals()) === counted + 1,
      )

      const plain = connect(openflowPort, '127.0.0.1').on('error', () => undefined)
      plain.end(Buffer.from('0600000800000001', 'hex'))
      await controller.until('plain OpenFlow is counted', async () => (await refusals()) === counted + 2)
      const told = controller.log.match(/"code":"tls-failed","detail":"[^"]*"/g) ?? []
      assert.equal(told.length, counted + 2, 'one log line each')
      for (const reason of [
        /comes from no CA of ours/,
        /did not return a certificate/,
        /wrong version number/,
      ])
        assert.ok(
          told.some((line) => reason.test(line)),
          String(reason),
        )

      const after = await controller.list('switches')
      assert.equal(after.find(({ name }) => name === 'hv2')?.connected, false)
      const address = (list: typeof after) => list.find(({ name }) => name === 'hv1')?.address
      assert.equal(address(after), address(before), 'the session of the good switch went on')
      const web9 = {
        host: 'hv1',
        nics: [{ network: 'blue', mac: '02:00:00:00:01:09', ips: ['10.0.1.19'], port: 'web9' }],
      }
      good.addPort('web9', 9)
      await controller.request('PUT', '/v1/vms/web9', web9)
      await controller.until('the good switch is still served', async () =>
        (await controller.list('vms')).some(({ name, state }) => name === 'web9' && state === 'active'),
      )
      context.diagnostic([...new Set(told)].join('; '))
    } finally {
      for (const end of ended.reverse()) await end()
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
