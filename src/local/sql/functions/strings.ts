import { asText } from '../emit/coerce.js';
import { collate, collationOf, commonCollation, foldedText } from '../emit/collated.js';
import { textOf } from '../emit/text-casts.js';
import { BINARY, BOOLEAN, INTEGER, TEXT, type Typed, typed, VARIANT } from '../emit/typed.js';
import { duckString } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

const text = (sql: string): Typed => typed(sql, TEXT, true);
const binary = (sql: string): Typed => typed(sql, BINARY, true);
const number = (sql: string): Typed => typed(sql, INTEGER);
const variant = (sql: string): Typed => typed(sql, VARIANT, true);
const boolean = (sql: string): Typed => typed(sql, BOOLEAN, true);

const one = (name: string) => rule(1, 1, (call) => text(`${name}(${call.text(0)})`));
const isBinary = (call: Call, i: number): boolean => call.arg(i).type.name === 'BINARY';

/** Functions of text that also work on BINARY: a macro of their own counts bytes. */
function textOrBinary(min: number, max: number, name: string, binaryName: string, extra: (call: Call) => string[]) {
  return rule(min, max, (call) => {
    const rest = extra(call)
      .map((arg) => `, ${arg}`)
      .join('');
    return isBinary(call, 0)
      ? binary(`_fn.${binaryName}(${call.sql(0)}${rest})`)
      : text(`${name}(${call.text(0)}${rest})`);
  });
}

function concat(call: Call): Typed {
  const args = call.args();
  if (args.every((arg) => arg.type.name === 'BINARY')) return binary(`(${args.map((arg) => arg.sql).join(' || ')})`);
  return text(`(${args.map((arg) => textOf(arg)).join(' || ')})`);
}

function concatWs(call: Call): Typed {
  const [separator = '', ...rest] = call.args().map((arg) => textOf(arg));
  if (rest.length === 1) return text(`CASE WHEN ${separator} IS NOT NULL THEN ${rest[0]} END`);
  return text(`(${rest.join(` || ${separator} || `)})`);
}

const trimmed = (name: string) =>
  rule(1, 2, (call) =>
    text(call.has(1) ? `${name}(${call.text(0)}, ${call.text(1)})` : `${name}(${call.text(0)}, ' ')`),
  );

function pad(side: 'lpad' | 'rpad') {
  return rule(2, 3, (call) => {
    if (isBinary(call, 0)) return binary(`_fn.${side}_binary(${call.sql(0)}, ${call.integer(1)}, ${call.sql(2)})`);
    return text(`_fn.${side}_text(${call.text(0)}, ${call.integer(1)}, ${call.has(2) ? call.text(2) : "' '"})`);
  });
}

const substring = rule(2, 3, (call) => {
  const length = call.has(2) ? `, ${counted(call, 2)}` : '';
  if (isBinary(call, 0))
    return binary(`_fn.substr_binary(${call.sql(0)}, ${call.integer(1)}${call.has(2) ? length : ', 2147483647'})`);
  return text(`_fn.substring(${call.text(0)}, ${call.integer(1)}${call.has(2) ? length : ', 2147483647'})`);
});

/** A number of characters: none below zero, and NULL for NULL. */
function counted(call: Call, i: number): string {
  const value = call.integer(i);
  if (typeof call.arg(i).literal === 'number') return `greatest(${value}, 0)`;
  return `CASE WHEN ${value} < 0 THEN 0 ELSE ${value} END`;
}

/** The pattern of a regular expression with its flags in front: c and i for case, m for lines, s for the dot; `e` means groups and is read elsewhere. */
function pattern(call: Call, i: number, flagsAt: number): string {
  if (!call.has(flagsAt)) return call.text(i);
  const { literal } = call.arg(flagsAt);
  if (literal === null) return 'CAST(NULL AS VARCHAR)';
  if (typeof literal !== 'string')
    throw call.error('001015', '22023', `argument ${flagsAt + 1} to function ${call.name} needs to be constant`);
  const caseFlag = [...literal].filter((c) => c === 'i' || c === 'c').pop();
  const flags = `${caseFlag === 'i' ? 'i' : ''}${literal.includes('m') ? 'm' : ''}${literal.includes('s') ? 's' : ''}`;
  return flags === '' ? call.text(i) : `('(?${flags})' || ${call.text(i)})`;
}

const count = (call: Call, i: number, otherwise: string): string => (call.has(i) ? call.integer(i) : otherwise);

const regexpReplace = rule(2, 6, (call) => {
  const replacement = call.has(2) ? call.text(2) : "''";
  const position = count(call, 3, '1');
  const occurrence = count(call, 4, '0');
  const shape = pattern(call, 1, 5);
  if (position === '1' && occurrence === '0')
    return text(`_fn.regexp_replace_all(${call.text(0)}, ${shape}, ${replacement})`);
  return text(`_fn.regexp_replace_nth(${call.text(0)}, ${shape}, ${replacement}, ${position}, ${occurrence})`);
});

/** `e`, or a group number, asks for a group of the match; a pattern without groups is taken as a whole. */
function group(call: Call, flagsAt: number, groupAt: number): string {
  const { literal } = call.arg(1);
  if (typeof literal === 'string' && !/(?<!\\)(?:\\\\)*\((?!\?)/.test(literal)) return '0';
  if (call.has(groupAt)) return call.integer(groupAt);
  const given = call.has(flagsAt) ? call.arg(flagsAt).literal : undefined;
  return typeof given === 'string' && given.includes('e') ? '1' : '0';
}

const regexpSubstr = rule(2, 6, (call) =>
  text(
    `_fn.regexp_substr(${call.text(0)}, ${pattern(call, 1, 4)}, ${count(call, 2, '1')}, ${count(call, 3, '1')}, ${group(call, 4, 5)})`,
  ),
);

const regexpSubstrAll = rule(2, 6, (call) =>
  typed(
    `to_json(regexp_extract_all(substr(${call.text(0)}, ${count(call, 2, '1')}), ${pattern(call, 1, 4)}, ${group(call, 4, 5)})[${count(call, 3, '1')}:])`,
    { name: 'ARRAY' },
    true,
  ),
);

const regexpInstr = rule(2, 7, (call) => {
  const at = [call.text(0), pattern(call, 1, 5), count(call, 2, '1'), count(call, 3, '1'), count(call, 4, '0')];
  const wanted = group(call, 5, 6);
  if (wanted === '0') return number(`_fn.regexp_instr(${at.join(', ')})`);
  return number(`_fn.regexp_instr_group(${at.join(', ')}, ${wanted})`);
});

const regexpCount = rule(2, 4, (call) =>
  number(`_fn.regexp_count(${call.text(0)}, ${pattern(call, 1, 3)}, ${count(call, 2, '1')})`),
);

const regexpLike = rule(2, 3, (call) => boolean(`regexp_full_match(${call.text(0)}, ${pattern(call, 1, 2)})`));

/** A digest's text takes text as UTF-8 and BINARY as its bytes. */
const digestSource = (call: Call): string => (isBinary(call, 0) ? call.sql(0) : call.text(0));
const digest = (name: string) => rule(1, 1, (call) => text(`${name}(${digestSource(call)})`));
/** DuckDB has SHA-256 itself; the other lengths are `registerDigests`'s. */
function sha2Hex(call: Call): string {
  const bits = call.has(1) ? call.arg(1).literal : 256;
  if (bits === null) return 'CAST(NULL AS VARCHAR)';
  if (bits === 256 || bits === 0) return `sha256(${digestSource(call)})`;
  if (bits !== 224 && bits !== 384 && bits !== 512) {
    throw call.error(
      '001015',
      '22023',
      `argument 2 to function ${call.name} needs to be the constant 224, 256, 384 or 512`,
    );
  }
  return `sha2_digest(${isBinary(call, 0) ? call.sql(0) : `encode(${call.text(0)})`}, ${bits})`;
}
const sha2 = rule(1, 2, (call) => text(sha2Hex(call)));

/** COMPRESS's second argument: a method, with an optional level in parentheses. */
function method(call: Call): string {
  const name = /^(\w+)(?:\(-?\d+\))?$/.exec(call.word(1))?.[1] ?? '';
  if (name !== 'ZLIB' && name !== 'DEFLATE') throw unsupported(`compression method '${name}'`);
  return `'${name}'`;
}

/** A text and what is looked for in it, without what the collation of either leaves out of account. */
function foldedPair(call: Call): [string, string] {
  const collation = commonCollation(call.arg(0), call.arg(1));
  const folded = (i: number): string => (collation === undefined ? call.text(i) : foldedText(call.text(i), collation));
  return [folded(0), folded(1)];
}

const position = rule(2, 3, (call) => {
  const from = call.has(2) ? call.integer(2) : '1';
  if (isBinary(call, 0) && isBinary(call, 1))
    return number(`_fn.position_binary(${call.sql(0)}, ${call.sql(1)}, ${from})`);
  const [part, whole] = foldedPair(call);
  return number(`_fn.position_from(${part}, ${whole}, ${from})`);
});

const like = (op: string) =>
  rule(2, 3, (call) =>
    boolean(`(${call.text(0)} ${op} ${call.text(1)}${call.has(2) ? ` ESCAPE ${call.text(2)}` : ''})`),
  );

/** The hexadecimal text of a BINARY has two digits a byte, so a byte's prefix or suffix is one of the text. */
const affix = (name: string) => rule(2, 2, (call) => boolean(`${name}(${foldedPair(call).join(', ')})`));

export const STRINGS: FunctionTable = {
  LENGTH: rule(1, 1, (call) => number(isBinary(call, 0) ? `octet_length(${call.sql(0)})` : `length(${call.text(0)})`)),
  LEN: rule(1, 1, (call) => number(isBinary(call, 0) ? `octet_length(${call.sql(0)})` : `length(${call.text(0)})`)),
  OCTET_LENGTH: rule(1, 1, (call) =>
    number(isBinary(call, 0) ? `octet_length(${call.sql(0)})` : `strlen(${call.text(0)})`),
  ),
  BIT_LENGTH: rule(1, 1, (call) =>
    number(isBinary(call, 0) ? `(octet_length(${call.sql(0)}) * 8)` : `(strlen(${call.text(0)}) * 8)`),
  ),
  RTRIMMED_LENGTH: rule(1, 1, (call) => number(`length(rtrim(${call.text(0)}, ' '))`)),
  UPPER: one('upper'),
  LOWER: one('lower'),
  INITCAP: rule(1, 2, (call) =>
    text(call.has(1) ? `_fn.initcap_by(${call.text(0)}, ${call.text(1)})` : `_fn.initcap(${call.text(0)})`),
  ),
  REVERSE: rule(1, 1, (call) =>
    isBinary(call, 0) ? binary(`_fn.reverse_binary(${call.sql(0)})`) : text(`reverse(${call.text(0)})`),
  ),
  CONCAT: rule(1, 99, concat),
  CONCAT_WS: rule(2, 99, concatWs),
  TRIM: trimmed('trim'),
  LTRIM: trimmed('ltrim'),
  RTRIM: trimmed('rtrim'),
  LPAD: pad('lpad'),
  RPAD: pad('rpad'),
  LEFT: textOrBinary(2, 2, 'left', 'left_binary', (call) => [counted(call, 1)]),
  RIGHT: textOrBinary(2, 2, 'right', 'right_binary', (call) => [counted(call, 1)]),
  SUBSTR: substring,
  SUBSTRING: substring,
  REPEAT: rule(2, 2, (call) => text(`repeat(${call.text(0)}, ${counted(call, 1)})`)),
  SPACE: rule(1, 1, (call) => text(`repeat(' ', CAST(round(${call.number(0).sql}) AS BIGINT))`)),
  REPLACE: rule(2, 3, (call) =>
    text(`replace(${call.text(0)}, ${call.text(1)}, ${call.has(2) ? call.text(2) : "''"})`),
  ),
  TRANSLATE: rule(3, 3, (call) => text(`translate(${call.text(0)}, ${call.text(1)}, ${call.text(2)})`)),
  INSERT: rule(4, 4, (call) => {
    const [at, length] = [call.integer(1), call.integer(2)];
    if (isBinary(call, 0) && isBinary(call, 3))
      return binary(`_fn.insert_binary(${call.sql(0)}, ${at}, ${length}, ${call.sql(3)})`);
    return text(`_fn.insert_text(${call.text(0)}, ${at}, ${length}, ${call.text(3)})`);
  }),
  POSITION: position,
  CHARINDEX: position,
  CONTAINS: rule(2, 2, (call) => {
    if (isBinary(call, 0)) return boolean(`_fn.contains_binary(${call.sql(0)}, ${call.sql(1)})`);
    return boolean(`contains(${foldedPair(call).join(', ')})`);
  }),
  STARTSWITH: affix('starts_with'),
  ENDSWITH: affix('ends_with'),
  LIKE: like('LIKE'),
  ILIKE: like('ILIKE'),
  SPLIT_PART: rule(3, 3, (call) => text(`_fn.split_part(${call.text(0)}, ${call.text(1)}, ${call.integer(2)})`)),
  STRTOK: rule(1, 3, (call) =>
    text(
      `_fn.strtok_list(${call.text(0)}, ${call.has(1) ? call.text(1) : "' '"})[${call.has(2) ? call.integer(2) : '1'}]`,
    ),
  ),
  ASCII: rule(1, 1, (call) => number(`CASE WHEN ${call.text(0)} = '' THEN 0 ELSE ascii(${call.text(0)}) END`)),
  UNICODE: rule(1, 1, (call) => number(`CASE WHEN ${call.text(0)} = '' THEN 0 ELSE unicode(${call.text(0)}) END`)),
  CHR: rule(1, 1, (call) => text(`_fn.chr(${call.integer(0)})`)),
  CHAR: rule(1, 1, (call) => text(`_fn.chr(${call.integer(0)})`)),
  SOUNDEX_P123: rule(1, 1, (call) => text(`_fn.soundex_p123(${call.text(0)})`)),
  SOUNDEX: rule(1, 1, (call) => text(`_fn.soundex(${call.text(0)})`)),
  EDITDISTANCE: rule(2, 3, (call) =>
    number(
      call.has(2)
        ? `_fn.distance_up_to(_fn.edit_distance(${call.text(0)}, ${call.text(1)}), ${call.integer(2)})`
        : `_fn.edit_distance(${call.text(0)}, ${call.text(1)})`,
    ),
  ),
  JAROWINKLER_SIMILARITY: rule(2, 2, (call) =>
    number(`CAST(floor(jaro_winkler_similarity(lower(${call.text(0)}), lower(${call.text(1)})) * 100) AS BIGINT)`),
  ),
  REGEXP_REPLACE: regexpReplace,
  REGEXP_SUBSTR: regexpSubstr,
  REGEXP_INSTR: regexpInstr,
  REGEXP_COUNT: regexpCount,
  REGEXP_LIKE: regexpLike,
  RLIKE: regexpLike,
  REGEXP: regexpLike,
  REGEXP_SUBSTR_ALL: regexpSubstrAll,
  REGEXP_EXTRACT_ALL: regexpSubstrAll,
  MD5: digest('md5'),
  MD5_HEX: digest('md5'),
  MD5_BINARY: rule(1, 1, (call) => binary(`unhex(md5(${digestSource(call)}))`)),
  SHA1: digest('sha1'),
  SHA1_HEX: digest('sha1'),
  SHA1_BINARY: rule(1, 1, (call) => binary(`unhex(sha1(${digestSource(call)}))`)),
  SHA2: sha2,
  SHA2_HEX: sha2,
  SHA2_BINARY: rule(1, 2, (call) => binary(`unhex(${sha2Hex(call)})`)),
  HASH: rule(1, 99, (call) => number(`_fn.signed_hash(hash(${call.starredArgs().map(asText).join(', ')}))`)),
  HEX_ENCODE: rule(1, 2, (call) => {
    const sql = `hex(${digestSource(call)})`;
    return text(call.has(1) ? `CASE WHEN ${call.integer(1)} = 0 THEN lower(${sql}) ELSE ${sql} END` : sql);
  }),
  HEX_DECODE_STRING: rule(1, 1, (call) => text(`decode(_fn.hex_bytes(${call.text(0)}))`)),
  HEX_DECODE_BINARY: rule(1, 1, (call) => binary(`_fn.hex_bytes(${call.text(0)})`)),
  TRY_HEX_DECODE_STRING: rule(1, 1, (call) => text(`TRY(decode(_fn.try_unhex(${call.text(0)})))`)),
  TRY_HEX_DECODE_BINARY: rule(1, 1, (call) => binary(`_fn.try_unhex(${call.text(0)})`)),
  BASE64_ENCODE: rule(1, 3, (call) =>
    text(
      `_fn.base64_wrap(to_base64(${isBinary(call, 0) ? call.sql(0) : `encode(${call.text(0)})`}), ${call.has(1) ? call.integer(1) : '0'}, ${call.has(2) ? call.text(2) : "'+/='"})`,
    ),
  ),
  BASE64_DECODE_STRING: rule(1, 2, (call) =>
    text(`decode(from_base64(_fn.base64_plain(${call.text(0)}, ${call.has(1) ? call.text(1) : "'+/='"})))`),
  ),
  BASE64_DECODE_BINARY: rule(1, 2, (call) =>
    binary(`from_base64(_fn.base64_plain(${call.text(0)}, ${call.has(1) ? call.text(1) : "'+/='"}))`),
  ),
  TRY_BASE64_DECODE_STRING: rule(1, 2, (call) =>
    text(`TRY(decode(from_base64(_fn.base64_plain(${call.text(0)}, ${call.has(1) ? call.text(1) : "'+/='"}))))`),
  ),
  TRY_BASE64_DECODE_BINARY: rule(1, 2, (call) =>
    binary(`TRY(from_base64(_fn.base64_plain(${call.text(0)}, ${call.has(1) ? call.text(1) : "'+/='"})))`),
  ),
  MD5_NUMBER_LOWER64: rule(1, 1, (call) => number(`CAST('0x' || right(md5(${digestSource(call)}), 16) AS UBIGINT)`)),
  MD5_NUMBER_UPPER64: rule(1, 1, (call) => number(`CAST('0x' || left(md5(${digestSource(call)}), 16) AS UBIGINT)`)),
  UUID_STRING: rule(0, 2, (call) =>
    call.count === 0 ? text('CAST(uuid() AS VARCHAR)') : text(`_fn.uuid_of(${call.text(0)}, ${call.text(1)})`),
  ),
  RANDSTR: rule(2, 2, (call) => text(`_fn.random_text(CAST(${call.integer(0)} AS INTEGER), ${call.sql(1)})`)),
  PARSE_IP: rule(2, 3, (call) => {
    if (call.word(1) !== 'INET') throw call.error('001015', '22023', "argument 2 to function PARSE_IP must be 'INET'");
    return variant(`_fn.parsed_ip(parse_ip_address(${call.text(0)}), ${call.has(2) && call.integer(2) === '1'})`);
  }),
  COMPRESS: rule(2, 2, (call) =>
    binary(`compress_bytes(${isBinary(call, 0) ? call.sql(0) : `encode(${call.text(0)})`}, ${method(call)})`),
  ),
  DECOMPRESS_BINARY: rule(2, 2, (call) => binary(`_fn.decompressed(${call.sql(0)}, ${method(call)})`)),
  DECOMPRESS_STRING: rule(2, 2, (call) => text(`decode(_fn.decompressed(${call.sql(0)}, ${method(call)}))`)),
  PARSE_URL: rule(1, 2, (call) =>
    typed(
      `_fn.parse_url(${call.text(0)}, ${call.has(1) && call.integer(1) === '1' ? 'TRUE' : 'FALSE'})`,
      { name: 'OBJECT' },
      true,
    ),
  ),
  COLLATE: rule(2, 2, (call) => {
    const { literal } = call.arg(1);
    if (typeof literal !== 'string') throw call.error('001015', '22023', 'the collation needs to be constant');
    return collate(typed(call.text(0), TEXT, true), literal);
  }),
  COLLATION: rule(1, 1, (call) => {
    const collation = collationOf(call.arg(0));
    return text(collation === undefined ? 'CAST(NULL AS VARCHAR)' : duckString(collation));
  }),
};
