/**
 * Goal: `rbee config set|unset|trust|list` as a person uses them (CF1, CF2 of commands/config.ts, L3 of load.ts).
 * Method: the program as a child process, each test in a home and a folder of its own.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keeper } from "../support/keeper.ts";
import { temporaryFolder } from "../support/temporary.ts";

class Person {
  readonly home = join(temporaryFolder(), "home");
  readonly cwd = temporaryFolder();
  readonly file = join(this.home, "config.yaml");

  async run(line: string, env: Readonly<Record<string, string>> = {}) {
    const child = keeper(line.split(" "), { home: this.home, cwd: this.cwd, env });
    return { code: await child.exitCode, stdout: child.stdout, stderr: child.stderr };
  }

  folderSays(text: string): string {
    const file = join(this.cwd, "rbee.yaml");
    writeFileSync(file, text);
    return file;
  }
}

describe("config set", () => {
  test("writes the user's file, keeps its comments, and is in force at once", async () => {
    const me = new Person();
    expect(await me.run("config set worker.slots 3")).toEqual({
      code: 0,
      stdout: `worker.slots = 3 in ${me.file}\n`,
      stderr: "",
    });
    expect(statSync(me.file).mode & 0o777).toBe(0o600);
    writeFileSync(me.file, "# mine\nworker:\n  slots: 3 # three\n");
    await me.run("config set worker.slots 5");
    expect(readFileSync(me.file, "utf8")).toBe("# mine\nworker:\n  slots: 5 # three\n");
    const { stdout } = await me.run("config list --show-origin");
    expect(stdout).toMatch(new RegExp(`^worker.slots = 5 +${me.file}:3$`, "m"));
  });

  test("--default and unset take the setting out, with --json as facts", async () => {
    const me = new Person();
    await me.run("config set queue.lengthMax 7");
    const { stdout } = await me.run("config set queue.lengthMax --default --json");
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, value: null, changed: true, inForce: 1000 });
    await me.run("config set queue.lengthMax 7");
    expect((await me.run("config unset queue.lengthMax")).stdout).toContain("queue.lengthMax is not set");
    expect(readFileSync(me.file, "utf8")).toBe("");
    expect((await me.run("config unset queue.lengthMax")).stdout).toContain("already");
  });

  test.each([
    ["config set wroker.slots 3", "the nearest is worker.slots"],
    ["config set idleTimeout 3m", "the nearest is worker.idleTimeout"],
    ["config set worker.slots many", 'worker.slots: expected a whole number from 1 to 256; found "many"'],
    ["config set worker.idleTimeout 300", "such as 250ms, 30s"],
    ["config set worker.slots", "VALUE is needed, or --default"],
    ["config set worker.slots 3 --default", "--default takes no VALUE"],
    ["config unset worker", "the nearest is"],
  ])("%j is exit 2, says what is right, and writes nothing", async (line, says) => {
    const me = new Person();
    const { code, stdout, stderr } = await me.run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(existsSync(me.file)).toBe(false);
  });

  test("a file that is wrong elsewhere is exit 78 with that line, and stays as it is", async () => {
    const me = new Person();
    await me.run("config set name bee");
    writeFileSync(me.file, "name: bee\nworker:\n  slotz: 3\n");
    const { code, stderr } = await me.run("config set name wasp");
    expect(code).toBe(78);
    expect(stderr).toContain(`${me.file}:3: unknown key worker.slotz; the nearest is worker.slots`);
    expect(readFileSync(me.file, "utf8")).toContain("name: bee");
  });

  test("CF1 says who overrules what was written", async () => {
    const me = new Person();
    const fromShell = await me.run("config set worker.slots 3", { RBEE_WORKER_SLOTS: "9" });
    expect(fromShell).toMatchObject({ code: 0, stderr: "RBEE_WORKER_SLOTS says 9, and that wins\n" });
    const file = me.folderSays("worker:\n  slots: 8\n");
    const fromFolder = await me.run("config set worker.slots 4 --json");
    expect(fromFolder.stderr).toContain(`${file}:2 says 8`);
    expect(JSON.parse(fromFolder.stdout)).toMatchObject({ value: 4, inForce: 8 });
  });

  test("says that a node that runs does not know it yet", async () => {
    const me = new Person();
    const node = keeper(["node", "--json", "--listen", "127.0.0.1:0"], { home: me.home });
    await node.shows('"ready":true');
    const { stderr } = await me.run("config set worker.slots 3");
    expect(stderr).toContain(`pid ${node.process.pid}`);
  });
});

describe("config list", () => {
  test("L3 names the file .env where a value comes from there, and keeps a value to one line", async () => {
    const me = new Person();
    mkdirSync(me.home);
    writeFileSync(join(me.home, ".env"), "RBEE_WORKER_SLOTS=9\nTWO=lines\n");
    writeFileSync(me.file, 'model:\n  default: "a\\nb"\n');
    const { stdout } = await me.run("config list --show-origin");
    expect(stdout).toMatch(new RegExp(`^worker.slots = 9 +RBEE_WORKER_SLOTS in ${join(me.home, ".env")}$`, "m"));
    expect(stdout).toMatch(/^model.default = "a\\nb" /m);
  });
});

describe("config trust", () => {
  test("CF2 says what the trust permits, and is over when the file changes or is revoked", async () => {
    const me = new Person();
    const file = me.folderSays("worker:\n  slots: 2\nlisten: 127.0.0.1:8181\nname: ${WHO}\n");
    const env = { WHO: "bee" };
    expect(await me.run("config validate", env)).toMatchObject({
      code: 78,
      stderr: expect.stringContaining(`${file}:3: listen opens this machine to others`),
    });
    const trusted = await me.run("config trust", env);
    expect(trusted).toMatchObject({ code: 0, stderr: "" });
    expect(trusted.stdout).toBe(`${file} is trusted as it is now, with\n  listen (line 3)\n  name (line 4)\n`);
    expect((await me.run("config list", env)).stdout).toContain("listen = 127.0.0.1:8181");
    me.folderSays("listen: 0.0.0.0:8181\n");
    expect((await me.run("config list", env)).stderr).toContain("it has changed since you trusted it");
    expect(JSON.parse((await me.run("config trust --json")).stdout)).toMatchObject({
      trusted: true,
      permits: [{ key: "listen", line: 1 }],
    });
    expect(JSON.parse((await me.run("config trust --revoke --json")).stdout)).toMatchObject({ revoked: true });
    expect((await me.run("config list")).code).toBe(78);
  });

  test("CF2 trusts nothing that is wrong, and no file that is not there", async () => {
    const me = new Person();
    expect(await me.run("config trust")).toMatchObject({ code: 78, stderr: expect.stringContaining("does not exist") });
    const file = me.folderSays("listen: nowhere\n");
    expect((await me.run("config trust")).stderr).toContain(`${file}:1: listen: expected HOST:PORT`);
    expect(existsSync(join(me.home, "trust"))).toBe(false);
  });

  test("takes a folder or the file in it", async () => {
    const me = new Person();
    const file = me.folderSays("listen: 127.0.0.1:0\n");
    for (const named of [me.cwd, file]) {
      expect((await me.run(`config trust ${named}`)).stdout).toContain(`${file} is trusted`);
    }
  });
});
