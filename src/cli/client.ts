/** The REST client of the command line: one request, one answer, errors as something a person can act on. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Problem } from '../model/problem.ts'
import { CliError, exit } from './io.ts'

export interface Client {
  readonly server: string
  /** The JSON of a 200; throws CliError or RefusedError for anything else. */
  readonly get: (path: string) => Promise<unknown>
  readonly send: (request: SendRequest) => Promise<Answer>
  /** The open body of a 200. */
  readonly stream: (path: string) => Promise<IncomingMessage>
}

export interface SendRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: string
  readonly contentType?: string
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface ClientOptions {
  readonly server: string
  readonly token: string | undefined
  readonly signal: AbortSignal
}

/** A problem document from the controller. */
export class RefusedError extends CliError {
  readonly status: number
  readonly type: string
  readonly problems: readonly Problem[]
  readonly document: Readonly<Record<string, unknown>>

  constructor(status: number, document: Readonly<Record<string, unknown>>) {
    const { title, detail, type, errors } = document
    // Of a thing that is not there, the detail says it all.
    const parts = status === 404 && typeof detail === 'string' ? [detail] : [title, detail]
    const text = parts.filter((part) => typeof part === 'string').join(': ')
    super(
      text === '' ? `the controller answered ${status}` : text,
      exit.refused,
      status === 401 ? tokenHint : undefined,
    )
    this.name = 'RefusedError'
    this.status = status
    this.type = typeof type === 'string' ? type : ''
    this.problems = Array.isArray(errors) ? (errors as Problem[]) : []
    this.document = document
  }
}

const tokenHint =
  'give the token that the controller was started with: --token-file FILE, or THROWBAR_TOKEN in the environment'

/** Answers longer than this are not read: 1,000 VMs take about 1 MB. */
const maxAnswerBytes = 256 * 1024 * 1024

export function connectClient(options: ClientOptions): Client {
  const base = baseUrl(options.server)
  const open = (request: SendRequest): Promise<IncomingMessage> => openRequest(base, request, options)
  const send = async (request: SendRequest): Promise<Answer> => {
    const response = await open(request)
    const body = parseBody(await readText(response), base)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return { status, body }
    throw new RefusedError(status, typeof body === 'object' && body !== null ? { ...body } : {})
  }
  return {
    server: base.href.replace(/\/$/, ''),
    send,
    get: async (path) => (await send({ method: 'GET', path })).body,
    stream: async (path) => {
      const response = await open({ method: 'GET', path })
      if (response.statusCode === 200) return response
      const body = parseBody(await readText(response), base)
      throw new RefusedError(
        response.statusCode ?? 0,
        typeof body === 'object' && body !== null ? { ...body } : {},
      )
    },
  }
}

function baseUrl(server: string): URL {
  const text = /^https?:\/\//.test(server) ? server : `http://${server}`
  if (!URL.canParse(text))
    throw new CliError(`--server ${server} is not an address`, exit.usage, 'write it as http://HOST:PORT')
  return new URL(text)
}

function openRequest(base: URL, request: SendRequest, options: ClientOptions): Promise<IncomingMessage> {
  const { token, signal } = options
  const url = new URL(base.pathname.replace(/\/$/, '') + request.path, base)
  const headers: Record<string, string | number> = { accept: 'application/json, */*;q=0.1' }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (request.body !== undefined) {
    headers['content-type'] = request.contentType ?? 'application/json'
    headers['content-length'] = Buffer.byteLength(request.body)
  }
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = start(url, { method: request.method, headers, signal }, resolve)
    outgoing.on('error', (error) => reject(unreachable(base, error)))
    outgoing.end(request.body)
  })
}

function unreachable(base: URL, error: Error & { code?: string }): CliError {
  const server = base.href.replace(/\/$/, '')
  if (error.code === 'ABORT_ERR') return new CliError('interrupted', 130)
  const why = error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message
  const hint =
    'start a controller with "throwbar run", or name a running one with --server URL or THROWBAR_SERVER'
  return new CliError(`cannot reach a controller at ${server}: ${why}`, exit.unreachable, hint)
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new CliError('the answer is too large', exit.refused)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parseBody(text: string, base: URL): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    const hint = 'check --server and THROWBAR_SERVER'
    throw new CliError(`what answers at ${base.href} is not a Throwbar controller`, exit.unreachable, hint)
  }
}
