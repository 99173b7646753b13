import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = 'bin/mcp-snow.js';

/** A process of ours with what it wrote so far. */
export class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { UV_THREADPOOL_SIZE: _, ...inherited } = process.env;
    this.child = spawn(process.execPath, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...inherited, ...env },
    });
    this.child.stdout?.on('data', (part) => {
      this.stdout += part;
    });
    this.child.stderr?.on('data', (part) => {
      this.stderr += part;
    });
  }

  /** The exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** The first line it prints. */
  async line(): Promise<string> {
    while (!this.stdout.includes('\n')) {
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.stderr}`);
      await Promise.race([
        once(this.child.stdout as NodeJS.ReadableStream & NodeJS.EventEmitter, 'data'),
        once(this.child, 'exit'),
      ]);
    }
    return this.stdout.slice(0, this.stdout.indexOf('\n'));
  }
}

export interface Ready {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  readonly data: string;
}

/** `local serve` in the foreground, ready. */
export async function serving(dataDir: string, ...more: string[]): Promise<{ program: Program; ready: Ready }> {
  const program = new Program([PROGRAM, 'local', 'serve', '--port', '0', '--data', dataDir, '--json', ...more]);
  return { program, ready: JSON.parse(await program.line()) as Ready };
}

/** A process of its own that finds or starts the host and says which it is. */
export function finder(dataDir: string): Program {
  const script = `
    const { ensureLocalHost } = await import('./dist/local/host/launcher.js');
    const { pid, url } = await ensureLocalHost({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(JSON.stringify({ pid, url }));
  `;
  return new Program(['--input-type=module', '-e', script]);
}
