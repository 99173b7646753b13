/** A SHOW … LIKE pattern as a regular expression: `%` any text, `_` one character, `\` takes the next as it is; case is ignored. */
export function likePattern(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '%') source += '[\\s\\S]*';
    else if (char === '_') source += '[\\s\\S]';
    else {
      if (char === '\\' && i + 1 < pattern.length) i += 1;
      source += pattern.charAt(i).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'i');
}
