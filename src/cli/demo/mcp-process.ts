import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROTOCOL_VERSION = '2026-07-28';
const EXECUTABLE = fileURLToPath(new URL('../../../bin/mcp-snow.js', import.meta.url));

export interface ToolReply {
  readonly isError?: boolean;
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

interface Pending {
  /** `undefined`: the call was cancelled. */
  resolve(reply: ToolReply | undefined): void;
  reject(error: Error): void;
}

/** Starts this package's own command line as a process of its own. */
export function startProcess(
  args: readonly string[],
  stdio: ['pipe' | 'ignore', 'pipe' | 'ignore', 'pipe' | 'ignore'],
): ChildProcess {
  return spawn(process.execPath, [EXECUTABLE, ...args], { stdio, env: { ...process.env, NO_COLOR: '1' } });
}

/** Asks a process to end, and waits until it has; one that does not end within `graceMs` is killed. */
export async function endProcess(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(timer);
}

/**
 * A `serve --stdio` process, spoken to in the modern era's messages. That era has no session: every request says who asks,
 * so several clients can share one process.
 */
export class McpProcess {
  readonly child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(args: readonly string[]) {
    this.child = startProcess(['serve', '--stdio', ...args], ['pipe', 'pipe', 'ignore']);
    this.child.once('exit', () => this.#failAll(new Error('the server process ended')));
    this.child.stdin?.on('error', () => this.#failAll(new Error('the server process does not read any more')));
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on('line', (line) => this.#receive(line));
  }

  /** Aborting cancels the call; it then resolves to `undefined`. */
  callTool(
    client: string,
    name: string,
    args: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<ToolReply | undefined> {
    this.#lastId += 1;
    const id = this.#lastId;
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': PROTOCOL_VERSION,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: client, version: '1' },
    };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ id, method: 'tools/call', params: { name, arguments: args, _meta } });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
    });
  }

  #send(message: object): void {
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** A cancelled request gets no answer. */
  #cancel(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#send({ method: 'notifications/cancelled', params: { requestId: id, reason: 'enough' } });
    pending.resolve(undefined);
  }

  #receive(line: string): void {
    const message = JSON.parse(line) as { id?: number; result?: ToolReply; error?: { message: string } };
    if (message.id === undefined) return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.error) pending?.reject(new Error(message.error.message));
    else pending?.resolve(message.result ?? {});
  }

  #failAll(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
