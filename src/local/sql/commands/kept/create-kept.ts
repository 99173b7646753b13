import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { Command } from '../../../engine/command.js';
import { STATEMENT_TYPE } from '../../../engine/command.js';
import { statusRow } from '../../../engine/result-table.js';
import { alreadyExists } from '../../../engine/snowflake-errors.js';
import { findKept, keptName } from './find-kept.js';
import type { KeptSpecification } from './kept-specification.js';
import { parseKept } from './parse-kept.js';
import { assertPipe } from './pipe.js';
import { assertUnused } from './policy-uses.js';
import { resolvedTask } from './task.js';

/** CREATE [OR REPLACE] kind [IF NOT EXISTS] name …, for a kind that is kept, shown and described. */
export function createKept(specification: KeptSpecification): Command {
  const operation = `CREATE ${specification.words.join(' ')}`;
  return async (cursor, context) => {
    cursor.expect('CREATE');
    const orReplace = cursor.accept('OR', 'REPLACE');
    cursor.expect(...specification.words);
    const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS');
    const at = keptName(specification, cursor.name(), context, operation);
    const parsed = parseKept(specification.kind, cursor);
    cursor.expectEnd();
    const { COMMENT: comment = '', ...options } = parsed.attributes;
    const attributes = Object.fromEntries(
      Object.entries(options).filter(([key]) => specification.hidden?.includes(key) !== true),
    );
    const written: KeptEntry = {
      ...parsed,
      attributes,
      kind: specification.kind,
      id: context.newId(),
      parent: at.parent,
      name: at.name,
      createdAt: context.now,
      owner: context.state.context.role ?? 'ACCOUNTADMIN',
      comment,
    };
    const table = await context.change({
      work: async (edit) => {
        const existing = findKept(at, context);
        if (existing !== undefined) {
          if (ifNotExists) return statusRow(`${at.name} already exists, statement succeeded.`);
          if (!orReplace) throw alreadyExists(at.name);
          assertUnused(existing, context);
          edit.drop(existing, context.now);
        }
        if (written.kind === 'pipe') assertPipe(written, context);
        edit.put(written.kind === 'task' ? resolvedTask(written, context) : written);
        return statusRow(`${specification.label} ${at.name} successfully created.`);
      },
    });
    return { statementTypeId: STATEMENT_TYPE.ddl, table };
  };
}
