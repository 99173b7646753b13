import { setTimeout as delay } from 'node:timers/promises';
import { SnowError } from '../../errors/snow-error.js';
import { memoryRequest } from '../../gateway/memory-requests.js';
import { clientLabel } from '../../mcp/client-label.js';
import type { MemoryAnswer } from '../../memory/memory-answers.js';
import type { ArgumentsOf, MemoryOperation } from '../../memory/memory-arguments.js';
import type { Priority } from '../../store/job.js';
import { openBackend } from '../backend.js';
import type { GlobalOptions } from '../global-options.js';
import { Interrupted } from '../interrupted.js';

export interface MemoryOptions extends GlobalOptions {
  /** In whose name. */
  readonly client?: string;
  readonly namespace?: string;
}

/** An operation takes milliseconds; this is for one that stands behind others (s). */
const WAIT_S = 55;

/** What the command's own worker takes, so that it needs no other one. */
const LANES = ['memory:2'];

interface Deletion {
  readonly deleted?: number;
  readonly would_delete?: number;
  readonly more?: boolean;
  readonly memories?: readonly MemoryAnswer[];
  readonly confirm?: string;
}

export interface MemoriesPage {
  readonly memories: readonly MemoryAnswer[];
  readonly next_cursor?: string;
}

/** What each operation answers. */
export interface MemoryAnswers {
  readonly memory_store: { readonly id: string; readonly duplicate: boolean; readonly similar?: readonly string[] };
  readonly memory_search: MemoriesPage & { readonly matched: 'all' | 'any' };
  readonly memory_list: MemoriesPage;
  readonly memory_update: { readonly id: string; readonly version: number };
  readonly memory_delete: Deletion;
  readonly memory_cleanup: Deletion;
  readonly memory_health: {
    readonly healthy: boolean;
    readonly namespaces: readonly {
      readonly namespace: string;
      readonly kind: string;
      readonly memories: number;
      readonly bytes: number;
      readonly expired: number;
      readonly alike: number;
      readonly indexed: boolean;
    }[];
  };
  readonly memory_import: {
    readonly stored: number;
    readonly duplicates: number;
    readonly expired: number;
    readonly failed: number;
    readonly errors?: readonly { readonly line: number; readonly message: string }[];
  };
}

export interface MemorySession {
  /** Runs it through the queue, with all its limits, and waits. */
  run<Name extends MemoryOperation>(name: Name, given: ArgumentsOf<Name>): Promise<MemoryAnswers[Name]>;
  /** The same for one of many: where a rate refuses, it waits as long as that says. */
  runSurely<Name extends MemoryOperation>(name: Name, given: ArgumentsOf<Name>): Promise<MemoryAnswers[Name]>;
}

/** Opens what operations need for as long as `use` takes; ^C ends it. */
export async function withMemories<Result>(
  options: MemoryOptions,
  what: string,
  use: (session: MemorySession) => Promise<Result>,
): Promise<Result> {
  const backend = await openBackend(options);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new Interrupted(what));
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const caller = { client: options.client ?? backend.settings.client ?? clientLabel('cli') };
    await backend.startWorker({ pools: backend.pools({ lanes: LANES }), client: caller.client });
    const { signal } = interrupt;
    const run = async <Name extends MemoryOperation>(name: Name, given: ArgumentsOf<Name>) => {
      const request = { ...memoryRequest(name, given), waitS: WAIT_S, priority: 'high' as Priority };
      const { answer, job_id } = await backend.gateway().operate(caller, request, { signal });
      if (answer !== undefined) return answer as unknown as MemoryAnswers[Name];
      throw new SnowError({
        code: 'QUEUE_TIMEOUT',
        message: `The job ${job_id} was not done within ${WAIT_S} s; it goes on by itself.`,
        hint: `See mcp-snow jobs show ${job_id}.`,
      });
    };
    return await use({ run, runSurely: (name, given) => patiently(() => run(name, given), signal) });
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await backend.close(0);
  }
}

async function patiently<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (failure) {
      if (!(failure instanceof SnowError) || failure.code !== 'RATE_LIMITED') throw failure;
      await delay(failure.data.retryAfterMs ?? 1_000, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
