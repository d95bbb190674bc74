/** How the options of actions are put down: their names, their conditions, their arguments. */
import { fieldNamed } from './fields.ts'
import type { Option } from './random.ts'
import { hasField, type Scene } from './scene.ts'
import { numberText } from './values.ts'

export type Maker = Option<Scene>['make']
export type Condition = (scene: Scene) => boolean

export const has =
  (field: string): Condition =>
  (scene) =>
    hasField(scene, fieldNamed(field))

/** OpenFlow 1.0 lets an action stand whose packets it cannot change. */
export const lax =
  (condition: Condition): Condition =>
  (scene) =>
    (scene.version === 1 && scene.depth === 0) || condition(scene)

export const from =
  (version: number): Condition =>
  (scene) =>
    scene.version >= version

export const both =
  (one: Condition, two: Condition): Condition =>
  (scene) =>
    one(scene) && two(scene)

export const action = (name: string, make: Maker, when?: Condition): Option<Scene> => ({
  name: `action ${name}`,
  make,
  ...(when === undefined ? {} : { when }),
})

/** name:value, and seldom name=value or name(value), which are the same. */
export const argument = (scene: Scene, name: string, value: string | number): string => {
  const { random } = scene
  if (random.chance(0.9)) return `${name}:${value}`
  random.name('argument by = or ()')
  return random.chance(0.5) ? `${name}=${value}` : `${name}(${value})`
}

export const number = (name: string, bits: number, when?: Condition): Option<Scene> =>
  action(name, (scene) => argument(scene, name, numberText(scene.random, scene.random.bits(bits))), when)

export const plain = (name: string, when?: Condition): Option<Scene> => action(name, () => name, when)

export const listOf = (scene: Scene, options: readonly Option<Scene>[], most: number): string => {
  const made: string[] = []
  for (let count = scene.random.between(1, most); count > 0; count--)
    made.push(scene.random.option(scene, options))
  return made.join(scene.random.pick([',', ',', ',', ', ', ' ']))
}
