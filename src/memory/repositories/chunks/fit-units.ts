import { type Chunk, type ChunkSymbol, MOST_CHARS, MOST_LINES, MOST_SYMBOLS, type Unit } from './chunk.js';
import type { LineStarts } from './line-starts.js';
import { type Span, windowsOf } from './windows.js';

/** Units without a name of their own (settings, imports, grants) are gathered up to this size. */
const GATHERED_LINES = 40;
const GATHERED_CHARS = 2_000;

/** Windows of what has no structure that fits: shorter than other chunks, as nobody asks for all of it. */
const WINDOW = { lines: 60, chars: 4_000 };

/** A unit on whole lines, which takes up all the text from the end of the one before. */
interface Piece extends Span {
  readonly unit: Unit;
}

/**
 * Chunks out of units: each unit takes the lines before it that belong to nobody (comments, decorators), small nameless ones
 * are gathered, and what exceeds the bounds is taken apart into its parts, else into windows of lines. Together they are the
 * whole text. `units` are in the order of the text; those that begin before the one before has ended are left out.
 */
export function fitUnits(text: string, lines: LineStarts, units: readonly Unit[]): readonly Chunk[] {
  if (text.length === 0) return [];
  const whole = { from: 0, to: text.length };
  const pieces = piecesOf(lines, whole, units);
  if (pieces.length === 0) pieces.push({ ...whole, unit: { ...whole, kind: 'lines', symbols: [] } });
  return gathered(lines, pieces).flatMap((piece) => chunksOfPiece(text, lines, piece));
}

function piecesOf(lines: LineStarts, span: Span, units: readonly Unit[]): Piece[] {
  const pieces: Piece[] = [];
  let from = span.from;
  for (const unit of units) {
    const end = Math.min(lines.startOf(lines.lineAt(Math.max(unit.from, unit.to - 1)) + 1), span.to);
    if (end <= from || unit.to <= unit.from || unit.to <= from) {
      const last = pieces.at(-1);
      // It shares the line that the one before ends on.
      if (last !== undefined && unit.from < last.to && unit.symbols.length > 0)
        pieces[pieces.length - 1] = { ...last, unit: withSymbols(last.unit, unit.symbols) };
      continue;
    }
    pieces.push({ from, to: end, unit });
    from = end;
  }
  const last = pieces.at(-1);
  if (last !== undefined && from < span.to) pieces[pieces.length - 1] = { ...last, to: span.to };
  return pieces;
}

function gathered(lines: LineStarts, pieces: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const together = last === undefined ? undefined : { from: last.from, to: piece.to };
    if (
      last !== undefined &&
      together !== undefined &&
      isNameless(last.unit) &&
      isNameless(piece.unit) &&
      linesOf(lines, together) <= GATHERED_LINES &&
      together.to - together.from <= GATHERED_CHARS
    )
      result[result.length - 1] = { ...together, unit: withSymbols(last.unit, piece.unit.symbols) };
    else result.push(piece);
  }
  return result;
}

function chunksOfPiece(text: string, lines: LineStarts, piece: Piece): readonly Chunk[] {
  const { unit } = piece;
  if (fits(lines, piece)) return [chunkOf(lines, piece, unit, unit.symbols)];
  const parts = unit.parts ?? [];
  const inner = parts.length === 0 ? [] : piecesOf(lines, piece, parts);
  if (inner.length > 1 || (inner.length === 1 && inner[0]?.unit.parts !== undefined)) {
    // What stands before the first part that has a name is the head of the whole.
    const named = Math.max(
      0,
      inner.findIndex((each) => !isNameless(each.unit)),
    );
    const [first, ...rest] = gathered(lines, inner.slice(named)) as [Piece, ...Piece[]];
    const from = piece.from;
    const head = Math.max(from, Math.min(lines.startOf(lines.lineAt(first.unit.from)), first.to));
    const opening = head > from ? windowed(text, lines, { from, to: head }, unit, unit.symbols) : [];
    const carried = head > from ? first.unit : withSymbols(first.unit, unit.symbols);
    return [
      ...opening,
      ...chunksOfPiece(text, lines, { from: head, to: first.to, unit: carried }),
      ...rest.flatMap((each) => chunksOfPiece(text, lines, each)),
    ];
  }
  return windowed(text, lines, piece, unit, unit.symbols);
}

/** The definition counts where it begins. What the unit uses is known of it as a whole, so it is said of each window whose text has it. */
function windowed(
  text: string,
  lines: LineStarts,
  span: Span,
  unit: Unit,
  symbols: readonly ChunkSymbol[],
): readonly Chunk[] {
  if (fits(lines, span)) return [chunkOf(lines, span, unit, symbols)];
  return windowsOf(text, lines, span, WINDOW).map((window, at) => {
    const own = text.slice(window.from, window.to).toLowerCase();
    const held = symbols.filter(({ name, role }) =>
      role === 'defines' ? at === 0 : own.includes(name.slice(name.lastIndexOf('.') + 1).toLowerCase()),
    );
    return chunkOf(lines, window, unit, held);
  });
}

function chunkOf(lines: LineStarts, span: Span, unit: Unit, symbols: readonly ChunkSymbol[]): Chunk {
  return {
    from: span.from,
    to: span.to,
    firstLine: lines.lineAt(span.from) + 1,
    lastLine: lines.lineAt(span.to - 1) + 1,
    kind: unit.kind,
    ...(unit.name === undefined ? {} : { name: unit.name }),
    symbols: distinct(symbols),
  };
}

function withSymbols(unit: Unit, symbols: readonly ChunkSymbol[]): Unit {
  return { ...unit, symbols: [...unit.symbols, ...symbols] };
}

function distinct(symbols: readonly ChunkSymbol[]): readonly ChunkSymbol[] {
  const seen = new Map(symbols.map((symbol) => [`${symbol.role} ${symbol.name.toLowerCase()}`, symbol]));
  return [...seen.values()].slice(0, MOST_SYMBOLS);
}

function isNameless(unit: Unit): boolean {
  return unit.name === undefined && unit.parts === undefined;
}

function linesOf(lines: LineStarts, span: Span): number {
  return lines.lineAt(span.to - 1) - lines.lineAt(span.from) + 1;
}

function fits(lines: LineStarts, span: Span): boolean {
  return span.to - span.from <= MOST_CHARS && linesOf(lines, span) <= MOST_LINES;
}
