/**
 * Goal: what an authority signs proves what it should and no more, for as long as it should.
 * Method: certificates as they are made, read by Node, and judged by OpenSSL through TLS in entrance.test.ts.
 *
 * @see src/net/authority/certificates.ts, CE1 to CE3; identity.ts, ID2
 * @module
 */
import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DAY_MS, keyOfRequest, makeKey, makeRequest, publicKeyOf } from "../../../../src/net/authority/certificates.ts";
import { clusterOf, fingerprintOf, plain } from "../../../../src/net/authority/identity.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { authorityFor, certified } from "../../../support/authority.ts";

const AT = Date.UTC(2026, 5, 1);
const SERVER = "1.3.6.1.5.5.7.3.1";
const CLIENT = "1.3.6.1.5.5.7.3.2";
const lifeOf = ({ validFrom, validTo }: X509Certificate): readonly number[] =>
  [validFrom, validTo].map((date) => (Date.parse(date) - AT) / DAY_MS);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "taken",
    (thrown: unknown) => errorData(thrown).code,
  );

describe("an authority", () => {
  test("CE1 CE3 signs certificates for ten years, and its cluster has a name", async () => {
    const made = await authorityFor("rbee-abc", AT);
    const authority = new X509Certificate(made.certificate);
    expect([authority.ca, lifeOf(authority), clusterOf(made.certificate)]).toEqual([true, [-1, 3650], "rbee-abc"]);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(fingerprintOf(made.certificate)).toBe(plain(authority.fingerprint256));
  });

  test("CE1 CE3 ID2 makes a queen a server for 90 days, and a hive a client alone for a year, each by its name", async () => {
    const authority = await authorityFor("rbee-abc", AT);
    const signer = new X509Certificate(authority.certificate);
    const [queen, hive] = await Promise.all(
      (["queen", "hive"] as const).map(async (role) => {
        const { certificate } = await certified(authority, role, { name: "desk", atMs: AT, hosts: ["pc", "::1"] });
        return new X509Certificate(certificate);
      }),
    );
    expect([queen?.keyUsage, hive?.keyUsage]).toEqual([[SERVER, CLIENT], [CLIENT]]);
    expect([queen && lifeOf(queen), hive && lifeOf(hive)]).toEqual([
      [-1, 90],
      [-1, 365],
    ]);
    expect([queen?.ca, queen?.verify(signer.publicKey), queen?.checkIssued(signer)]).toEqual([false, true, true]);
    expect(queen?.subject).toBe("O=rbee-abc\nOU=queen\nCN=desk");
    expect([queen?.checkHost("pc"), queen?.checkIP("::1"), queen?.checkHost("other")]).toEqual([
      "pc",
      "::1",
      undefined,
    ]);
  });
});

describe("a request", () => {
  test("CE2 gives the key that it was signed with, and says nothing else", async () => {
    const key = makeKey();
    expect(await keyOfRequest(await makeRequest(key, "desk"))).toBe(publicKeyOf(key));
  });

  test("CE2 request.invalid: changed, of another kind of key, or none at all", async () => {
    const request = await makeRequest(makeKey(), "desk");
    const der = Buffer.from(request.replaceAll(/-----.*-----|\s/g, ""), "base64");
    const pem = (bytes: Buffer): string =>
      `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    expect(await codeOf(keyOfRequest(pem(der)))).toBe("taken");
    for (const at of [der.length - 1, der.indexOf("desk")]) {
      const changed = Buffer.from(der);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(await codeOf(keyOfRequest(pem(changed)))).toBe("request.invalid");
    }
    const other = createPublicKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
    const junk = ["", "junk", pem(Buffer.from("junk")), pem(other.export({ type: "spki", format: "der" }))];
    for (const text of junk) expect(await codeOf(keyOfRequest(text))).toBe("request.invalid");
  });
});
