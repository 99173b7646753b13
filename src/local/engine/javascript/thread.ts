import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LocalError } from '../local-error.js';
import { type ThreadReply, type ThreadRequest, threadProgram } from './thread-program.js';

const MOST_HEAP_MB = 128;

/** Snowflake's error for what goes wrong in JavaScript. */
export function javascriptError(routine: string, message: string): LocalError {
  return new LocalError('100132', 'P0000', `JavaScript execution error: ${message} in ${routine}`);
}

/** A thread that runs JavaScript of users, with a bounded heap. */
export class JavaScriptThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(`(${threadProgram.toString()})()`, {
      eval: true,
      env: {},
      workerData: { port: port2, signal: this.#signal },
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    this.#worker.unref();
    // A thread that dies (its heap is full) is told by the reply that does not come.
    this.#worker.on('error', () => undefined);
  }

  /** Waits for the answer without a turn of the event loop; undefined when none comes in time. */
  callSync(request: ThreadRequest, ms: number): ThreadReply | undefined {
    Atomics.store(this.#signal, 0, 0);
    this.#port.postMessage(request);
    if (Atomics.wait(this.#signal, 0, 0, ms) === 'timed-out') return undefined;
    return receiveMessageOnPort(this.#port)?.message as ThreadReply | undefined;
  }

  /** Runs a procedure; `execute` answers its statements, as JSON. Undefined when the thread died. */
  async run(
    request: ThreadRequest,
    execute: (statement: string) => Promise<string>,
    signal: AbortSignal,
  ): Promise<ThreadReply | undefined> {
    return await new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#worker.once('exit', () => resolve(undefined));
      this.#port.on('message', (reply: ThreadReply) => {
        if (!('execute' in reply)) {
          signal.removeEventListener('abort', onAbort);
          resolve(reply);
          return;
        }
        execute(reply.execute).then((answer) => {
          this.#port.postMessage(answer);
          Atomics.store(this.#signal, 0, 1);
          Atomics.notify(this.#signal, 0);
        }, reject);
      });
      this.#port.postMessage(request);
    });
  }

  async end(): Promise<void> {
    this.#port.close();
    await this.#worker.terminate();
  }
}
