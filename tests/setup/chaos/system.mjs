// A whole running system: the local Snowflake, the fault proxy before it, workers and HTTP servers on one database file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { FaultProxy } from '../fault-proxy-process.mjs';

const BIN = resolve(import.meta.dirname, '../../../bin/mcp-snow.js');
const READY_MS = 30_000;
const GRACE_MS = 40_000;

/** One of our programs, which says in a line of JSON on stdout that it is ready. */
class Part {
  kills = 0;
  #args;
  #env;
  #cwd;
  #errors = '';

  constructor(args, env, cwd) {
    this.#args = args;
    this.#env = env;
    this.#cwd = cwd;
  }

  /** Its ready line. What it learned at the first start (its port) can be added for later ones. */
  async start(...more) {
    this.#args = [...this.#args, ...more];
    const child = spawn(process.execPath, [BIN, ...this.#args], {
      env: this.#env,
      cwd: this.#cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-20_000);
    });
    const ready = once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line));
    const ended = once(child, 'exit').then(() => undefined);
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`${this.#args[0]} is not ready: ${this.#errors}`)), READY_MS).unref();
    });
    ready.catch(() => {});
    const said = await Promise.race([ready, ended, late]);
    // Killed by the plan before it was ready is no failure of its own.
    if (said === undefined && child.signalCode !== 'SIGKILL')
      throw new Error(`${this.#args.join(' ')} did not start: ${this.#errors}`);
    return said;
  }

  get running() {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  get errors() {
    return this.#errors;
  }

  /** Open file descriptors; sockets are among them. */
  get handles() {
    return this.running ? readdirSync(`/proc/${this.child.pid}/fd`).length : 0;
  }

  /** Resident memory in MiB. */
  get memoryMb() {
    const [, kb] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8')) ?? [];
    return Number(kb ?? 0) / 1_024;
  }

  async kill() {
    this.kills += 1;
    await this.#end('SIGKILL');
  }

  /** Resolves to its exit code. */
  async stop() {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
    await this.#end('SIGTERM');
    clearTimeout(timer);
    return this.child.exitCode;
  }

  async #end(signal) {
    const { child } = this;
    if (!this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

export class System {
  folder = mkdtempSync(join(tmpdir(), 'mcp-snow-chaos-'));
  workers = [];
  servers = [];
  /** Where the servers listen. */
  urls = [];

  static async start({ workers = 2, servers = 2, concurrency = 5, leaseMs = 2_000, settings = {} } = {}) {
    const system = new System();
    try {
      await system.#start({ workers, servers, concurrency, leaseMs, settings });
      return system;
    } catch (failure) {
      await system.end();
      throw failure;
    }
  }

  get db() {
    return join(this.folder, 'queue.db');
  }

  /** All of our own programs by name; the proxy is apart. */
  get parts() {
    return {
      warehouse: this.warehouse,
      ...this.#named('worker', this.workers),
      ...this.#named('server', this.servers),
    };
  }

  async #start({ workers, servers, concurrency, leaseMs, settings }) {
    const env = this.#environment(settings);
    const data = join(this.folder, 'warehouse');
    this.warehouse = new Part(['local', 'serve', '--data', data, '--json', '--port'], env, this.folder);
    // In one process: with the variable unset it would start another one with it.
    env.UV_THREADPOOL_SIZE = '32';
    const { url } = await this.#withPort(this.warehouse);
    this.warehouseUrl = url;
    this.proxy = await FaultProxy.start(url);
    const own = { ...env, ...this.proxy.environment };
    const common = ['--db', this.db, '--json'];
    const limits = ['--concurrency', String(concurrency), '--lease-ms', String(leaseMs)];
    for (let at = 0; at < workers; at += 1)
      this.workers.push(new Part(['worker', ...common, ...limits], own, this.folder));
    const serve = ['serve', '--http', '--no-worker', '--allow', 'read,dml,ddl', ...common, '--port'];
    for (let at = 0; at < servers; at += 1) this.servers.push(new Part(serve, own, this.folder));
    const [, ready] = await Promise.all([
      Promise.all(this.workers.map((worker) => worker.start())),
      Promise.all(this.servers.map((server) => this.#withPort(server))),
    ]);
    this.urls = ready.map(({ url }) => url);
  }

  /** Takes a free port at the first start and keeps it. */
  async #withPort(part) {
    const free = await freePort();
    return await part.start(String(free));
  }

  #named(name, parts) {
    return Object.fromEntries(parts.map((part, at) => [`${name} ${at + 1}`, part]));
  }

  #environment(settings) {
    const foreign = /^(SNOWFLAKE_|MCP_SNOW_|XDG_|NODE_OPTIONS|VITEST|UV_)/;
    const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    return { ...Object.fromEntries(own), HOME: this.folder, ...settings };
  }

  /** What the local Snowflake has open. */
  async health() {
    const answer = await fetch(`${this.warehouseUrl}/api/v1/health`);
    return await answer.json();
  }

  /** Ends everything and removes the folder. */
  async end() {
    for (const part of Object.values(this.parts)) if (part?.running) await part.kill();
    await this.proxy?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
