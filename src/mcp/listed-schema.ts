import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';

type JsonSchema = Readonly<Record<string, unknown>>;

type Silent = (member: string, value: unknown) => boolean;

/** Members that say nothing: every client pays for them with each list of tools. */
function saysNothing(member: string, value: unknown): boolean {
  switch (member) {
    // Without it a schema is of the dialect 2020-12, which is the one used here.
    case '$schema':
      return true;
    case 'minimum':
      return value === Number.MIN_SAFE_INTEGER;
    case 'maximum':
      return value === Number.MAX_SAFE_INTEGER;
    default:
      return false;
  }
}

/** An answer may get more members later on without breaking a client that has read an older list. */
function openEnded(member: string, value: unknown): boolean {
  return member === 'additionalProperties' || saysNothing(member, value);
}

function without(silent: Silent, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => without(silent, item));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([member, value]) => !silent(member, value))
      // Names of properties are not words of JSON Schema.
      .map(([member, value]) => [member, member === 'properties' ? each(silent, value) : without(silent, value)]),
  );
}

function each(silent: Silent, properties: object): JsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, without(silent, schema)]));
}

type Converter = StandardSchemaWithJSON['~standard']['jsonSchema']['input'];

/** Converted once for each dialect: the server of a request is new, its tools are the same as before. */
function kept(convert: (options: Parameters<Converter>[0]) => unknown): Converter {
  const made = new Map<string, Record<string, unknown>>();
  return (options) => {
    const key = String(options.target);
    const schema = made.get(key) ?? (convert(options) as Record<string, unknown>);
    made.set(key, schema);
    return schema;
  };
}

/**
 * A schema as clients see it: what `listed` says, in few characters, while values are checked by `validate`. Tools check their
 * arguments themselves, so that a bad one is answered like every other error, with a code and a hint.
 */
export function listedSchema(
  listed: StandardSchemaWithJSON,
  validate: StandardSchemaWithJSON['~standard']['validate'],
): StandardSchemaWithJSON {
  const { jsonSchema } = listed['~standard'];
  return {
    '~standard': {
      version: 1,
      vendor: 'mcp-snow',
      validate,
      jsonSchema: {
        input: kept((options) => without(saysNothing, jsonSchema.input(options))),
        output: kept((options) => without(openEnded, jsonSchema.output(options))),
      },
    },
  };
}
