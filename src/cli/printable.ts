/**
 * Text of others as a terminal may be given it: control characters, and marks that turn the direction of what follows, are
 * written as their code points. `lines`: line breaks and tabs stay.
 */
export function printable(text: string, keep?: 'lines'): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\p{Cs}]/gu, (char) => {
    if (keep === 'lines' && (char === '\n' || char === '\t')) return char;
    if (keep === 'lines' && char === '\r') return '';
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
