/**
 * In which order the files of a run begin: the kinds that take long before those that take a second.
 *
 * Owns: features before end-to-end tests, those before integration, then what walks or throws dice for a while, and the
 * unit tests last: a file of a minute that begins last is waited for by everybody, and many short ones fill what the
 * others leave. Does not own: the order within each, which is vitest's: the longest of an earlier run first, on a fresh
 * clone the largest file.
 *
 * @module
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

const ORDER = [
  "/test/features/",
  "/test/e2e/",
  "/test/integration/",
  "/test/model/",
  "/test/property/",
  "/test/simulation/",
];

export default class LongKindsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

function rank(path: string): number {
  const at = ORDER.findIndex((folder) => path.includes(folder));
  return at === -1 ? ORDER.length : at;
}
