import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Stalls of an event loop are counted there: beside others that start processes it would count theirs. */
const UNDISTURBED = /many-at-once/;

/** The long ones first, so that no worker is alone with one at the end; the unit tests last and together: they share a process. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const last = ({ project, moduleId }: TestSpecification) =>
      project.name === 'unit' ? 2 : Number(UNDISTURBED.test(moduleId));
    return (await super.sort(files)).sort((a, b) => last(a) - last(b));
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Two cores: more files at once only lengthens every one of them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.mcp-snow/test-report.json' }]] : ['default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'processes',
          include: ['tests/{contract,crash,e2e,integration}/**/*.test.ts'],
          globalSetup: ['tests/setup/build-once.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          globalSetup: ['tests/setup/build-once.ts'],
          // A new process for each of a hundred small files took as long as what they test.
          isolate: false,
        },
      },
    ],
  },
});
