/** A lab with a controller of its own, converged: what most tests on the real thing start from. */
import { ControllerProcess, topologyFile } from './controller.ts'
import { type Lab, type LabOptions, startLab } from './lab.ts'

export interface NetworkOptions extends Omit<LabOptions, 'controller'> {
  /** Name of an example in topologies/. */
  readonly topology: string
}

export async function withNetwork(
  { topology, ...options }: NetworkOptions,
  body: (controller: ControllerProcess, lab: Lab) => Promise<void>,
): Promise<void> {
  const file = topologyFile(topology)
  const controller = await ControllerProcess.start(file)
  try {
    const lab = await startLab(file, { ...options, controller: controller.target })
    try {
      await controller.converged()
      await body(controller, lab)
    } finally {
      await lab.stop()
    }
  } finally {
    await controller.remove()
  }
}
