/** One measurement in a process of its own: `node child.js NAME [ROUNDS]` prints it as JSON. */
const [name, rounds] = process.argv.slice(2)

/** The package is loaded only by what needs it: one of them measures that. */
const measurements: Readonly<Record<string, () => Promise<unknown>>> = {
  versus: async () => (await import('./versus.ts')).measureVersus(Number(rounds)),
  framing: async () => (await import('./framing.ts')).measureFraming(Number(rounds)),
  allocation: async () => (await import('./framing.ts')).measureAllocation(),
  print: async () => (await import('./printing.ts')).measurePrinting(),
  'first-use': async () => (await import('./first-use.ts')).measureFirstUse(),
}

const measure = measurements[name ?? '']
if (measure === undefined) throw new Error(`there is no measurement ${name}`)
console.log(JSON.stringify(await measure()))
