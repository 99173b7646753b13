import { SnowError } from '../errors/snow-error.js';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in the past, in ms since the epoch: `90s`, `30m`, `2h`, `7d` ago, or a time of ISO 8601. */
export function sinceTime(text: string, now: number): number {
  const ago = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  if (ago) return now - Number(ago[1]) * (UNITS_MS[ago[2] ?? ''] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `"${text.slice(0, 80)}" is no time.`,
    hint: 'Use --since 2026-01-31T08:00:00Z, or 30m, 2h, 7d for so long ago.',
  });
}
