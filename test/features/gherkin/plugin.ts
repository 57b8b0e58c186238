/**
 * Makes each .feature file a test file of its own: vitest finds it, runs it and reports it as any other.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";

const RUNNER = fileURLToPath(new URL("run.ts", import.meta.url));

export const gherkin = (): Plugin => ({
  name: "rbee-gherkin",
  transform(code, id) {
    if (!id.endsWith(".feature")) return undefined;
    const [runner, text, file] = [RUNNER, code, id].map((value) => JSON.stringify(value));
    return { code: `import { runFeature } from ${runner};\nrunFeature(${text}, ${file});\n`, map: null };
  },
});
