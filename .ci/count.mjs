// Prints the closing line of a test run from vitest's own JSON report. Fails when a test failed, was skipped
// (on this machine every part is there, so nothing may be), or when nothing ran.
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
let report;
try {
  report = JSON.parse(readFileSync(path, 'utf8'));
} catch (error) {
  console.error(`no test report at ${path}: ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const skipped = report.numPendingTests + report.numTodoTests;
for (const file of report.testResults) {
  if (file.status === 'failed' && file.assertionResults.length === 0) console.error(`${file.name}: ${file.message}`);
  for (const test of file.assertionResults) {
    if (test.status === 'pending' || test.status === 'skipped') console.error(`skipped: ${test.fullName}`);
  }
}
// A file that could not be loaded has no tests of its own to count, but it is a failure all the same.
const failedFiles = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const failed = report.numFailedTests + failedFiles;
console.log(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 || skipped > 0 || report.numPassedTests === 0 ? 1 : 0);
