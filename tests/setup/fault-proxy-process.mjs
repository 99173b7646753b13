import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, 'fault-proxy.mjs');

export class FaultProxy {
  #target;

  static async start(target, ports = {}) {
    const proxy = new FaultProxy();
    proxy.#target = target;
    await proxy.#spawn(ports);
    return proxy;
  }

  get environment() {
    const { hostname, port } = new URL(this.url);
    return {
      SNOWFLAKE_ACCOUNT: 'local',
      SNOWFLAKE_USER: 'mcp_snow',
      SNOWFLAKE_PASSWORD: 'mcp_snow',
      SNOWFLAKE_HOST: hostname,
      SNOWFLAKE_PORT: port,
      SNOWFLAKE_PROTOCOL: 'http',
    };
  }

  async faults(faults, { seed, forMs } = {}) {
    await this.#order('PUT', '/faults', { faults, seed, forMs });
  }

  async outage(kind) {
    await this.#order('PUT', '/outage', { kind });
  }

  async halfOpen() {
    await this.#order('POST', '/half-open');
  }

  async target(url) {
    this.#target = url;
    await this.#order('PUT', '/target', { url });
  }

  async counts() {
    return await this.#order('GET', '/counts');
  }

  async kill() {
    await this.#end('SIGKILL');
  }

  async restart() {
    await this.#end('SIGKILL');
    await this.#spawn({ port: Number(new URL(this.url).port), controlPort: Number(new URL(this.control).port) });
  }

  async stop() {
    await this.#end('SIGTERM');
  }

  async #end(signal) {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async #spawn({ port = 0, controlPort = 0 }) {
    const options = ['--target', this.#target, '--port', String(port), '--control-port', String(controlPort)];
    this.child = spawn(process.execPath, [PROGRAM, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    // A proxy that is killed while an order to it is under way must not take its user along.
    this.child.stdin.on('error', () => {});
    const first = once(createInterface({ input: this.child.stdout }), 'line');
    const ended = once(this.child, 'exit').then(([code]) => {
      throw new Error(`the fault proxy ended with code ${code}`);
    });
    ended.catch(() => {});
    const [line] = await Promise.race([first, ended]);
    Object.assign(this, JSON.parse(line));
  }

  async #order(method, path, body) {
    const answer = await fetch(`${this.control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`the fault proxy refused an order: ${await answer.text()}`);
    return await answer.json();
  }
}
