import type { CatalogEdit } from '../../engine/catalog/catalog.js';
import { ACCOUNT, type Entry, type GrantEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { allPrivileges } from '../../engine/grants/all-privileges.js';
import { grantKey } from '../../engine/grants/grant-key.js';
import { LocalError } from '../../engine/local-error.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { notFound } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseTargets } from './grant-target.js';

/** GRANT privileges ON … TO ROLE, GRANT ROLE … TO ROLE | USER. Kept and shown; they count where the server runs with access control. */
export const grant: Command = async (cursor, context) => {
  cursor.expect('GRANT');
  const what = parseWhat(cursor, context);
  cursor.expect('TO');
  const to = parseGrantee(cursor, context);
  const grantOption = cursor.accept('WITH', 'GRANT', 'OPTION');
  const current = cursor.acceptOneOf('COPY', 'REVOKE');
  if (current !== undefined) cursor.expect('CURRENT', 'GRANTS');
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      for (const { privilege, on } of what.flatMap(singly)) {
        if (privilege === 'OWNERSHIP' && 'id' in on) passOwnership(on, to.name, current, { edit, context });
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
          const same = grantKey({ privilege: entry.privilege, on, to }) === entry.name;
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

/** ALL is each privilege that the type has. */
function singly(granted: Granted): Granted[] {
  const { privilege, on } = granted;
  return privilege === 'ALL' ? allPrivileges(on.type).map((one) => ({ privilege: one, on })) : [granted];
}

/**
 * The object has one owner. Grants on it go over to the new one or are revoked as the statement says; where it says neither, there must
 * be none. Throws 003036.
 */
function passOwnership(
  on: Extract<GrantEntry['on'], { id: number }>,
  to: string,
  current: string | undefined,
  { edit, context }: { readonly edit: CatalogEdit; readonly context: CommandContext },
): void {
  const { catalog } = context.names;
  const owned = catalog.get(on.id);
  if (owned === undefined) return;
  const grants = catalog.children(ACCOUNT, 'grant').filter((grant) => 'id' in grant.on && grant.on.id === on.id);
  const [other] = grants.filter(({ privilege, to: { name } }) => privilege !== 'OWNERSHIP' && name !== to);
  if (other !== undefined && current === undefined && context.names.rights !== undefined)
    throw new LocalError(
      '003036',
      '42501',
      `SQL execution error: Dependent grant of privilege '${other.privilege}' on securable '${owned.name}' to role '${other.to.name}' exists.  It must be revoked first.  More than one dependent grant may exist: use 'SHOW GRANTS' command to view them.  To revoke all dependent grants while transferring object ownership, use convenience command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'.`,
    );
  for (const grant of grants) if (grant.privilege === 'OWNERSHIP' || current === 'REVOKE') edit.remove(grant.id);
  edit.put({ ...owned, owner: to } as Entry);
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
    name: grantKey(granted),
    createdAt: context.now,
    owner: role,
    comment: '',
    grantOption,
    grantedBy: role,
  };
}
