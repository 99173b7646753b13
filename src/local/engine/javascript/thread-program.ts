/** What a thread is asked to do. Everything travels as text, so that no object of ours reaches the code it runs. */
export type ThreadRequest =
  | {
      readonly kind: 'function';
      readonly key: string;
      readonly body: string;
      readonly parameters: readonly ThreadParameter[];
      /** JSON array of the arguments of each row. */
      readonly rows: readonly string[];
      readonly returns: string;
    }
  | {
      readonly kind: 'table';
      readonly key: string;
      readonly body: string;
      readonly parameters: readonly ThreadParameter[];
      readonly columns: readonly ThreadParameter[];
      /** JSON array of the arguments of each row of one partition. */
      readonly rows: string;
    }
  | {
      readonly kind: 'procedure';
      readonly body: string;
      readonly parameters: readonly ThreadParameter[];
      readonly row: string;
      readonly returns: string;
    };

export interface ThreadParameter {
  readonly name: string;
  /** Name of the Snowflake type. */
  readonly type: string;
}

export type ThreadReply =
  | { readonly values: readonly (string | null)[] }
  | { readonly error: string }
  /** A procedure's `snowflake.execute`: answered while the thread waits. */
  | { readonly execute: string };

/**
 * The program of a thread that runs JavaScript of users. Its text is what the thread is started with, so it uses nothing from
 * outside itself. The code runs in a context of its own that holds the language and nothing else; this keeps mistakes from
 * doing harm, and is no defence against somebody who means to.
 */
export function threadProgram(): void {
  const { workerData, receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
  const vm = process.getBuiltinModule('node:vm');
  const { port, signal } = workerData as { port: import('node:worker_threads').MessagePort; signal: Int32Array };

  const prelude = `
    'use strict';
    const given = (value, type) => {
      if (value === null) return type === 'VARIANT' ? undefined : null;
      if (type === 'DATE' || type.startsWith('TIMESTAMP')) return new Date(Number(value));
      if (type === 'BINARY') return Uint8Array.from(value.match(/../g) ?? [], (pair) => parseInt(pair, 16));
      return value;
    };
    const text = (value, returns) => {
      if (value === undefined) return null;
      if (value === null) return returns === 'VARIANT' ? 'null' : null;
      if (typeof value === 'bigint') return String(value);
      if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(Number.isNaN(value) ? 'NaN' : value < 0 ? '-inf' : 'inf');
      if (value instanceof Date) {
        const iso = value.toISOString();
        if (returns === 'DATE') return JSON.stringify(iso.slice(0, 10));
        const plain = iso.slice(0, 23).replace('T', ' ');
        return JSON.stringify(returns === 'TIMESTAMP_NTZ' ? plain : returns.startsWith('TIMESTAMP') ? plain + ' +00:00' : iso);
      }
      if (value instanceof Uint8Array) return JSON.stringify(Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join(''));
      return JSON.stringify(value) ?? null;
    };
    const told = (error) => {
      if (error === null || typeof error !== 'object') return 'Uncaught ' + String(error);
      return 'Uncaught ' + (error.stackTraceTxt === undefined ? String(error) : error.name + ': ' + error.message);
    };
  `;

  const functionMaker = `(() => { ${prelude}
    return (body, names, types, returns) => {
      const call = Function(...JSON.parse(names), body);
      const kinds = JSON.parse(types);
      return (rows) => {
        try {
          const values = JSON.parse(rows).map((row) => text(call(...JSON.parse(row).map((value, i) => given(value, kinds[i]))), returns));
          return JSON.stringify({ values });
        } catch (error) {
          return JSON.stringify({ error: told(error) });
        }
      };
    };
  })()`;

  const tableMaker = `(() => { ${prelude}
    return (body, names, types, columns) => {
      const make = Function('return (' + body + ')');
      const parameters = JSON.parse(names);
      const kinds = JSON.parse(types);
      const outputs = JSON.parse(columns);
      return (rows) => {
        try {
          const written = [];
          const writer = (row) => ({
            writeRow: (cells) => {
              if (cells === null || typeof cells !== 'object') throw new Error('writeRow takes an object with the columns of a row');
              const texts = outputs.flatMap(({ name, type }, i) => {
                const cell = text(cells[name], type);
                return cell === null ? [] : ['"' + i + '":' + cell];
              });
              written.push('{"r":' + row + ',"v":{' + texts.join(',') + '}}');
            },
          });
          const called = make();
          if (called === null || typeof called !== 'object' || typeof called.processRow !== 'function') throw new Error('processRow is not there');
          const about = {};
          parameters.forEach((name, i) => { about[name] = { type: kinds[i] }; });
          const context = {};
          called.initialize?.(about, context);
          JSON.parse(rows).forEach((row, at) => {
            const values = {};
            parameters.forEach((name, i) => { values[name] = given(row[i], kinds[i]); });
            called.processRow(values, writer(at + 1), context);
          });
          called.finalize?.(writer(null), context);
          return JSON.stringify({ values: ['[' + written.join(',') + ']'] });
        } catch (error) {
          return JSON.stringify({ error: told(error) });
        }
      };
    };
  })()`;

  const procedureRunner = `(() => { ${prelude}
    return (host, body, names, types, row, returns) => {
      class SfDate extends Date {
        #cell;
        constructor(cell, milliseconds) { super(milliseconds); this.#cell = cell; }
        getEpochSeconds() { return Math.floor(this.getTime() / 1000); }
        getNanoSeconds() { return Number((this.#cell.split(' ')[0].split('.')[1] ?? '').padEnd(9, '0').slice(0, 9)); }
        getScale() { return (this.#cell.split(' ')[0].split('.')[1] ?? '').length; }
        getTimezone() { return Number(this.#cell.split(' ')[1] ?? 1440) - 1440; }
      }
      const fromCell = (cell, type) => {
        if (cell === null) return null;
        if (type === 'FIXED' || type === 'REAL') return Number(cell);
        if (type === 'BOOLEAN') return cell === '1';
        if (type === 'DATE') return new SfDate(cell, Number(cell) * 86400000);
        if (type.startsWith('TIMESTAMP')) return new SfDate(cell, Number(cell.split(' ')[0]) * 1000);
        return type === 'VARIANT' || type === 'ARRAY' || type === 'OBJECT' ? JSON.parse(cell) : cell;
      };
      class ResultSet {
        #result; #at = -1;
        constructor(result) {
          this.#result = result;
          result.columns.forEach((column, i) => {
            if (!(column.name in this)) Object.defineProperty(this, column.name, { get: () => this.getColumnValue(i + 1) });
          });
        }
        #place(column) {
          const at = typeof column === 'number' ? column - 1 : this.#result.columns.findIndex(({ name }) => name === column || name === String(column).toUpperCase());
          if (this.#result.columns[at] === undefined) throw new Error('Given column name/index does not exist: ' + column);
          return at;
        }
        next() { this.#at += 1; return this.#at < this.#result.rows.length; }
        getColumnValue(column) {
          const at = this.#place(column);
          const row = this.#result.rows[this.#at];
          if (row === undefined) throw new Error('Result set is not on a row; call next() first');
          return fromCell(row[at], this.#result.columns[at].type);
        }
        getColumnValueAsString(column) { const value = this.getColumnValue(column); return value === null ? null : String(value); }
        getColumnCount() { return this.#result.columns.length; }
        getColumnName(i) { return this.#result.columns[i - 1].name; }
        getColumnType(i) { return this.#result.columns[i - 1].type.toLowerCase(); }
        getColumn(column) { return this.#result.columns[this.#place(column)]; }
        getCount(name) {
          const at = this.#result.columns.findIndex((column) => column.name === name);
          return at < 0 ? 0 : Number(this.#result.rows[0][at]);
        }
        getRowCount() { return this.#result.rows.length; }
        getNumRowsAffected() { return this.#result.changed ?? 0; }
        getQueryId() { return this.#result.queryId; }
      }
      const run = (options) => {
        const binds = (options.binds ?? []).map((value) =>
          value === null || value === undefined ? ['TEXT', null]
            : typeof value === 'number' ? [Number.isInteger(value) ? 'FIXED' : 'REAL', String(value)]
            : typeof value === 'boolean' ? ['BOOLEAN', String(value)]
            : value instanceof Date ? ['TEXT', value.toISOString()]
            : ['TEXT', String(value)]);
        const answer = JSON.parse(host(JSON.stringify({ sqlText: String(options.sqlText), binds })));
        if (answer.error === undefined) return new ResultSet(answer);
        const error = new Error(answer.error.message);
        error.name = 'StatementError';
        throw Object.assign(error, { code: answer.error.code, state: answer.error.state, stackTraceTxt: 'Snowflake.execute' });
      };
      class Statement {
        #options; #result;
        constructor(options) { this.#options = options; }
        execute() { this.#result = run(this.#options); return this.#result; }
        #ran() { if (this.#result === undefined) throw new Error('Statement is not executed yet'); return this.#result; }
        getSqlText() { return this.#options.sqlText; }
        getQueryId() { return this.#ran().getQueryId(); }
        getRowCount() { return this.#ran().getRowCount(); }
        getNumRowsAffected() { return this.#ran().getNumRowsAffected(); }
        getColumnCount() { return this.#ran().getColumnCount(); }
        getColumnName(i) { return this.#ran().getColumnName(i); }
        getColumnType(i) { return this.#ran().getColumnType(i); }
        getColumnSqlType(i) { return this.#ran().getColumn(i).type; }
        getColumnScale(i) { return this.#ran().getColumn(i).scale; }
        isColumnNullable(i) { return this.#ran().getColumn(i).nullable; }
        getNumRowsInserted() { return this.#ran().getCount('number of rows inserted'); }
        getNumRowsUpdated() { return this.#ran().getCount('number of rows updated'); }
        getNumRowsDeleted() { return this.#ran().getCount('number of rows deleted'); }
        getNumDuplicateRowsUpdated() { return this.#ran().getCount('number of multi-joined rows updated'); }
      }
      const sqlTypes = { Text: 'TEXT', Array: 'ARRAY', Binary: 'BINARY', Boolean: 'BOOLEAN', Date: 'DATE', Number: 'FIXED REAL', Object: 'OBJECT', Time: 'TIME', Timestamp: 'TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ', Variant: 'VARIANT' };
      for (const [kind, names] of Object.entries(sqlTypes)) {
        Statement.prototype['isColumn' + kind] = function (i) { return names.split(' ').includes(this.getColumnSqlType(i)); };
      }
      const untold = () => undefined;
      const snowflake = { execute: run, createStatement: (options) => new Statement(options), log: untold, addEvent: untold, setSpanAttribute: untold };
      try {
        const kinds = JSON.parse(types);
        const call = Function('snowflake', ...JSON.parse(names), body);
        const value = call(snowflake, ...JSON.parse(row).map((item, i) => given(item, kinds[i])));
        return JSON.stringify({ values: [text(value, returns)] });
      } catch (error) {
        return JSON.stringify({ error: told(error) });
      }
    };
  })()`;

  const emptyContext = (): import('node:vm').Context =>
    vm.createContext(Object.create(null), { codeGeneration: { strings: true, wasm: false } });

  const compiled = new Map<string, (rows: string) => string>();

  const answer = (request: ThreadRequest): string => {
    const names = JSON.stringify(request.parameters.map(({ name }) => name));
    const types = JSON.stringify(request.parameters.map(({ type }) => type));
    if (request.kind === 'procedure') {
      const run = vm.runInContext(procedureRunner, emptyContext());
      return run(execute, request.body, names, types, request.row, request.returns);
    }
    let call = compiled.get(request.key);
    if (call === undefined) {
      const make = vm.runInContext(request.kind === 'table' ? tableMaker : functionMaker, emptyContext());
      const gives = request.kind === 'table' ? JSON.stringify(request.columns) : request.returns;
      call = make(request.body, names, types, gives) as (rows: string) => string;
      compiled.set(request.key, call);
    }
    return call(request.kind === 'table' ? request.rows : JSON.stringify(request.rows));
  };

  /** Hands a statement to the owner and waits for its answer. */
  const execute = (statement: string): string => {
    Atomics.store(signal, 0, 0);
    port.postMessage({ execute: statement });
    Atomics.wait(signal, 0, 0);
    return String(receiveMessageOnPort(port)?.message ?? '{}');
  };

  port.on('message', (request: ThreadRequest) => {
    let reply: string;
    try {
      reply = answer(request);
    } catch (error) {
      reply = JSON.stringify({ error: `Uncaught ${String(error)}` });
    }
    port.postMessage(JSON.parse(reply));
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  });
}
