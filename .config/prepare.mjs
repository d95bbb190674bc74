// Makes a checkout ready to run: npm packages when they are missing or older than the lockfile, then the build.
// `npm start`, `npm run demo`, `npm test` and `npm run bench` call it, so that each works from a fresh clone.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) stop(`this is Node ${process.version}; Throwbar needs 20.19 or newer`)

const installed = join(root, 'node_modules', '.package-lock.json')
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs) {
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], 'npm packages could not be installed')
}
run(process.execPath, [join(root, '.config', 'build.mjs')], 'the sources do not compile')

/** Output goes to standard error: standard output belongs to whoever called. */
function run(command, args, otherwise) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) stop(otherwise)
}

function stop(message) {
  console.error(`throwbar: ${message}`)
  process.exit(1)
}
