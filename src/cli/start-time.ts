import { SnowError } from '../errors/snow-error.js';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** When a job may start, in ms since the epoch: `+90s`, `+5m`, `+2h`, `+1d`, or a time of ISO 8601. */
export function startTime(text: string, now: number): number {
  const ahead = /^\+(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (ahead) return now + Number(ahead[1]) * (UNITS_MS[ahead[2] ?? ''] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `"${text}" is no time.`,
      hint: 'Use --at 2026-01-31T08:00:00Z, or +30s, +5m, +2h, +1d.',
    });
  }
  return at;
}
