/**
 * Where a queen's door becomes a link.
 *
 * @module
 */
export const LINK_PATH = "/v1/cluster/link";

/** Of the queen at this URL. */
export const linkAddress = (url: string): string => `wss://${new URL(url).host}${LINK_PATH}`;
