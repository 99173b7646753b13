import { parseDataType } from '../grammar/data-types.js';
import { TokenCursor } from '../token-cursor.js';
import type { Block, Branch, Declaration, Handler, ScriptStatement } from './script.js';
import { expression, sqlStatement, targets, usingValues } from './sql-texts.js';

/** Statements nested deeper than this are refused: each level is a call of the interpreter's own. */
const MOST_NESTED = 100;

/** Calls that tell a log or a trace: there is none that would keep it. */
const LOGGING = /^SYSTEM\$(LOG(_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL))?|ADD_EVENT|SET_SPAN_ATTRIBUTES)$/;

/** Parses a Snowflake Scripting block, `[DECLARE …] BEGIN … [EXCEPTION …] END`. Throws 001003 with the place of what was not expected. */
export function parseScript(text: string, timestampType: string): Block {
  const cursor = new TokenCursor(text, timestampType);
  const block = new ScriptParser(cursor).block();
  cursor.acceptSymbol(';');
  cursor.expectEnd();
  return block;
}

class ScriptParser {
  readonly #cursor: TokenCursor;
  #depth = 0;

  constructor(cursor: TokenCursor) {
    this.#cursor = cursor;
  }

  block(): Block {
    const cursor = this.#cursor;
    this.#depth += 1;
    if (this.#depth > MOST_NESTED) throw cursor.error();
    const declarations: Declaration[] = [];
    if (cursor.accept('DECLARE')) {
      while (!cursor.isKeyword('BEGIN')) {
        declarations.push(this.#declaration(cursor.identifier()));
        cursor.expectSymbol(';');
      }
    }
    cursor.expect('BEGIN');
    const body = this.#statements(['EXCEPTION', 'END']);
    const handlers: Handler[] = [];
    if (cursor.accept('EXCEPTION')) while (cursor.isKeyword('WHEN')) handlers.push(this.#handler());
    cursor.expect('END');
    this.#depth -= 1;
    return { declarations, body, handlers };
  }

  #handler(): Handler {
    const cursor = this.#cursor;
    cursor.expect('WHEN');
    const names = [cursor.identifier()];
    while (cursor.accept('OR')) names.push(cursor.identifier());
    const resume = cursor.acceptOneOf('CONTINUE', 'EXIT') === 'CONTINUE';
    cursor.expect('THEN');
    return { names, resume, body: this.#statements(['WHEN', 'END']) };
  }

  #statements(ends: readonly string[]): ScriptStatement[] {
    const cursor = this.#cursor;
    const statements: ScriptStatement[] = [];
    while (!ends.some((word) => cursor.isKeyword(word))) {
      statements.push(this.#statement());
      cursor.expectSymbol(';');
    }
    return statements;
  }

  #statement(): ScriptStatement {
    const cursor = this.#cursor;
    const offset = cursor.peek().start;
    const { kind, value: word } = cursor.peek();
    if ((kind === 'word' || kind === 'quoted') && cursor.isSymbol(':=', 1)) {
      const name = cursor.identifier();
      cursor.next();
      return { kind: 'assign', offset, name, value: expression(cursor, []) };
    }
    if (kind !== 'word') return sqlStatement(cursor, offset);
    if (LOGGING.test(word) && cursor.isSymbol('(', 1)) {
      cursor.next();
      cursor.parenthesised();
      return { kind: 'null', offset };
    }
    const parse = this.#special(word);
    return parse === undefined ? sqlStatement(cursor, offset) : parse(offset);
  }

  #special(word: string): ((offset: number) => ScriptStatement) | undefined {
    const cursor = this.#cursor;
    switch (word) {
      case 'BEGIN':
        if (cursor.isSymbol(';', 1) || ['TRANSACTION', 'WORK', 'NAME'].includes(cursor.peek(1).value)) return undefined;
        return (offset) => ({ kind: 'block', offset, block: this.block() });
      case 'DECLARE':
        return (offset) => ({ kind: 'block', offset, block: this.block() });
      case 'LET':
        return (offset) => {
          cursor.next();
          return { kind: 'let', offset, declaration: this.#declaration(cursor.identifier()) };
        };
      case 'IF':
        return (offset) => this.#if(offset);
      case 'CASE':
        return (offset) => this.#case(offset);
      case 'FOR':
        return (offset) => this.#for(offset);
      case 'WHILE':
        return (offset) => {
          cursor.next();
          const condition = expression(cursor, ['DO', 'LOOP']);
          const close = cursor.acceptOneOf('DO', 'LOOP') === 'LOOP' ? 'LOOP' : 'WHILE';
          return { kind: 'while', offset, condition, ...this.#loopBody(close) };
        };
      case 'REPEAT':
        return (offset) => {
          cursor.next();
          const body = this.#statements(['UNTIL']);
          cursor.expect('UNTIL');
          const condition = expression(cursor, ['END']);
          cursor.expect('END', 'REPEAT');
          return { kind: 'repeat', offset, condition, body, ...this.#label() };
        };
      case 'LOOP':
        return (offset) => {
          cursor.next();
          return { kind: 'loop', offset, ...this.#loopBody('LOOP') };
        };
      case 'BREAK':
      case 'EXIT':
        return (offset) => this.#jump('break', offset);
      case 'CONTINUE':
      case 'ITERATE':
        return (offset) => this.#jump('continue', offset);
      case 'RETURN':
        return (offset) => this.#return(offset);
      case 'RAISE':
        return (offset) => {
          cursor.next();
          return cursor.isSymbol(';')
            ? { kind: 'raise', offset }
            : { kind: 'raise', offset, name: cursor.identifier() };
        };
      case 'OPEN':
        return (offset) => {
          cursor.next();
          return { kind: 'open', offset, cursor: cursor.identifier(), using: usingValues(cursor) };
        };
      case 'FETCH':
        return (offset) => {
          cursor.next();
          const name = cursor.identifier();
          cursor.expect('INTO');
          return { kind: 'fetch', offset, cursor: name, into: targets(cursor) };
        };
      case 'CLOSE':
        return (offset) => {
          cursor.next();
          return { kind: 'close', offset, cursor: cursor.identifier() };
        };
      case 'ASYNC':
        // Its statement has ended by the time that AWAIT asks for it.
        if (!cursor.isSymbol('(', 1)) return undefined;
        return (offset) => {
          cursor.next();
          return { kind: 'sql', offset, text: cursor.parenthesised(), into: [] };
        };
      case 'AWAIT':
      case 'CANCEL':
        return (offset) => {
          cursor.next();
          cursor.identifier();
          return { kind: 'null', offset };
        };
      case 'NULL':
        return (offset) => {
          cursor.next();
          return { kind: 'null', offset };
        };
      case 'EXECUTE':
        return cursor.isKeyword('EXECUTE', 'IMMEDIATE') && !cursor.isKeyword('EXECUTE', 'IMMEDIATE', 'FROM')
          ? (offset) => this.#execute(offset)
          : undefined;
      default:
        return undefined;
    }
  }

  #declaration(name: string): Declaration {
    const cursor = this.#cursor;
    if (cursor.accept('CURSOR', 'FOR')) return { kind: 'cursor', name, query: expression(cursor, []) };
    if (cursor.accept('RESULTSET')) {
      const given = cursor.acceptSymbol(':=') || cursor.accept('DEFAULT');
      return given ? { kind: 'resultset', name, query: expression(cursor, []) } : { kind: 'resultset', name };
    }
    if (cursor.accept('EXCEPTION')) {
      let number = -20_000;
      let message = '';
      if (cursor.acceptSymbol('(')) {
        number = cursor.number();
        if (cursor.acceptSymbol(',')) message = cursor.stringLiteral();
        cursor.expectSymbol(')');
      }
      return { kind: 'exception', name, number, message };
    }
    const untyped = cursor.isSymbol(':=') || cursor.isKeyword('DEFAULT');
    const type = untyped ? undefined : parseDataType(cursor);
    cursor.accept('NOT', 'NULL');
    const given = cursor.acceptSymbol(':=') || cursor.accept('DEFAULT');
    return {
      kind: 'variable',
      name,
      ...(type === undefined ? {} : { type }),
      ...(given ? { value: expression(cursor, []) } : {}),
    };
  }

  #if(offset: number): ScriptStatement {
    const cursor = this.#cursor;
    const branches: Branch[] = [];
    cursor.next();
    do {
      const condition = expression(cursor, ['THEN']);
      cursor.expect('THEN');
      branches.push({ condition, body: this.#statements(['ELSEIF', 'ELSE', 'END']) });
    } while (cursor.accept('ELSEIF'));
    const otherwise = cursor.accept('ELSE') ? this.#statements(['END']) : [];
    cursor.expect('END', 'IF');
    return { kind: 'if', offset, branches, otherwise };
  }

  #case(offset: number): ScriptStatement {
    const cursor = this.#cursor;
    cursor.next();
    const operand = cursor.isKeyword('WHEN') ? undefined : expression(cursor, ['WHEN']);
    const branches: Branch[] = [];
    while (cursor.accept('WHEN')) {
      const condition = expression(cursor, ['THEN']);
      cursor.expect('THEN');
      branches.push({ condition, body: this.#statements(['WHEN', 'ELSE', 'END']) });
    }
    const otherwise = cursor.accept('ELSE') ? this.#statements(['END']) : undefined;
    cursor.expect('END');
    cursor.accept('CASE');
    return {
      kind: 'case',
      offset,
      branches,
      ...(operand === undefined ? {} : { operand }),
      ...(otherwise === undefined ? {} : { otherwise }),
    };
  }

  #for(offset: number): ScriptStatement {
    const cursor = this.#cursor;
    cursor.next();
    const name = cursor.identifier();
    cursor.expect('IN');
    const reverse = cursor.accept('REVERSE');
    const single = cursor.peek(1).kind === 'word' && ['DO', 'LOOP'].includes(cursor.peek(1).value);
    if (!reverse && single && cursor.peek().kind !== 'number') {
      const source = cursor.identifier();
      return { kind: 'each', offset, name, source, ...this.#loopBody(this.#opening('FOR')) };
    }
    const from = expression(cursor, ['TO']);
    cursor.expect('TO');
    const to = expression(cursor, ['DO', 'LOOP']);
    return { kind: 'count', offset, name, from, to, reverse, ...this.#loopBody(this.#opening('FOR')) };
  }

  /** `DO` is closed by the loop's own word, `LOOP` by END LOOP. */
  #opening(word: string): string {
    if (this.#cursor.accept('LOOP')) return 'LOOP';
    this.#cursor.expect('DO');
    return word;
  }

  #loopBody(close: string): { body: ScriptStatement[]; label?: string } {
    const body = this.#statements(['END']);
    this.#cursor.expect('END', close);
    return { body, ...this.#label() };
  }

  #label(): { label?: string } {
    return this.#cursor.isSymbol(';') ? {} : { label: this.#cursor.identifier() };
  }

  #jump(kind: 'break' | 'continue', offset: number): ScriptStatement {
    this.#cursor.next();
    return { kind, offset, ...this.#label() };
  }

  #return(offset: number): ScriptStatement {
    const cursor = this.#cursor;
    cursor.next();
    if (cursor.isSymbol(';')) return { kind: 'return', offset };
    if (cursor.isKeyword('TABLE') && cursor.isSymbol('(', 1)) {
      cursor.next();
      return { kind: 'return', offset, table: cursor.parenthesised() };
    }
    return { kind: 'return', offset, value: expression(cursor, []) };
  }

  #execute(offset: number): ScriptStatement {
    const cursor = this.#cursor;
    cursor.expect('EXECUTE', 'IMMEDIATE');
    const text = expression(cursor, ['USING', 'INTO']);
    const using = usingValues(cursor);
    const into = cursor.accept('INTO') ? targets(cursor) : [];
    return { kind: 'execute', offset, text, using, into };
  }
}
