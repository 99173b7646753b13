import type { SnowflakeType } from '../../engine/snowflake-type.js';

/** A piece of a script with its place in it, for errors that name line and position. */
export interface ScriptText {
  readonly text: string;
  readonly offset: number;
}

/** What a name is declared as. */
export type Declaration =
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly type?: SnowflakeType;
      readonly value?: ScriptText;
    }
  | { readonly kind: 'cursor'; readonly name: string; readonly query: ScriptText }
  | { readonly kind: 'resultset'; readonly name: string; readonly query?: ScriptText }
  | { readonly kind: 'exception'; readonly name: string; readonly number: number; readonly message: string };

/** `WHEN a OR b THEN …`; OTHER takes what no other handler does. */
export interface Handler {
  readonly names: readonly string[];
  readonly resume: boolean;
  readonly body: readonly ScriptStatement[];
}

export interface Block {
  readonly declarations: readonly Declaration[];
  readonly body: readonly ScriptStatement[];
  readonly handlers: readonly Handler[];
}

export interface Branch {
  readonly condition: ScriptText;
  readonly body: readonly ScriptStatement[];
}

/** Offsets are in the script's text. */
export type ScriptStatement = { readonly offset: number } & (
  | { readonly kind: 'block'; readonly block: Block }
  | { readonly kind: 'let'; readonly declaration: Declaration }
  | { readonly kind: 'assign'; readonly name: string; readonly value: ScriptText }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly ScriptStatement[] }
  | {
      readonly kind: 'case';
      readonly operand?: ScriptText;
      readonly branches: readonly Branch[];
      readonly otherwise?: readonly ScriptStatement[];
    }
  | {
      readonly kind: 'count';
      readonly name: string;
      readonly from: ScriptText;
      readonly to: ScriptText;
      readonly reverse: boolean;
      readonly body: readonly ScriptStatement[];
      readonly label?: string;
    }
  | {
      readonly kind: 'each';
      readonly name: string;
      readonly source: string;
      readonly body: readonly ScriptStatement[];
      readonly label?: string;
    }
  | {
      readonly kind: 'while' | 'repeat';
      readonly condition: ScriptText;
      readonly body: readonly ScriptStatement[];
      readonly label?: string;
    }
  | { readonly kind: 'loop'; readonly body: readonly ScriptStatement[]; readonly label?: string }
  | { readonly kind: 'break' | 'continue'; readonly label?: string }
  | { readonly kind: 'return'; readonly value?: ScriptText; readonly table?: ScriptText }
  | { readonly kind: 'raise'; readonly name?: string }
  | { readonly kind: 'open'; readonly cursor: string; readonly using: readonly ScriptText[] }
  | { readonly kind: 'fetch'; readonly cursor: string; readonly into: readonly string[] }
  | { readonly kind: 'close'; readonly cursor: string }
  | { readonly kind: 'null' }
  | {
      readonly kind: 'execute';
      readonly text: ScriptText;
      readonly using: readonly ScriptText[];
      readonly into: readonly string[];
    }
  /** A statement of SQL; `into` names the variables that take its only row. */
  | { readonly kind: 'sql'; readonly text: ScriptText; readonly into: readonly string[] }
);
