import { describe, expect, it } from 'vitest';
import { MacroShapes } from '../../../src/local/sql/macros/bind-once.js';

/** A macro that names its argument `times` times. */
function repeating(times: number): string {
  return Array.from({ length: times }, () => 'x').join(' || ');
}

function nested(name: string, depth: number): string {
  return depth === 0 ? '"c"' : `_fn.${name}(${nested(name, depth - 1)})`;
}

describe('arguments of macros', () => {
  const shapes = new MacroShapes();
  shapes.define('often(x)', repeating(10));
  shapes.define('once(x)', `upper(x) || 'x, x(x' || "x"`);
  shapes.define('asking(x)', `(SELECT ${repeating(50)} FROM json_tree(x))`);
  shapes.define('outer(x)', `_fn.often(x || 'y') || _fn.often(trim(x))`);

  it('stay where they are while that makes little', () => {
    for (const sql of [
      'SELECT 1',
      'SELECT _fn.often("c"), _fn.often("d")',
      `SELECT _fn.often(_fn.often(')')), "_fn.often(" FROM t`,
      `SELECT ${nested('once', 20)}`,
    ])
      expect(shapes.bindOnce(sql)).toBe(sql);
  });

  it('are computed once where a nested call would multiply', () => {
    const bound = shapes.bindOnce(`SELECT ${nested('often', 3)}, "d"`);
    expect(bound).toMatch(
      /^SELECT list_transform\(\[\{'a0': .+\}\], lambda once_: _fn\.often\(once_\.a0\)\)\[1\], "d"$/,
    );
  });

  it('grow with the depth of the call, not with its power', () => {
    const length = (depth: number): number => shapes.bindOnce(nested('often', depth)).length;
    expect(length(40)).toBeLessThan(length(20) * 2.5);
  });

  it('leave literals and lists of them in place, and subqueries outside of lambdas', () => {
    shapes.define('formatted(x, y)', `strptime(${repeating(50)}, y)`);
    const bound = shapes.bindOnce(`_fn.formatted(_fn.often(_fn.often("c")), ['%Y', '%d'])`);
    expect(bound).toContain(`lambda once_: _fn.formatted(once_.a0,  ['%Y', '%d']))[1]`);
    expect(shapes.bindOnce(nested('asking', 3))).toBe(nested('asking', 3));
  });

  it('are bound inside a lambda through a twin of the macro', () => {
    const twins = shapes.define('wrapped(x)', '_fn.often(_fn.often(x))');
    expect(twins.map(([signature]) => signature)).toEqual(['wrapped(x)', 'wrapped__inside(x)']);
    expect(twins[0]?.[1]).toBe('_fn.often(_fn.often(x))');
    expect(twins[1]?.[1]).toContain('lambda once_: _fn.often(once_.a0)');
  });
});
