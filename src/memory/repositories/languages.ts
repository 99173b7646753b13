/** What a file is written in, told by its name alone. `text` stands for everything else that is text. */
export const LANGUAGES = [
  'sql',
  'yaml',
  'python',
  'javascript',
  'typescript',
  'markdown',
  'json',
  'toml',
  'shell',
  'java',
  'scala',
  'kotlin',
  'go',
  'rust',
  'r',
  'ruby',
  'csharp',
  'c',
  'cpp',
  'terraform',
  'jinja',
  'notebook',
  'html',
  'css',
  'xml',
  'csv',
  'text',
] as const;
export type Language = (typeof LANGUAGES)[number];

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  sql: 'sql',
  ddl: 'sql',
  dml: 'sql',
  prc: 'sql',
  yml: 'yaml',
  yaml: 'yaml',
  py: 'python',
  pyi: 'python',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  md: 'markdown',
  markdown: 'markdown',
  json: 'json',
  jsonl: 'json',
  toml: 'toml',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  java: 'java',
  scala: 'scala',
  kt: 'kotlin',
  go: 'go',
  rs: 'rust',
  r: 'r',
  rb: 'ruby',
  cs: 'csharp',
  c: 'c',
  h: 'c',
  cc: 'cpp',
  cpp: 'cpp',
  hpp: 'cpp',
  tf: 'terraform',
  hcl: 'terraform',
  jinja: 'jinja',
  jinja2: 'jinja',
  j2: 'jinja',
  ipynb: 'notebook',
  html: 'html',
  htm: 'html',
  css: 'css',
  scss: 'css',
  xml: 'xml',
  csv: 'csv',
  tsv: 'csv',
};

const BY_NAME: Readonly<Record<string, Language>> = {
  dockerfile: 'shell',
  makefile: 'shell',
  '.sqlfluff': 'toml',
};

/** The language of a file, by its name; `path` has forward slashes. */
export function languageOf(path: string): Language {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const known = BY_NAME[name];
  if (known !== undefined) return known;
  const dot = name.lastIndexOf('.');
  if (dot < 0) return 'text';
  const extension = name.slice(dot + 1);
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] as Language) : 'text';
}
