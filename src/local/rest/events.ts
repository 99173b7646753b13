import type { ServerResponse } from 'node:http';
import type { Query } from '../wire/query.js';
import { problemDetails } from './problem-details.js';
import { toldProblem } from './rest-problem.js';

const PROGRESS_MS = 1000;

/**
 * Server-sent events until a statement has ended or nobody listens: `progress` at once and every second, then `completed` or
 * `failed` with what `outcome` gives.
 */
export async function sendEvents(
  response: ServerResponse,
  query: Query,
  outcome: () => Promise<object>,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const progress = () =>
    event(response, 'progress', {
      query_id: query.id,
      status: 'running',
      execution_time: (Date.now() - query.startedAt) / 1000,
    });
  if (query.running) progress();
  const timer = setInterval(progress, PROGRESS_MS);
  const away = new Promise<void>((resolve) => response.once('close', resolve));
  const leave = query.attend();
  await Promise.race([query.settled, away]);
  leave();
  clearInterval(timer);
  if (response.destroyed) return;
  try {
    const told = await outcome();
    event(response, query.result === undefined ? 'failed' : 'completed', told);
  } catch (error) {
    // The head has gone out: what went wrong with the rows can only be told as an event.
    event(response, 'failed', problemDetails(toldProblem(error), query.id).body as object);
  }
  response.end();
}

function event(response: ServerResponse, name: string, data: object): void {
  if (!response.destroyed) response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
