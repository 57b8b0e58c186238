/**
 * Goal: a home has one authority for good, and its door always shows a certificate that is good for where it is.
 * Method: real files, and a clock that the test turns.
 *
 * @see src/hosts/cluster/authority.ts, AU1 to AU3; key-file.ts, KF1 KF2
 * @module
 */
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Authority, type AuthorityOptions } from "../../../../src/hosts/cluster/authority.ts";
import {
  authorityFile,
  authorityKeyFile,
  clusterDirOf,
  doorKeyFile,
  placeKeyFile,
  readKeyFile,
} from "../../../../src/hosts/cluster/key-file.ts";
import { errorData } from "../../../../src/protocol/errors.ts";
import { authorityFor } from "../../../support/authority.ts";
import { temporaryFolder } from "../../../support/temporary.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const AT = Date.UTC(2026, 5, 1);

class Place {
  readonly home = join(temporaryFolder(), "home");
  nowMs = AT;
  hosts = ["localhost", "192.0.2.7", "my_pc"];
  readonly said: string[] = [];

  open(more: Partial<AuthorityOptions> = {}): Authority {
    return new Authority({
      home: this.home,
      name: "desk",
      hosts: () => this.hosts,
      now: () => this.nowMs,
      log: (line) => this.said.push(line),
      ...more,
    });
  }
}

describe("the authority of a home", () => {
  test("AU1 KF1 any number that need one at once make one, and the next life has the same", async () => {
    const place = new Place();
    const made = await Promise.all(Array.from({ length: 5 }, () => place.open().authority()));
    expect(new Set(made.map(({ certificate }) => certificate)).size).toBe(1);
    const [first] = made;
    expect(await place.open().authority()).toEqual(first);
    expect(readFileSync(authorityFile(place.home), "utf8")).toBe(first?.certificate);
    const folder = clusterDirOf(place.home);
    expect(readdirSync(folder).toSorted()).toEqual(["authority.key.pem", "authority.pem"]);
    expect([folder, authorityKeyFile(place.home)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });

  test("KF1 what stands there first stays, whoever comes later", async () => {
    const file = join(temporaryFolder(), "a.pem");
    const [one, other] = [await authorityFor("one"), await authorityFor("other")];
    expect(placeKeyFile(file, one)).toEqual(one);
    expect(placeKeyFile(file, other)).toEqual(one);
    expect(readKeyFile(file)).toEqual(one);
  });

  test("KF2 home.unusable: a key that others could read, a link, or half a file is not used, and stays as it is", async () => {
    const spoil: readonly ((file: string) => void)[] = [
      (file) => chmodSync(file, 0o640),
      (file) => writeFileSync(file, readFileSync(file, "utf8").slice(0, 400)),
      (file) => {
        rmSync(file);
        symlinkSync("/etc/hostname", file);
      },
    ];
    for (const spoils of spoil) {
      const place = new Place();
      await place.open().authority();
      spoils(authorityKeyFile(place.home));
      const failure = await place
        .open()
        .authority()
        .catch((thrown: unknown) => errorData(thrown));
      expect(failure).toMatchObject({ code: "home.unusable" });
    }
  });
});

describe("the certificate of a door", () => {
  const facts = async (authority: Authority): Promise<X509Certificate> =>
    new X509Certificate((await authority.identity()).certificate);

  test("AU2 names all by which it is called, and is the same in the next life", async () => {
    const place = new Place();
    const shown = await place.open().identity();
    const read = new X509Certificate(shown.certificate);
    expect([read.checkHost("localhost"), read.checkIP("192.0.2.7"), read.checkHost("my_pc")]).toEqual([
      "localhost",
      "192.0.2.7",
      "my_pc",
    ]);
    expect(await place.open().identity()).toEqual(shown);
  });

  test("AU2 is made anew a month before its end, and not before that", async () => {
    const place = new Place();
    const authority = place.open();
    const first = await authority.identity();
    place.nowMs = AT + 59 * DAY_MS;
    expect(await authority.identity()).toBe(first);
    place.nowMs = AT + 61 * DAY_MS;
    const second = await facts(authority);
    expect(Date.parse(second.validTo)).toBe(place.nowMs + 90 * DAY_MS);
    expect(readKeyFile(doorKeyFile(place.home))?.certificate).toBe(second.toString());
  });

  test("AU2 is made anew when this machine has another address, looked after once a minute", async () => {
    const place = new Place();
    const authority = place.open();
    const first = await authority.identity();
    place.hosts.push("192.0.2.8");
    place.nowMs += MINUTE_MS - 1;
    expect(await authority.identity()).toBe(first);
    place.nowMs += 1;
    expect((await facts(authority)).checkIP("192.0.2.8")).toBe("192.0.2.8");
  });

  test("AU2 is made anew when the clock was set back before it, or the authority is another", async () => {
    const place = new Place();
    const first = await place.open().identity();
    place.nowMs = AT - 10 * DAY_MS;
    expect(Date.parse((await facts(place.open())).validFrom)).toBe(AT - 11 * DAY_MS);
    place.nowMs = AT;
    rmSync(authorityKeyFile(place.home));
    const other = await place.open().identity();
    expect(other.authority).not.toBe(first.authority);
    expect(new X509Certificate(other.certificate).verify(new X509Certificate(other.authority).publicKey)).toBe(true);
  });

  test("AU3 that cannot be kept leaves the old one, which is said, until that has ended", async () => {
    const place = new Place();
    const authority = place.open();
    const first = await authority.identity();
    rmSync(doorKeyFile(place.home));
    mkdirSync(doorKeyFile(place.home));
    place.nowMs = AT + 70 * DAY_MS;
    expect(await authority.identity()).toBe(first);
    expect(place.said).toHaveLength(1);
    place.nowMs = AT + 91 * DAY_MS;
    await expect(authority.identity()).rejects.toMatchObject({ code: "EISDIR" });
  });
});
