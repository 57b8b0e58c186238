/**
 * A size of memory as a person reads it.
 *
 * @module
 */
const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** `8.1 GiB`, `512 MiB`, `574 KiB`, `12 bytes`. */
export function sizeText(bytes: number): string {
  if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GiB`;
  if (bytes >= MIB) return `${Math.round(bytes / MIB)} MiB`;
  return bytes >= KIB ? `${Math.round(bytes / KIB)} KiB` : `${Math.round(bytes)} bytes`;
}
