/** The session itself, by hand: greetings, echoes, roles, and what a controller wants to be told. */
import { ascii, message, nicira, tlv, u16, u32, u8, zeros } from './hex.ts'
import type { RawController } from './raw-controller.ts'
import { minors, type Stage } from './stage.ts'

export async function session(stage: Stage): Promise<void> {
  for (const minor of minors) {
    stage.step('session')
    const controller = await stage.called(minor)
    controller.send(5)
    await controller.next(6)
    stage.step('echo')
    controller.send(2)
    await controller.next(3)
    controller.send(2, ascii('are you there?'))
    await controller.next(3)
    stage.step('echo-of-switch')
    // Nothing heard for five seconds makes the switch ask.
    stage.switch.warp(6000)
    controller.send(3, (await controller.next(2)).toString('hex', 8))
    stage.step('config')
    controller.send(9, '0000 0080')
    controller.send(7)
    await controller.next(8)
    controller.send(9, minor === 0 || minor > 2 ? '0003 ffff' : '0004 0000')
    controller.send(7)
    await controller.next(8)
    await asynchronous(stage, controller)
    await nicirasOwn(stage, controller)
    await roles(stage, minor, controller)
    await stage.hangUp(controller)
    stage.switch.vsctl('del-controller', 'br0')
  }
  await greetings(stage)
}

/** Which messages the controller wants, said in each of the ways there are, and read back. */
async function asynchronous(stage: Stage, controller: RawController): Promise<void> {
  const { minor } = controller
  const masks = `${u32(7)} ${u32(2)} ${u32(7)} ${u32(3)} ${u32(0xf)} ${u32(0)}`
  const properties = [7, 2, 7, 3, 0x3f, 0, 7, 7, 0x18, 0x18, 3, 3].map((mask, type) => tlv(type, u32(mask)))
  const get = async (): Promise<void> => {
    if (minor < 3) return controller.barrier()
    controller.send(26)
    await controller.next(27)
  }
  stage.step('async-default')
  await get()
  stage.step('async')
  if (minor < 3) controller.experimenter(19, masks)
  else if (minor === 3) controller.send(28, masks)
  else controller.send(28, properties.join(''))
  await get()
  stage.step('async-nicira')
  if (minor > 3) {
    // Only what is named changes.
    controller.send(28, tlv(1, u32(1)))
  } else {
    controller.experimenter(19, masks)
    controller.experimenter(27, properties.join(''))
  }
  await get()
  stage.step('async-bad')
  if (minor > 3) controller.send(28, tlv(99, u32(1)))
  if (minor > 3) controller.send(28, tlv(0, u32(0xffff_ffff)))
  if (minor < 4) controller.experimenter(27, tlv(0, u32(0xffff_ffff)))
  await controller.barrier()
}

async function nicirasOwn(stage: Stage, controller: RawController): Promise<void> {
  for (const [format, name] of ['standard', 'nxt', 'nxt2'].entries()) {
    stage.step(`packet-in-format-${name}`)
    controller.experimenter(16, u32(format))
  }
  stage.step('packet-in-format-bad')
  controller.experimenter(16, u32(9))
  await controller.barrier()
  stage.step('controller-id')
  controller.experimenter(20, `${zeros(6)} ${u16(0x1234)}`)
  stage.step('flow-mod-table-id')
  controller.experimenter(15, `01 ${zeros(7)}`)
  controller.experimenter(15, `00 ${zeros(7)}`)
  stage.step('flow-format')
  if (controller.minor === 0) controller.experimenter(12, u32(0))
  if (controller.minor === 0) controller.experimenter(12, u32(9))
  await controller.barrier()
  stage.step('table-mod')
  // Which 1.3 has, for what no switch does any more.
  if (controller.minor === 3) controller.send(17, '01 000000 00000000')
  stage.step('flow-age')
  controller.experimenter(18)
  await controller.barrier()
}

async function roles(stage: Stage, minor: number, first: RawController): Promise<void> {
  const role = async (
    controller: RawController,
    name: string,
    value: number,
    generation: string,
  ): Promise<void> => {
    stage.step(`role-${name}`)
    if (minor < 2) {
      controller.experimenter(10, u32(value))
      await controller.next(4)
    } else {
      controller.send(24, `${u32(value)} ${zeros(4)} ${generation}`)
      if (value > 3 || name === 'stale') await controller.barrier()
      else await controller.next(25)
    }
  }
  // The switch remembers the highest generation over all versions.
  const generation = (step: number): string => u32(0) + u32(16 * (1 + minors.indexOf(minor)) + step)
  const second = await stage.dial(minor)
  if (minor < 2) {
    for (const [value, name] of ['other', 'master', 'slave'].entries()) await role(first, name, value, '')
  } else {
    if (minor === 3) {
      // Roles and requests are told in 1.3 by messages that were to come in 1.4.
      stage.step('async-role')
      first.experimenter(27, tlv(7, u32(7)) + tlv(6, u32(7)))
      first.experimenter(27, tlv(10, u32(3)))
    }
    await role(first, 'nochange', 0, u16(0) + zeros(6))
    await role(first, 'equal', 1, zeros(8))
    await role(first, 'master', 2, generation(5))
    await role(second, 'master-too', 2, generation(6))
    if (minor >= 3) {
      stage.step('role-taken')
      await first.barrier()
    }
    await role(second, 'stale', 2, generation(1))
    await role(first, 'slave', 3, generation(7))
    await role(first, 'bad', 77, zeros(8))
  }
  stage.step('slave-writes')
  first.send(minor === 0 ? 15 : 16, minor === 0 ? zeros(24) : zeros(32))
  await first.barrier()
  await stage.hangUp(second)
}

/** Sessions that never begin, or begin with another version than they seem to. */
async function greetings(stage: Stage): Promise<void> {
  const elements = {
    'hello-incompatible': [4, `0001 0008 ${u32(1 << 7)}`],
    'hello-version-9': [9, ''],
    'hello-two-words': [5, `0001 000c ${u32(0x36)} ${u32(1)} ${zeros(4)}`],
    'hello-unknown-element': [4, `0002 0006 aaaa 0000 0001 0008 ${u32(0x10)}`],
  } as const
  for (const [name, [version, body]] of Object.entries(elements)) {
    stage.step(name)
    await stage.greet(message(version - 1, 0, 0x77, body), name === 'hello-incompatible')
  }
  for (const protocols of ['OpenFlow10', 'OpenFlow13', 'OpenFlow10,OpenFlow13,OpenFlow15']) {
    // What the switch says first tells what it speaks.
    stage.step('hello-of-switch')
    stage.switch.vsctl('set', 'bridge', 'br0', `protocols=${protocols}`)
    await stage.hangUp(await stage.dial(protocols === 'OpenFlow10' ? 0 : 3))
  }
  stage.step('echo-other-version')
  const controller = await stage.dial(3)
  controller.raw(message(0, 2, 9, u8(1)))
  await controller.next(3)
  stage.step('version-after-hello')
  controller.raw(message(0x62, 5, 10, ''))
  controller.raw(message(0, 5, 11, ''))
  await controller.barrier()
  stage.step('hello-again')
  controller.send(0)
  stage.step('late-hello-failed')
  controller.send(1, `0000 0000 ${ascii('no')}`)
  await controller.barrier()
  stage.step('error-of-controller')
  controller.send(1, `ffff 0024 ${nicira}`)
  await controller.barrier()
  await stage.hangUp(controller)
}
