/**
 * `GET /metrics` of a node, in the text format of Prometheus.
 *
 * @module
 */
import type { Route } from "../protocol/route.ts";

export interface MetricsSeat {
  readonly contentType: string;
  /** Answered also while the queen is not there. */
  scrape(): Promise<string>;
}

export const metricsRoute = (seat: MetricsSeat): Route => ({
  method: "GET",
  path: "/metrics",
  doc: { summary: "Its metrics, in the text format of Prometheus.", text: "text/plain" },
  handle: async () => ({ status: 200, text: await seat.scrape(), contentType: seat.contentType }),
});
