import { ACCOUNT, type GrantEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { instantCell, type ResultTable } from '../../engine/result-table.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseTargets, targetName } from './grant-target.js';
import { type Cell, columns } from './listing.js';

const PRIVILEGES = columns('@created_on privilege granted_on name granted_to grantee_name grant_option granted_by');
const ROLES = columns('@created_on role granted_to grantee_name granted_by');
const FUTURE = columns('@created_on privilege grant_on name grant_to grantee_name grant_option');

/** SHOW [FUTURE] GRANTS [ON … | TO ROLE r | TO USER u | OF ROLE r | IN SCHEMA s | IN DATABASE d]. */
export function showGrants(cursor: TokenCursor, context: CommandContext, future: boolean): ResultTable {
  const grants = context.names.catalog.children(ACCOUNT, 'grant').sort((a, b) => a.id - b.id);
  const table = future ? futureGrants(cursor, grants, context) : chosenGrants(cursor, grants, context);
  if (cursor.accept('LIMIT')) return { ...table, rows: table.rows.slice(0, cursor.number()) };
  cursor.expectEnd();
  return table;
}

function chosenGrants(cursor: TokenCursor, grants: readonly GrantEntry[], context: CommandContext): ResultTable {
  if (cursor.accept('ON')) {
    const [on] = parseTargets(cursor, context);
    const held = grants.filter((grant) => JSON.stringify(grant.on) === JSON.stringify(on));
    return {
      columns: PRIVILEGES,
      rows: [...ownership(on, held, context), ...held.flatMap((grant) => row(grant, context))],
    };
  }
  if (cursor.accept('OF')) {
    cursor.expect('ROLE');
    const [role = ''] = cursor.name();
    const held = grants.filter(({ on }) => 'role' in on && on.role === role);
    return { columns: ROLES, rows: held.map(roleRow) };
  }
  const to = cursor.accept('TO') ? (cursor.acceptOneOf('ROLE', 'USER') ?? 'ROLE') : 'USER';
  if (cursor.isKeyword('SHARE')) throw unsupported('SHOW GRANTS TO SHARE');
  const name = cursor.atEnd || cursor.isKeyword('LIMIT') ? context.state.user : (cursor.name()[0] ?? '');
  const held = grants.filter((grant) => grant.to.type === to && grant.to.name === name);
  if (to === 'USER') return { columns: ROLES, rows: held.filter(({ on }) => 'role' in on).map(roleRow) };
  return {
    columns: PRIVILEGES,
    rows: held.filter(({ on }) => !('future' in on)).flatMap((grant) => row(grant, context)),
  };
}

function futureGrants(cursor: TokenCursor, grants: readonly GrantEntry[], context: CommandContext): ResultTable {
  let chosen = (_grant: GrantEntry): boolean => true;
  if (cursor.accept('TO', 'ROLE')) {
    const [role] = cursor.name();
    chosen = ({ to }) => to.name === role;
  } else {
    cursor.expect('IN');
    const word = cursor.acceptOneOf('SCHEMA', 'DATABASE');
    const name = cursor.name();
    const holder =
      word === 'DATABASE' ? context.names.database(name[0] ?? '') : context.names.schema(name, 'SHOW').schema;
    chosen = ({ on }) => 'future' in on && on.future === holder.id;
  }
  const rows = grants
    .filter((grant) => 'future' in grant.on && chosen(grant))
    .map((grant): Cell[] => [
      instantCell(grant.createdAt),
      grant.privilege,
      grant.on.type,
      targetName(grant.on, context) ?? '',
      grant.to.type,
      grant.to.name,
      String(grant.grantOption),
    ]);
  return { columns: FUTURE, rows };
}

/** Whoever made an object owns it, unless somebody else was granted it. */
function ownership(on: GrantEntry['on'] | undefined, held: readonly GrantEntry[], context: CommandContext): Cell[][] {
  if (on === undefined || !('id' in on) || held.some(({ privilege }) => privilege === 'OWNERSHIP')) return [];
  const entry = context.names.catalog.get(on.id);
  if (entry === undefined || entry.owner === '') return [];
  const name = targetName(on, context) ?? entry.name;
  return [[instantCell(entry.createdAt), 'OWNERSHIP', on.type, name, 'ROLE', entry.owner, 'true', entry.owner]];
}

function row(grant: GrantEntry, context: CommandContext): Cell[][] {
  const name = targetName(grant.on, context);
  if (name === undefined) return [];
  return [
    [
      instantCell(grant.createdAt),
      grant.privilege,
      grant.on.type,
      name,
      grant.to.type,
      grant.to.name,
      String(grant.grantOption),
      grant.grantedBy,
    ],
  ];
}

function roleRow(grant: GrantEntry): Cell[] {
  const role = 'role' in grant.on ? grant.on.role : '';
  return [instantCell(grant.createdAt), role, grant.to.type, grant.to.name, grant.grantedBy];
}
