const MAY_HAVE_ONE = /password|secret|master_key|_token|private_key|crypt/i;

const BLANKS = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*`;
const NAMES =
  'PASSWORD|CLIENT_SECRET|OAUTH_CLIENT_SECRET|OAUTH_ACCESS_TOKEN|OAUTH_REFRESH_TOKEN|SECRET_STRING|AWS_SECRET_KEY|AWS_TOKEN|AZURE_SAS_TOKEN|MASTER_KEY|PRIVATE_KEY|PRIVATE_KEY_PASSPHRASE';
const VALUE = String.raw`'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|\$\$[\s\S]*?(?:\$\$|$)`;

const SECRET = new RegExp(`\\b((?:${NAMES})"?${BLANKS}=${BLANKS})(?:${VALUE})`, 'gi');

const CIPHER_CALL = new RegExp(`\\b(?:TRY_)?(?:EN|DE)CRYPT(?:_RAW)?${BLANKS}\\(`, 'gi');
const CALL_PART = new RegExp(`${VALUE}|--[^\\n]*|/\\*[\\s\\S]*?\\*/|[()]`, 'g');

/** The statement as it may be kept and shown: `****` in place of passwords and keys that it sets, and of what ENCRYPT and its kin are given. */
export function textWithoutSecrets(text: string): string {
  return MAY_HAVE_ONE.test(text) ? withoutCipherArguments(text.replace(SECRET, "$1'****'")) : text;
}

/** Snowflake masks the constants of these calls, those of calls inside them too. */
function withoutCipherArguments(text: string): string {
  let shown = '';
  let done = 0;
  for (const call of text.matchAll(CIPHER_CALL)) {
    const start = call.index + call[0].length;
    if (start < done) continue;
    shown += text.slice(done, start);
    done = start;
    let depth = 1;
    for (const { 0: part, index } of text.slice(start).matchAll(CALL_PART)) {
      if (part === '(') depth++;
      else if (part === ')' && --depth === 0) break;
      else if (part.startsWith("'") || part.startsWith('$$')) {
        shown += `${text.slice(done, start + index)}'****'`;
        done = start + index + part.length;
      }
    }
  }
  return shown + text.slice(done);
}
