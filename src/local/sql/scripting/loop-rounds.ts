import { NUMBER } from '../../engine/result-table.js';
import type { Evaluator } from './evaluator.js';
import type { ScriptStatement } from './script.js';
import { Variables, valueOfType } from './variables.js';

export type Loop = ScriptStatement & { kind: 'count' | 'each' | 'while' | 'repeat' | 'loop' };

/** The names of each round of a loop, in order, until its condition ends it. */
export async function* rounds(statement: Loop, variables: Variables, evaluator: Evaluator): AsyncGenerator<Variables> {
  switch (statement.kind) {
    case 'loop':
      for (;;) yield new Variables(variables);
    case 'while':
      while (await evaluator.holds(statement.condition, variables)) yield new Variables(variables);
      return;
    case 'repeat':
      do yield new Variables(variables);
      while (!(await evaluator.holds(statement.condition, variables)));
      return;
    case 'count': {
      const from = await evaluator.integer(statement.from, variables);
      const to = await evaluator.integer(statement.to, variables);
      for (let n = 0; n <= to - from; n++) {
        const names = new Variables(variables);
        names.declare(statement.name, valueOfType(NUMBER, String(statement.reverse ? to - n : from + n)));
        yield names;
      }
      return;
    }
    case 'each': {
      const { table } = await evaluator.rowsOf(statement.source, variables);
      for (const cells of table.rows) {
        const names = new Variables(variables);
        names.declare(statement.name, { kind: 'row', columns: table.columns, cells });
        yield names;
      }
    }
  }
}
