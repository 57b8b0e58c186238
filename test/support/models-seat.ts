/**
 * What a door is told of models, as a test says: nothing is here, and whatever is fetched comes at once.
 *
 * @module
 */
import type { ModelsSeat } from "../../src/doors/models.ts";

export const modelsSeat = (given: Partial<ModelsSeat> = {}): ModelsSeat => ({
  list: async () => ({ models: [], downloads: [], begun: [] }),
  info: async (model) => ({ model, here: true, bytes: 1, quant: "", choices: [] }),
  fetch: async () => {},
  async *follow() {},
  async *followAll() {},
  remove: async () => 0,
  ...given,
});
