// Preloaded with --import: notes in the file named by LOADED_MODULES every module that the process loads, imported or required.
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';

const file = process.env.LOADED_MODULES;

const hooks = `
import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  appendFileSync(${JSON.stringify(file)}, url + '\\n');
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const load = Module._load;
Module._load = function (request, parent, isMain) {
  appendFileSync(file, `${Module._resolveFilename(request, parent, isMain)}\n`);
  return load.call(this, request, parent, isMain);
};
