import { ACCOUNT, type Entry, type GrantEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { notFound } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseTargets } from './grant-target.js';

/** GRANT privileges ON … TO ROLE, GRANT ROLE … TO ROLE | USER. Kept and shown; everybody may do everything all the same. */
export const grant: Command = async (cursor, context) => {
  cursor.expect('GRANT');
  const what = parseWhat(cursor, context);
  cursor.expect('TO');
  const to = parseGrantee(cursor, context);
  const grantOption = cursor.accept('WITH', 'GRANT', 'OPTION');
  if (cursor.acceptOneOf('COPY', 'REVOKE') !== undefined) cursor.expect('CURRENT', 'GRANTS');
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      for (const { privilege, on } of what) {
        const owned = privilege === 'OWNERSHIP' && 'id' in on ? context.names.catalog.get(on.id) : undefined;
        if (owned !== undefined) edit.put({ ...owned, owner: to.name } as Entry);
        const entry = entryFor({ privilege, on, to }, { grantOption, context });
        const there = context.names.catalog.find(ACCOUNT, 'grant', entry.name);
        edit.put(there === undefined ? entry : { ...entry, id: there.id, createdAt: there.createdAt });
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

/** REVOKE [GRANT OPTION FOR] privileges ON … FROM ROLE, REVOKE ROLE … FROM ROLE | USER. */
export const revoke: Command = async (cursor, context) => {
  cursor.expect('REVOKE');
  const optionOnly = cursor.accept('GRANT', 'OPTION', 'FOR');
  const what = parseWhat(cursor, context);
  cursor.expect('FROM');
  const to = parseGrantee(cursor, context);
  cursor.acceptOneOf('CASCADE', 'RESTRICT');
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      for (const { privilege, on } of what) {
        for (const entry of context.names.catalog.children(ACCOUNT, 'grant')) {
          const same = keyOf({ privilege: entry.privilege, on, to }) === entry.name;
          if (!same || (privilege !== 'ALL' && entry.privilege !== privilege)) continue;
          if (optionOnly) edit.put({ ...entry, grantOption: false });
          else edit.remove(entry.id);
        }
      }
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

interface Granted {
  readonly privilege: string;
  readonly on: GrantEntry['on'];
}

function parseWhat(cursor: TokenCursor, context: CommandContext): Granted[] {
  if (cursor.isKeyword('ROLE') && cursor.peek(1).value !== 'ON') {
    cursor.next();
    const [role = ''] = cursor.name();
    assertThere('role', role, context);
    return [{ privilege: 'USAGE', on: { type: 'ROLE', role } }];
  }
  for (const kind of ['DATABASE', 'APPLICATION']) if (cursor.isKeyword(kind, 'ROLE')) throw unsupported(`${kind} ROLE`);
  const privileges: string[] = [];
  do {
    const words: string[] = [];
    while (cursor.peek().kind === 'word' && !cursor.isKeyword('ON')) words.push(cursor.next().value);
    if (words.length === 0) throw cursor.error();
    privileges.push(words[0] === 'ALL' ? 'ALL' : words.join(' '));
  } while (cursor.acceptSymbol(','));
  cursor.expect('ON');
  const targets = parseTargets(cursor, context);
  return targets.flatMap((on) => privileges.map((privilege) => ({ privilege, on })));
}

function parseGrantee(cursor: TokenCursor, context: CommandContext): GrantEntry['to'] {
  if (cursor.isKeyword('SHARE') || cursor.isKeyword('DATABASE', 'ROLE'))
    throw unsupported(`GRANT … TO ${cursor.peek().value}`);
  const word =
    cursor.peek(1).kind === 'end' || cursor.isKeyword('WITH', 'GRANT') ? undefined : cursor.acceptOneOf('ROLE', 'USER');
  const type = word === 'USER' ? 'USER' : 'ROLE';
  const [name = ''] = cursor.name();
  assertThere(type === 'USER' ? 'user' : 'role', name, context);
  return { type, name };
}

function assertThere(kind: 'role' | 'user', name: string, context: CommandContext): void {
  const { catalog, state } = context.names;
  if (kind === 'user' && name === state.user) return;
  if (catalog.find(ACCOUNT, kind, name) === undefined) throw notFound(kind === 'role' ? 'Role' : 'User', [name]);
}

function entryFor(
  granted: Granted & Pick<GrantEntry, 'to'>,
  { grantOption, context }: { readonly grantOption: boolean; readonly context: CommandContext },
): GrantEntry {
  const role = context.state.context.role ?? 'ACCOUNTADMIN';
  return {
    ...granted,
    kind: 'grant',
    id: context.newId(),
    parent: ACCOUNT,
    name: keyOf(granted),
    createdAt: context.now,
    owner: role,
    comment: '',
    grantOption,
    grantedBy: role,
  };
}

/** One privilege is granted to one grantee once. */
function keyOf({ privilege, on, to }: Granted & Pick<GrantEntry, 'to'>): string {
  return JSON.stringify([privilege, on, to]);
}
