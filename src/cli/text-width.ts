const COLOUR_CODES = /\u001b\[[0-9;]*m/g;
const PLAIN = /^[\u0020-\u007e]*$/;
/** What takes no room of its own: combining marks, joiners, variation selectors. */
const NO_ROOM = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]+$/u;
/** What takes two columns: East Asian Width W and F of Unicode's UAX 11, and pictures. */
const TWO_COLUMNS =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns of a terminal that a text takes; colour codes take none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text.replace(COLOUR_CODES, ''))) width += graphemeWidth(segment);
  return width;
}

/** The text, or its beginning and `…` where it is wider. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= graphemeWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

function graphemeWidth(grapheme: string): number {
  if (NO_ROOM.test(grapheme)) return 0;
  return TWO_COLUMNS.test(grapheme) ? 2 : 1;
}
