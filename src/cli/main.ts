#!/usr/bin/env node
/** The `throwbar` command: connects the command line to this process's terminal, files and exit code. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { packageVersion } from '../version.ts'
import type { Io } from './io.ts'
import { run } from './program.ts'
import { wiring } from './wiring.ts'

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: Error & { code?: string }) => {
    // The reader has seen enough (`throwbar flows hv1 | head`), which is no failure.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })

const io: Io = {
  out: (chunk) => void process.stdout.write(chunk),
  err: (chunk) => void process.stderr.write(chunk),
  env: process.env,
  outIsTerminal: process.stdout.isTTY,
  errIsTerminal: process.stderr.isTTY,
  readFile: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
  // Ctrl-C ends the process by itself; `run` stops in order, by its own handler.
  signal: new AbortController().signal,
}

process.exitCode = await run(process.argv.slice(2), { io, wiring, version: packageVersion() })
