import type { CommandContext } from '../../engine/command.js';
import { missing } from '../../engine/session-names.js';
import { TokenCursor } from '../token-cursor.js';
import { type FileFormat, type FormatOptions, fileFormat } from './file-format.js';

/**
 * The options with those of the format that FORMAT_NAME names before them. Throws 002003 when no format has the name.
 */
export function resolvedOptions(options: FormatOptions, context: Pick<CommandContext, 'names'>): FormatOptions {
  const [name] = options.get('FORMAT_NAME') ?? [];
  if (name === undefined) return options;
  const { FORMAT_NAME: _name, ...own } = Object.fromEntries(options);
  return new Map([...Object.entries(namedOptions(name, context)), ...Object.entries(own)]);
}

function namedOptions(
  name: string,
  { names }: Pick<CommandContext, 'names'>,
): Readonly<Record<string, readonly string[]>> {
  const cursor = new TokenCursor(name);
  const parts = cursor.name();
  cursor.expectEnd();
  const place = names.place(parts, 'FILE FORMAT');
  const entry = names.findIn(place.schema, 'file format', place.name);
  if (entry === undefined) throw missing('File format', place);
  return entry.options;
}

/** What COPY or a query reads with: its own options, else the stage's. */
export function formatFor(
  options: FormatOptions,
  stage: { readonly format: Readonly<Record<string, readonly string[]>> } | undefined,
  context: Pick<CommandContext, 'names'>,
): FileFormat {
  const given = options.size > 0 ? options : new Map(Object.entries(stage?.format ?? {}));
  return fileFormat(resolvedOptions(given, context));
}
