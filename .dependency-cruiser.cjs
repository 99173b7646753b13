/**
 * The walls of the house: section 2 of the design as rules. Rooms are listed from the top floor to the cellar; an arrow
 * may only point down. Rooms of one floor do not know each other, except where a rule says so.
 */
const FLOORS = [
  ['cli'],
  ['mcp', 'http'],
  ['gateway', 'worker'],
  ['warehouse', 'memory'],
  ['locks'],
  ['store'],
  ['limits', 'fairness', 'resilience'],
  ['config', 'telemetry'],
  ['errors'],
];

const room = (names) => `^src/(${names.join('|')})/`;

const arrows = FLOORS.flatMap((names, floor) =>
  names.map((name) => {
    const above = FLOORS.slice(0, floor).flat();
    const beside = names.filter((other) => other !== name);
    const forbidden = [...above, ...beside, 'local'];
    return {
      name: `${name}-looks-down-only`,
      severity: 'error',
      comment: `src/${name} may import only from the floors below it.`,
      from: { path: room([name]) },
      to: {
        path: room(forbidden),
        // The engine is a program of its own: cli starts it, worker finds it or has it started.
        ...(name === 'cli' ? { pathNot: '^src/local/' } : {}),
        ...(name === 'worker' ? { pathNot: '^src/local/host/' } : {}),
      },
    };
  }),
);

module.exports = {
  forbidden: [
    ...arrows,
    {
      name: 'local-stands-apart',
      severity: 'error',
      comment: 'The local Snowflake knows nothing of the gateway: it is reached over HTTP like the real one.',
      from: { path: '^src/local/' },
      to: { path: '^src/(?!local/)' },
    },
    {
      name: 'heavy-parts-load-late',
      severity: 'error',
      comment:
        'The driver, DuckDB and the parser are loaded on first use, and the last two only in the engine process.',
      from: { path: '^src/(?!local/(engine|sql|sample|server|wire))' },
      to: {
        path: 'node_modules/(@duckdb|@polyglot-sql|snowflake-sdk)/',
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'What ships may not need what only tests install.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
