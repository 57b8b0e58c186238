/**
 * Goal: whatever goes wrong reaches who uses the Anthropic client as the class of error that it knows, with our code,
 * before the answer, in the middle of it, and at the guard.
 * Method: the real client, over TCP, against the real server with the routes of the dialect, over a seat that fails as
 *         told.
 *
 * @see src/doors/anthropic/refusal.ts; answer.ts, AM1; src/net/serve.ts, S1 S5; src/net/guard.ts, D3
 */
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  ContentTooLargeError,
  GatewayTimeoutError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServiceUnavailableError,
} from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anthropicRoutes } from "../../src/doors/anthropic/routes.ts";
import type { RunSeat } from "../../src/doors/run.ts";
import { oneKey } from "../../src/net/guard.ts";
import { createServer, type RunningServer } from "../../src/net/serve.ts";
import { isErrorCode, RbeeError } from "../../src/protocol/errors.ts";
import { DialectStage, FAILED, said } from "../support/dialect-stage.ts";

const asked = { max_tokens: 9, messages: [{ role: "user" as const, content: "Hello" }] };
let server: RunningServer;
let refused = 0;

/** A model that is called by a code is refused with it; any other begins to speak, and then fails. */
const routes = (seat: RunSeat) =>
  anthropicRoutes({
    ...seat,
    async submit(request) {
      const { model = "" } = request;
      if (isErrorCode(model)) {
        refused += 1;
        throw new RbeeError(model, "It is so.", { retryAfterMs: 1_500 });
      }
      return seat.submit(request);
    },
  });

beforeAll(async () => {
  server = await createServer({
    listen: [{ host: "127.0.0.1", port: 0, orNext: false }],
    routes: new DialectStage(routes, ...said("a", "b"), FAILED).routes,
    ...{ hosts: [], origins: [], bodyBytesMax: 10_000, keys: oneKey("right") },
  });
});
afterAll(() => server.close(0));

const client = (apiKey = "right", maxRetries = 0): Anthropic =>
  new Anthropic({ baseURL: server.url ?? "", apiKey, authToken: null, maxRetries });

describe("an error", () => {
  test.each([
    ["request.forbidden", PermissionDeniedError, "permission_error"],
    ["model.not.found", NotFoundError, "not_found_error"],
    ["queue.full", RateLimitError, "rate_limit_error"],
    ["memory.busy", ServiceUnavailableError, "overloaded_error"],
    ["engine.failed", InternalServerError, "api_error"],
    ["job.deadline", GatewayTimeoutError, "timeout_error"],
    ["context.overflow", BadRequestError, "invalid_request_error"],
  ])("%s is of the class that the client knows, whole, streamed and counted", async (model, kind, type) => {
    const error = { type, errorCode: model, requestID: expect.stringMatching(/^req_/) };
    const { messages } = client();
    for (const asking of [
      () => messages.create({ ...asked, model }),
      () => messages.stream({ ...asked, model }).finalMessage(),
      () => messages.countTokens({ messages: asked.messages, model }),
    ]) {
      await expect(asking()).rejects.toBeInstanceOf(kind);
      await expect(asking()).rejects.toMatchObject(error);
    }
  });

  test("S7 of a job whose time is over is not answered by asking for it all over again", async () => {
    const before = refused;
    const asking = client("right", 2).messages.create({ ...asked, model: "job.deadline" });
    await expect(asking).rejects.toBeInstanceOf(GatewayTimeoutError);
    expect(refused - before).toBe(1);
  });

  test("S1 S5 of the guard and of the server itself is one as well", async () => {
    const wrong = client("wrong").messages.create({ ...asked, model: "m" });
    await expect(wrong).rejects.toBeInstanceOf(AuthenticationError);
    await expect(wrong).rejects.toMatchObject({ type: "authentication_error", requestID: expect.any(String) });
    const large = client().messages.create({ ...asked, model: "m", system: "x".repeat(20_000) });
    await expect(large).rejects.toBeInstanceOf(ContentTooLargeError);
    await expect(large).rejects.toMatchObject({ type: "request_too_large" });
  });

  test("AM1 behind the first words ends the stream, and the client does not take it for the end", async () => {
    const stream = client().messages.stream({ ...asked, model: "m" });
    const heard: string[] = [];
    stream.on("text", (text) => heard.push(text));
    const failed = stream.finalMessage();
    await expect(failed).rejects.toBeInstanceOf(APIError);
    await expect(failed).rejects.toMatchObject({ type: "timeout_error", errorCode: "worker.hung" });
    expect(heard).toEqual(["a", "b"]);
  });
});

test("D3 the token comes as a bearer token too", async () => {
  const bearer = new Anthropic({ baseURL: server.url ?? "", apiKey: null, authToken: "right", maxRetries: 0 });
  await expect(bearer.messages.create({ ...asked, model: "queue.full" })).rejects.toBeInstanceOf(RateLimitError);
});
