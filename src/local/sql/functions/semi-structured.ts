import { castTo } from '../emit/cast.js';
import { jsonKey } from '../emit/json-path.js';
import { TEXT, type Type, type Typed, typed, VARIANT } from '../emit/typed.js';
import { parseExpressionText } from '../grammar/statements.js';
import { duckString } from '../lexer.js';
import { type Call, type FunctionTable, rule } from './call.js';
import { variant } from './json-types.js';

function isText(value: Typed): boolean {
  return value.type.name === 'TEXT' || value.type.name === 'NULL' || value.type.name === 'UNKNOWN';
}

const JSON_VARIANT: Type = { name: 'VARIANT', holds: 'JSON' };

/** `'d'` takes the last of equal keys, `'s'`, what is taken without it, none. */
function takesLastOfEqual(call: Call): boolean {
  const parameter = call.has(1) ? call.word(1) : 'S';
  if (parameter !== 'D' && parameter !== 'S')
    throw call.error('001015', '22023', `argument 2 to function ${call.name} must be 'd' or 's'`);
  return parameter === 'D';
}

const parsing = (macro: string) =>
  rule(1, 2, (call) => {
    const last = takesLastOfEqual(call);
    const value = call.arg(0);
    if (isText(value)) return typed(`_fn.${macro}(${call.text(0)}, ${last})`, JSON_VARIANT, true);
    return value.type.name === 'VARIANT' ? parsedAgain(value, macro, last) : castTo(value, VARIANT);
  });

/** A VARIANT that holds a text is parsed as that text is; what else it holds stays as it is. */
function parsedAgain({ sql }: Typed, macro: string, last: boolean): Typed {
  const parsed = `_fn.${macro}(${sql} ->> '$', ${last})`;
  return typed(`CASE WHEN json_type(${sql}) = 'VARCHAR' THEN ${parsed} ELSE ${sql} END`, JSON_VARIANT, true);
}

/** The path's text is what stands behind a colon in SQL. */
function constantPath(text: string, call: Call): string {
  const node = parseExpressionText(text.startsWith('[') ? `v${text}` : `v:${text}`);
  if (node.kind !== 'path' || node.arg.kind !== 'column')
    throw call.error('001003', '42000', `syntax error in the path '${text}'`);
  return `$${node.steps
    .map((step) => {
      if ('key' in step) return `.${jsonKey(step.key)}`;
      const { index } = step;
      if (index.kind === 'column') return `.${jsonKey(index.parts[0]?.name ?? '')}`;
      if (index.kind !== 'number') throw call.error('001003', '42000', `syntax error in the path '${text}'`);
      return `[${index.text}]`;
    })
    .join('')}`;
}

/** A path as GET_PATH takes it: `a.b[0]`. */
function jsonPath(call: Call, i: number): string {
  const { literal } = call.arg(i);
  return typeof literal === 'string' ? duckString(constantPath(literal, call)) : `_fn.json_path(${call.text(i)})`;
}

const getPath = rule(2, 2, (call) => variant(`json_extract(${call.json(0)}, ${jsonPath(call, 1)})`));

const get = rule(2, 2, (call) => variant(`_fn.element(${call.json(0)}, ${call.text(1)})`));

export const SEMI_STRUCTURED: FunctionTable = {
  PARSE_JSON: parsing('parse_json'),
  TRY_PARSE_JSON: parsing('try_parse_json'),
  CHECK_JSON: rule(1, 1, (call) => typed(`_fn.json_problem(${call.text(0)})`, TEXT, true)),
  STRIP_NULL_VALUE: rule(1, 1, (call) =>
    variant(`CASE WHEN json_type(${call.json(0)}) = 'NULL' THEN NULL ELSE ${call.json(0)} END`),
  ),
  GET_PATH: getPath,
  JSON_EXTRACT_PATH_TEXT: rule(2, 2, (call) =>
    typed(
      `json_extract_string(${isText(call.arg(0)) ? `_fn.parse_json(${call.text(0)}, FALSE)` : call.json(0)}, ${jsonPath(call, 1)})`,
      TEXT,
      true,
    ),
  ),
  GET: get,
  GET_IGNORE_CASE: rule(2, 2, (call) => variant(`_fn.element_any_case(${call.json(0)}, ${call.text(1)})`)),
};
