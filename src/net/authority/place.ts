/**
 * Where a door is: a host and a port, as a socket takes them.
 *
 * @module
 */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** An IPv6 address stands in brackets in a URL, and without them everywhere else. */
export const placeOf = ({ hostname, port }: URL): Place => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: Number(port || 443),
});
