// `npm test`: installs what is missing, builds, and runs every test; needs nothing but Node and npm to start.
//   npm test                 all of it: unit tests on this Node and on the current LTS, then real Open vSwitch
//   npm test -- unit         unit tests on this Node only: seconds, no root
//   npm test -- real [NAME]  tests on real Open vSwitch, as root; NAME picks files, such as `npm test -- real isolation`
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The current long-term-support line, exact so that a run can be repeated. */
const ltsVersion = '26.10.0'
const ltsHome = join(root, 'node_modules', '.cache', `node-${ltsVersion}`)
/** The package `node` only picks this one by an install script, which npm may not run. */
const ltsPackage = `node-${process.platform}-${process.arch}`
const ltsBinary = join(ltsHome, 'node_modules', ltsPackage, 'bin', 'node')

/** Where tests look for the kernel and the file system of a real guest. */
const guestImages = join('node_modules', '.cache', 'guest')

/** Node leaves one core free unless told, which is half of two. */
const everyCore = [`--test-concurrency=${availableParallelism()}`]
/** Unit tests share so many processes: one for each file spends more on starting than on testing. */
const processes = 8

const [part = 'all', name = ''] = process.argv.slice(2)
if (!['all', 'unit', 'real'].includes(part)) stop(`unknown part ${part}: say unit, real, or nothing for all`)

run(process.execPath, ['.config/prepare.mjs'], 'this checkout cannot be made ready')
const failures = []
if (part !== 'real') {
  tests('unit tests', process.execPath, shared(unitFiles()), everyCore)
  if (part === 'all') {
    installLts()
    tests(`unit tests on Node ${ltsVersion}`, ltsBinary, shared(unitFiles()), everyCore)
  }
}
if (part !== 'unit') {
  if (process.getuid?.() === 0) {
    run('sh', ['mininet/install.sh'], 'Open vSwitch and Mininet could not be installed')
    const guest = spawnSync('sh', ['mininet/guest/install.sh', guestImages], { cwd: root, stdio: 'inherit' })
    if (guest.status !== 0) console.log('# no guest could be made: tests that move a real one will fail')
  } else console.log('# not root: tests on real Open vSwitch will be skipped (and fail when CI is set)')
  tests('tests on real Open vSwitch', process.execPath, realFiles(), ['--test-concurrency=1'])
}
if (failures.length > 0) stop(`failed: ${failures.join(', ')}`)

function installLts() {
  if (existsSync(ltsBinary)) return
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  run(
    'npm',
    ['install', '--prefix', ltsHome, ...quiet, `${ltsPackage}@${ltsVersion}`],
    `Node ${ltsVersion} could not be installed`,
  )
}

function unitFiles() {
  return testFiles('test').filter((file) => !file.startsWith('test/real/') && !file.startsWith('test/bench/'))
}

/** Files that load those files between them, each as many as the next. */
function shared(files) {
  const folder = join(root, 'node_modules', '.cache', 'unit-tests')
  mkdirSync(folder, { recursive: true })
  return Array.from({ length: processes }, (_, index) => {
    const own = files.filter((_file, at) => at % processes === index)
    const path = join(folder, `part-${index + 1}.test.mjs`)
    const imports = own.map(
      (file) => `await import(${JSON.stringify(pathToFileURL(join(root, file)).href)})\n`,
    )
    writeFileSync(path, imports.join(''))
    return path
  })
}

function realFiles() {
  return testFiles('test/real').filter((file) => file.includes(name))
}

function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

function tests(what, node, files, options = []) {
  if (files.length === 0) stop(`no ${what} found`)
  console.log(`# ${what}: ${files.length} files, ${node}`)
  const fromSources = ['--conditions=source', '--import', 'tsx', '--test', '--test-reporter=tap']
  const done = spawnSync(node, [...fromSources, ...options, ...files], { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) failures.push(what)
}

function run(command, args, otherwise) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (done.status !== 0) stop(otherwise)
}

function stop(message) {
  console.error(`npm test: ${message}`)
  process.exit(1)
}
