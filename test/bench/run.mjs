// `npm run bench -- NAME`: installs and builds what is missing, then runs one measurement of this folder.
//   npm run bench -- --help                  what can be measured
//   npm run bench -- install                 figures in a table
//   npm run bench -- install --json          a document with every sample
//   npm run bench -- install --quick         one small run, to see that it works
//   npm run bench -- install --runs 3        how often everything is repeated
//   npm run bench -- teaming --part moves    one part of a benchmark that has several; may be repeated
//   npm run bench -- install --profile DIR   the controller's CPU profiles, for Chrome's or VS Code's viewer
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..', '..')
/** Every TypeScript file beside this one is a benchmark; what they share is in folders. */
const benches = readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()

const { values, positionals } = readArguments()
const [name, ...others] = positionals
if (values.help) {
  console.log(help())
  process.exit(0)
}
if (name === undefined) stop(`say which\n\n${help()}`)
if (others.length > 0) stop('one at a time')
if (!benches.includes(name)) stop(`there is no ${name}; there is: ${benches.join(', ')}`)
const runs = Number(values.runs ?? (values.quick ? 1 : 5))
if (!Number.isInteger(runs) || runs < 1 || runs > 100) stop('--runs takes a number from 1 to 100')

await import('../../.config/prepare.mjs')
const { run } = await import(pathToFileURL(join(root, 'dist', 'test', 'bench', `${name}.js`)).href)
process.exitCode = await run({ ...values, runs })

function readArguments() {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    part: { type: 'string', multiple: true },
    profile: { type: 'string' },
  }
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return stop(error.message)
  }
}

function help() {
  const usage = 'npm run bench -- NAME [--json] [--quick] [--runs N] [--part PART] [--profile DIR]'
  return [usage, '', ...benches.map((bench) => `  ${bench.padEnd(12)}${sentence(bench)}`)].join('\n')
}

/** A benchmark's file opens with a sentence about it. */
function sentence(bench) {
  const text = readFileSync(join(here, `${bench}.ts`), 'utf8')
  const comment = /^\/\*\*(.*?)\*\//s.exec(text)?.[1] ?? ''
  return comment
    .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
    .trim()
    .replace(/\.\s.*$/, '.')
}

function stop(message) {
  console.error(`npm run bench: ${message}`)
  process.exit(2)
}
