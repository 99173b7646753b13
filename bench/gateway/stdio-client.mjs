// A client of `serve --stdio` that costs next to nothing itself: lines of JSON over the child's pipes, modern era.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const EXECUTABLE = fileURLToPath(new URL('../../bin/mcp-snow.js', import.meta.url));

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
};

export class StdioClient {
  #pending = new Map();
  #id = 0;

  constructor(args, { nodeArgs = [], env = {} } = {}) {
    this.child = spawn(process.execPath, [...nodeArgs, EXECUTABLE, 'serve', '--stdio', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    });
  }

  request(method, params = {}) {
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise((resolve) => this.#pending.set(id, resolve));
    this.child.stdin.write(
      `${JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } })}\n`,
    );
    return answer;
  }

  async call(name, args) {
    const { result, error } = await this.request('tools/call', { name, arguments: args });
    if (error || result.isError) throw new Error(JSON.stringify(error ?? result.structuredContent));
    return result.structuredContent;
  }

  async end() {
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await exit;
  }
}

/** Resident memory of a process in MB. */
export function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
