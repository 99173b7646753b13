import { z } from 'zod';
import { publicKeyOf } from './jwt.js';

const publicKey = z.string().refine(isPublicKey, 'is not an RSA public key (PEM, or its base64)');

/** Who is let in. As soon as there is any of it, nobody else is. */
export const accessSettings = z.strictObject({
  users: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        password: z.string().min(1).optional(),
        api_key: z.string().min(16).optional(),
        rsa_public_key: publicKey.optional(),
      }),
    )
    .optional(),
  /** Bearer tokens of a third party; `sub` names the user. */
  jwt: z
    .strictObject({
      secret: z.string().min(32).optional(),
      public_key: publicKey.optional(),
      issuer: z.string().optional(),
      audience: z.string().optional(),
    })
    .refine(({ secret, public_key: key }) => (secret === undefined) !== (key === undefined), {
      message: 'has either a secret or a public_key',
    })
    .optional(),
});

export type AccessSettings = z.output<typeof accessSettings>;

function isPublicKey(text: string): boolean {
  try {
    publicKeyOf(text);
    return true;
  } catch {
    return false;
  }
}
