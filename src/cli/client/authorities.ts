/**
 * Whose word is taken for a queen that is reached over TLS.
 *
 *  TA1 With RBEE_QUEEN_FINGERPRINT the authority that it names, and no other.
 *  TA2 Without it whom the system trusts, and the authority of this home.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { authorityFile } from "../../hosts/cluster/key-file.ts";
import { authorityBehind } from "../../net/authority/pinned.ts";
import { placeOf } from "../../net/authority/place.ts";
import { RbeeError } from "../../protocol/errors.ts";
import type { Environment } from "../../runtime/config/paths.ts";

const FINGERPRINT = /^[0-9a-f]{2}(:?[0-9a-f]{2}){31}$/i;

/** @throws RbeeError config.invalid, queen.unreachable, queen.untrusted */
export async function authoritiesFor(url: URL, env: Environment, home: string): Promise<readonly string[]> {
  const named = env["RBEE_QUEEN_FINGERPRINT"];
  if (!named) return [...getCACertificates("default"), ...ownAuthority(home)];
  if (FINGERPRINT.test(named)) return [await authorityBehind(placeOf(url), named)];
  const message = "RBEE_QUEEN_FINGERPRINT: expected the 64 hexadecimal digits that `rbee doctor` tells on her machine";
  throw new RbeeError("config.invalid", message);
}

function ownAuthority(home: string): readonly string[] {
  try {
    return [readFileSync(authorityFile(home), "utf8")];
  } catch {
    // This home is of no cluster yet.
    return [];
  }
}
