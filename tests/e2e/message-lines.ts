import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Answer {
  readonly id: number;
  readonly result?: { readonly isError?: boolean; readonly structuredContent?: unknown };
  readonly error?: unknown;
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'lines', version: '1' },
};

/** MCP as bare lines of JSON: a load that costs this process next to nothing, where an SDK's client would be the bottleneck. */
export class MessageLines {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(child: ChildProcess) {
    if (!child.stdout) throw new Error('the server has no stdout');
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#open.get(answer.id)?.(answer);
      this.#open.delete(answer.id);
    });
  }

  /** The structured content of a tool's answer; throws what the server answered when it is an error. */
  async call<Content>(name: string, args: Record<string, unknown>): Promise<Content> {
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise<Answer>((resolve) => this.#open.set(id, resolve));
    const params = { name, arguments: args, _meta: ENVELOPE };
    this.#child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`);
    const { result, error } = await answer;
    if (result === undefined || result.isError) throw new Error(JSON.stringify(error ?? result?.structuredContent));
    return result.structuredContent as Content;
  }
}
