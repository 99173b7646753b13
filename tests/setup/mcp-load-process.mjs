import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, 'mcp-load.mjs');

export class McpLoad {
  child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  static async start(url, who) {
    const load = new McpLoad();
    await load.#give('connect', { url: String(url), who });
    return load;
  }

  closed(options) {
    return this.#give('closed', options);
  }

  open(options) {
    return this.#give('open', options);
  }

  flood(options) {
    return this.#give('flood', options);
  }

  async end() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill();
    await exit;
  }

  async #give(order, options) {
    this.child.send({ order, ...options });
    const [{ answer, failure }] = await once(this.child, 'message');
    if (failure !== undefined) throw new Error(failure);
    return answer;
  }
}
