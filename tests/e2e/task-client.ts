import { Client } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';
import type { Transport } from '@modelcontextprotocol/server';

type Json = Parameters<NonNullable<Parameters<typeof createTaskSessionFromClient>[1]['rawDispatch']>>[0];
type Reply = Awaited<ReturnType<NonNullable<Parameters<typeof createTaskSessionFromClient>[1]['rawDispatch']>>>;

interface Frame {
  readonly id?: unknown;
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Json };
}

const CLIENT_INFO = { name: 'task-test', version: '1' };
const MODERN = '2026-07-28';

/** The connection of the SDK's client, which knows no tasks, with a way past it. Messages are JSON, as on any wire. */
class SharedConnection implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  readonly #inner: Transport;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  #last = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message, extra) => {
      const { id, result, error } = JSON.parse(JSON.stringify(message)) as Frame;
      const answer = this.#waiting.get(String(id));
      if (answer === undefined) return this.onmessage?.(JSON.parse(JSON.stringify(message)), extra);
      this.#waiting.delete(String(id));
      answer(error === undefined ? { kind: 'result', result: result ?? null } : { kind: 'error', error });
    };
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    await this.#inner.start();
  }

  send(...sent: Parameters<Transport['send']>): Promise<void> {
    return this.#inner.send(...sent);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async ask(request: Json): Promise<Reply> {
    this.#last += 1;
    const id = `raw-${this.#last}`;
    const replied = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    await this.#inner.send({ ...(request as object), jsonrpc: '2.0', id } as never);
    return await replied;
  }
}

/** A client of the tasks extension in the modern era, and the way past it. */
export async function taskClient(transport: Transport) {
  const connection = new SharedConnection(transport);
  const raw = (request: Json) => connection.ask(request);
  const client = new Client(CLIENT_INFO, { versionNegotiation: { mode: { pin: MODERN } } });
  await client.connect(connection);
  const session = createTaskSessionFromClient(client, {
    endpointId: 'test',
    rawDispatch: raw,
    v2RequestFraming: { protocolVersion: MODERN, clientInfo: CLIENT_INFO, clientCapabilities: {} },
  });
  /** One request as it goes over the wire, from a caller that knows tasks or does not. */
  const ask = (method: string, params: Readonly<Record<string, Json>>, knowsTasks = true): Promise<Reply> =>
    raw({
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN,
          'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
          'io.modelcontextprotocol/clientCapabilities': knowsTasks
            ? { extensions: { 'io.modelcontextprotocol/tasks': {} } }
            : {},
        },
      },
    });
  return {
    capabilities: () => client.getServerCapabilities(),
    session,
    ask,
    async close() {
      await session.close();
      await client.close();
    },
  };
}
