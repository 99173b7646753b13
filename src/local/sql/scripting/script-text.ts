/** An integer that is written out, alone or as the sum or difference of two: what loops count with. */
export function integerOf(expression: string): string | undefined {
  const match = /^\(?(-?\d{1,15})\)?(?:\s*([-+])\s*\(?(-?\d{1,15})\)?)?$/.exec(expression.trim());
  if (match === null) return undefined;
  const [, left = '', operator, right = '0'] = match;
  return String(operator === '-' ? Number(left) - Number(right) : Number(left) + Number(right));
}

/** The name that the text is, `x` or `:x`; empty for anything else. */
export function nameIn(text: string): string {
  return /^\(?\s*:?([A-Za-z_][\w$]*)\s*\)?$/.exec(text.trim())?.[1]?.toUpperCase() ?? '';
}

/** The text without the parentheses around it. */
export function withoutParentheses(text: string): string {
  const bare = text.trim();
  if (!bare.startsWith('(') || !bare.endsWith(')')) return bare;
  let depth = 0;
  for (const [i, char] of [...bare].entries()) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth === 0 && i < bare.length - 1) return bare;
  }
  return withoutParentheses(bare.slice(1, -1));
}
