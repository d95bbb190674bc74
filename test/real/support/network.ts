/** A lab with a controller of its own: what most tests on the real thing start from. */
import { ControllerProcess, topologyFile } from './controller.ts'
import { type Lab, type LabOptions, startLab } from './lab.ts'

export type Staged = (controller: ControllerProcess, lab: Lab) => Promise<void>

type LabSettings = Omit<LabOptions, 'controller'>

export interface NetworkOptions extends LabSettings {
  /** Name of an example in topologies/. */
  readonly topology: string
}

/** Declared, and converged. */
export async function withNetwork({ topology, ...options }: NetworkOptions, body: Staged): Promise<void> {
  const file = topologyFile(topology)
  const controller = await ControllerProcess.start(file)
  await stage(controller, { file, options }, async (_, lab) => {
    await controller.converged()
    await body(controller, lab)
  })
}

/** The lab is that of `file`, and the controller knows nothing of it as yet. */
export async function withUndeclared(file: string, options: LabSettings, body: Staged): Promise<void> {
  await stage(await ControllerProcess.start(), { file, options }, body)
}

async function stage(
  controller: ControllerProcess,
  { file, options }: { readonly file: string; readonly options: LabSettings },
  body: Staged,
): Promise<void> {
  try {
    const lab = await startLab(file, { ...options, controller: controller.target })
    try {
      await body(controller, lab)
    } finally {
      await lab.stop()
    }
  } finally {
    await controller.remove()
  }
}
