/**
 * The cluster over HTTP: tokens by which machines join, and joining itself.
 *
 * Owns: the shapes, and who a peer can be. Does not own: what a token is worth (machines/rules/join-token.ts), how one
 * is written (src/net/authority/join-token.ts), certificates (src/net/authority).
 *
 * @module
 */
import { z } from "zod";

/** What a certificate says of its holder. Who may say what goes by it. */
export const ROLES = ["queen", "hive", "client"] as const;
export type Role = (typeof ROLES)[number];

/** Who is at the other end of a connection, by a certificate of this cluster's authority. */
export interface Peer {
  readonly role: Role;
  readonly name: string;
  /** SHA-256 of its public key, in hex: it stays when a certificate is renewed. */
  readonly key: string;
  /** SHA-256 of its certificate, in hex. */
  readonly fingerprint: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** A request of the keys in use is a third of it. */
const PEM_LENGTH_MAX = 4_096;

const nodeName = z.string().regex(NAME, {
  error: "at most 63 letters, digits, dots, dashes and underscores, a letter or digit first",
});
const pem = (what: string): z.ZodString =>
  z
    .string()
    .max(PEM_LENGTH_MAX)
    .regex(new RegExp(`^-----BEGIN ${what}-----\\s[A-Za-z0-9+/=\\s]+-----END ${what}-----\\s*$`), {
      error: `PEM of a ${what.toLowerCase()}`,
    });

/** `POST /v1/cluster/join`. */
export const joinRequest = z.strictObject({
  token: z.string().regex(/^[\w-]{22}$/, { error: "the secret of a join token" }),
  name: nodeName,
  /** PKCS #10: the key is to be certified, and its holder has it. What else it says is not looked at. */
  request: pem("CERTIFICATE REQUEST"),
});

/** `POST /v1/cluster/renew`, over a connection that shows the certificate there is. */
export const renewRequest = joinRequest.pick({ request: true });

/** The answer to either. */
export const joined = z.object({
  schemaVersion: z.literal(1),
  certificate: pem("CERTIFICATE"),
  authority: pem("CERTIFICATE"),
  clusterId: z.string(),
  /** What the queen's machine is called. */
  queen: z.string(),
});
export type Joined = z.infer<typeof joined>;

/** `POST /v2/tokens`. */
export const tokenRequest = z.strictObject({
  /** The name or address by which the machine that is to join reaches this one. */
  host: z.string().min(1).max(253).optional(),
});

/** Its answer: the only place where the token itself stands. */
export const tokenCreated = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  token: z.string(),
  url: z.string(),
  fingerprint: z.string(),
  endsAt: z.iso.datetime(),
});
export type TokenCreated = z.infer<typeof tokenCreated>;

export const tokenView = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  state: z.enum(["open", "spent", "ended"]),
  /** Which machine joined with it. */
  spentBy: z.string().optional(),
});
export type TokenView = z.infer<typeof tokenView>;

/** `GET /v2/tokens` and `rbee token list --json`. */
export const tokensView = z.object({ schemaVersion: z.literal(1), tokens: z.array(tokenView) });

/** `DELETE /v2/tokens/{id}`. */
export const tokenRevoked = z.object({ schemaVersion: z.literal(1), id: z.string(), state: z.literal("revoked") });
