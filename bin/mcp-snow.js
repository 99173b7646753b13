#!/usr/bin/env node
import { keepCompiledCode } from '../dist/cli/compiled-code.js';

keepCompiledCode();
// Not before: what is imported above is compiled first.
await import('../dist/cli/main.js');
