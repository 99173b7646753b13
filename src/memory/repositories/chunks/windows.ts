import type { LineStarts } from './line-starts.js';

/** A window breaks at an empty line if there is one among its last so many. */
const LOOK_BACK_LINES = 20;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a span of whole lines into windows within the bounds, at empty lines where that is possible. A line that is too long
 * by itself is cut into pieces, never between the two halves of a surrogate pair.
 */
export function windowsOf(
  text: string,
  lines: LineStarts,
  span: Span,
  bounds: { readonly lines: number; readonly chars: number },
): readonly Span[] {
  const windows: Span[] = [];
  let from = span.from;
  while (from < span.to) {
    const to = windowEnd(text, lines, from, span.to, bounds);
    windows.push({ from, to });
    from = to;
  }
  return windows;
}

function windowEnd(
  text: string,
  lines: LineStarts,
  from: number,
  end: number,
  bounds: { readonly lines: number; readonly chars: number },
): number {
  if (end - from <= bounds.chars && lines.lineAt(end - 1) - lines.lineAt(from) < bounds.lines) return end;
  const first = lines.lineAt(from);
  const farthest = Math.min(from + bounds.chars, end);
  let last = Math.min(first + bounds.lines, lines.lineAt(farthest));
  if (lines.startOf(last) > end) last = lines.lineAt(end);
  const atLine = lines.startOf(last);
  if (atLine <= from) return surrogateSafe(text, from, farthest);
  for (let line = last; line > Math.max(first + 1, last - LOOK_BACK_LINES); line -= 1) {
    const start = lines.startOf(line);
    const before = lines.startOf(line - 1);
    if (text.slice(before, Math.min(start, before + 200)).trim() === '') return start;
  }
  return atLine;
}

function surrogateSafe(text: string, from: number, to: number): number {
  const high = text.charCodeAt(to - 1);
  const splits = to < text.length && high >= 0xd800 && high <= 0xdbff;
  return splits && to - 1 > from ? to - 1 : to;
}
