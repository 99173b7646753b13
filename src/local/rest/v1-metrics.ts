import { z } from 'zod';
import type { WireState } from '../wire/exchange.js';
import { restRoute } from './rest-route.js';
import { nothing, problems } from './v1-schemas.js';

const TYPE = 'text/plain; version=0.0.4';

/** `GET /api/v1/metrics`, in Prometheus's text format. */
export const METRICS = restRoute({
  method: 'GET',
  path: '/api/v1/metrics',
  operationId: 'Metrics',
  summary: 'Counters and gauges in the text format of Prometheus',
  query: nothing,
  answers: { 200: { description: 'Metrics.', schema: z.string(), contentType: TYPE }, ...problems },
  async run({ state }) {
    return { status: 200, contentType: TYPE, body: exposition(state) };
  },
});

function exposition({ sessions, queries, results }: WireState): string {
  const { totals } = queries;
  const { inlineBytes, memoryBytes, diskBytes } = results.size;
  const count = totals.succeeded + totals.failed;
  const cpu = process.cpuUsage();
  return [
    ...family('snow_local_sessions', 'gauge', 'Sessions that are open.', [['', sessions.size]]),
    ...family('snow_local_queries_running', 'gauge', 'Statements running or waiting.', [['', queries.running]]),
    ...family('snow_local_queries_total', 'counter', 'Statements that have ended.', [
      ['{status="succeeded"}', totals.succeeded],
      ['{status="failed"}', totals.failed],
    ]),
    ...family('snow_local_query_seconds', 'histogram', 'How long statements took, waiting included.', [
      ...totals.buckets().map(({ seconds, count: n }): [string, number] => [`_bucket{le="${seconds}"}`, n]),
      ['_bucket{le="+Inf"}', count],
      ['_sum', totals.seconds],
      ['_count', count],
    ]),
    ...family('snow_local_result_bytes', 'gauge', 'Results that are kept for their clients.', [
      ['{where="memory"}', inlineBytes + memoryBytes],
      ['{where="disk"}', diskBytes],
    ]),
    ...family('process_resident_memory_bytes', 'gauge', 'Memory of the process.', [['', process.memoryUsage.rss()]]),
    ...family('process_cpu_seconds_total', 'counter', 'CPU time of the process.', [
      ['', (cpu.user + cpu.system) / 1_000_000],
    ]),
    ...family('process_uptime_seconds', 'gauge', 'Age of the process.', [['', process.uptime()]]),
    '',
  ].join('\n');
}

function family(name: string, type: string, help: string, samples: readonly (readonly [string, number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([more, value]) => `${name}${more} ${value}`),
  ];
}
