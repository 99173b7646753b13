import type { ServerContext } from '@modelcontextprotocol/server';
import type { WaitOptions, WaitProgress } from '../gateway/requests.js';

/** Progress of the same kind is repeated at most this often (ms). */
const REPEAT_MS = 1_000;

/** One line for a person about a call that waits. */
export function progressMessage(progress: WaitProgress): string {
  if (progress.state !== 'running') {
    if (progress.waitsFor === 'connection') return 'waiting until Snowflake can be reached again';
    const place = progress.ahead === 0 ? 'next in the queue' : `${progress.ahead} ahead in the queue`;
    const estimate = progress.estimatedWaitMs;
    return estimate === undefined ? place : `${place}, about ${seconds(estimate)} to wait`;
  }
  const elapsed = `running for ${seconds(progress.elapsedMs)}`;
  const rows = progress.progress;
  if (rows === undefined) return elapsed;
  return `${elapsed}: ${rows.message ?? `${rows.done}${rows.total === undefined ? '' : ` of ${rows.total}`} rows`}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * What a call waits with: cancellation by the client, and progress notifications when it sent a progress token. `end` is
 * called when the call is answered. From then on nothing is sent, and an abort means nothing: transports abort the signal of
 * a call that ended well, too.
 *
 * The progress value is seconds since the call began, because it has to grow with every notification and a place in a queue
 * may go back.
 */
export function waitOptionsOf(context: ServerContext): WaitOptions & { end(): void } {
  const cancellation = new AbortController();
  const abort = () => cancellation.abort(context.mcpReq.signal.reason);
  if (context.mcpReq.signal.aborted) abort();
  context.mcpReq.signal.addEventListener('abort', abort, { once: true });

  const token = context.mcpReq._meta?.progressToken;
  const began = performance.now();
  let ended = false;
  let last = { key: '', at: Number.NEGATIVE_INFINITY, value: 0 };

  const onProgress = (progress: WaitProgress) => {
    if (ended || token === undefined) return;
    const now = performance.now();
    const key = progress.state === 'running' ? 'running' : `${progress.state} ${progress.ahead}`;
    if (key === last.key && now - last.at < REPEAT_MS) return;
    const value = Math.max(Math.round(now - began) / 1000, last.value + 0.001);
    last = { key, at: now, value };
    context.mcpReq
      .notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress: value, message: progressMessage(progress) },
      })
      // A client that has gone away is noticed by its signal; progress it cannot read is no failure of the call.
      .catch(() => undefined);
  };

  return {
    signal: cancellation.signal,
    ...(token !== undefined && { onProgress }),
    end() {
      ended = true;
      context.mcpReq.signal.removeEventListener('abort', abort);
    },
  };
}
