import { z } from 'zod';
import { objectPath } from './confinement.js';
import { publicKeyOf } from './jwt.js';

const publicKey = z.string().refine(isPublicKey, 'is not an RSA public key (PEM, or its base64)');

const roles = z.array(z.string().min(1)).nonempty().optional();
const places = z
  .array(
    z
      .string()
      .refine((text) => objectPath(text) !== undefined, 'is not DATABASE, DATABASE.SCHEMA or DATABASE.SCHEMA.TABLE'),
  )
  .optional();

/** Who is let in, and to what. As soon as there is any of it, nobody else is, and roles and grants count. */
export const accessSettings = z.strictObject({
  users: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        password: z.string().min(1).optional(),
        api_key: z.string().min(16).optional(),
        rsa_public_key: publicKey.optional(),
        /** Roles that the user has beside those granted with SQL; the first is the default one. */
        roles,
        /** The user reaches nothing but these: databases, schemas, tables and views. */
        read: places,
        write: places,
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
      /** Of every user whom such a token names. */
      roles,
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
