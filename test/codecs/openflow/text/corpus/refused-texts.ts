/** Reads refused.txt, what ovs-ofctl 3.1 refuses, and doubtful.txt, what it takes and says less or other than it was told. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FlowCommand, GroupCommand, MeterCommand } from '../../support/ofctl.ts'

export interface BadText {
  readonly kind: 'flow' | 'group' | 'meter'
  readonly text: string
  readonly command: FlowCommand | GroupCommand | MeterCommand | undefined
  /** On the wire, both included. */
  readonly firstVersion: number
  readonly lastVersion: number
  readonly why: string
}

const sectionLine = /^\[(flow|group|meter)(?: ([a-z_]+))?(?: ([1-6])-([1-6]))?\]$/

/** What stands before the first section is for people. */
const readBadTexts = (name: string): readonly BadText[] => {
  const texts: BadText[] = []
  let section: Omit<BadText, 'text' | 'why'> | undefined
  let why = ''
  for (const line of readFileSync(join(import.meta.dirname, name), 'utf8').split('\n')) {
    const head = sectionLine.exec(line)
    if (head !== null) {
      section = {
        kind: head[1] as BadText['kind'],
        command: head[2] as BadText['command'],
        firstVersion: Number(head[3] ?? 1),
        lastVersion: Number(head[4] ?? 6),
      }
    } else if (line.startsWith('# ')) {
      why = line.slice(2)
    } else if (section !== undefined && line !== '') {
      texts.push({ ...section, text: line, why })
    }
  }
  return texts
}

export const refusedTexts = readBadTexts('refused.txt')

/** Our refusal and the very bytes of ovs-ofctl are both right answers. */
export const doubtfulTexts = readBadTexts('doubtful.txt')
