import type { StageEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { type Attachment, attached, parseAttachments } from './attachments.js';
import { parseCreate } from './create-prefix.js';
import { type FormatOptions, fileFormat, optionValue, parseFormatOptions } from './file-format.js';
import { resolvedOptions } from './named-format.js';

/**
 * CREATE [OR REPLACE] [TEMPORARY] STAGE [IF NOT EXISTS] name [URL = …] [FILE_FORMAT = (…)] [COMMENT = …]. One with a URL is
 * listed and described; there is nothing here to read it with.
 */
export const createStage: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'STAGE');
  const place = context.names.writablePlace(cursor.name(), 'CREATE STAGE');
  const { attachments, ...options } = parseStageOptions(cursor);
  fileFormat(resolvedOptions(new Map(Object.entries(options.format)), context));
  // A folder of the server's is nobody's to hand out who may not name such places.
  if (options.url !== '') context.names.rights?.assertInAccount('CREATE INTEGRATION');
  const plain: StageEntry = {
    ...options,
    kind: 'stage',
    id: context.newId(),
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    temporary: create.temporary,
  };
  const stage = attached(plain, attachments, context);
  let replaced: StageEntry | undefined;
  const table = await context.change({
    work: async (edit) => {
      const existing = context.names.findIn(place.schema, 'stage', place.name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        edit.drop(existing, context.now);
        replaced = existing;
      }
      edit.put(stage);
      return statusRow(`Stage area ${place.name} successfully created.`);
    },
  });
  if (replaced !== undefined) await context.stages.removeAll(`s${replaced.id}`);
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

type StageOptions = Pick<StageEntry, 'url' | 'format' | 'comment' | 'copyOptions' | 'directory'> & {
  readonly attachments: readonly Attachment[];
};

function parseStageOptions(cursor: TokenCursor): StageOptions {
  let url = '';
  let comment = '';
  let copyOptions: string | undefined;
  let directory = false;
  let format: FormatOptions = new Map();
  const attachments: Attachment[] = [];
  while (!cursor.atEnd) {
    cursor.acceptSymbol(',');
    const attachment = parseAttachments(cursor);
    if (attachment !== undefined) {
      attachments.push(...attachment);
      continue;
    }
    const key = cursor.identifier();
    cursor.expectSymbol('=');
    if (key === 'URL') url = cursor.stringLiteral();
    else if (key === 'COMMENT') comment = cursor.stringLiteral();
    else if (key === 'FILE_FORMAT') format = parseFormatOptions(cursor);
    else if (key === 'COPY_OPTIONS') copyOptions = cursor.parenthesised().text.trim();
    else if (key === 'DIRECTORY') directory = /enable\s*=\s*true/i.test(cursor.parenthesised().text);
    else if (key === 'ENCRYPTION' || key === 'CREDENTIALS') cursor.parenthesised();
    else if (key === 'STORAGE_INTEGRATION' || key === 'REGION') optionValue(cursor);
    else throw unsupported(`CREATE STAGE … ${key}`);
  }
  return {
    url,
    comment,
    format: Object.fromEntries(format),
    attachments,
    ...(copyOptions === undefined ? {} : { copyOptions }),
    ...(directory ? { directory } : {}),
  };
}
