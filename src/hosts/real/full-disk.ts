/**
 * Whether what was thrown says that there is no room on the disk, or none left for this user.
 *
 * @module
 */
export const isFullDisk = (thrown: unknown): boolean =>
  thrown instanceof Error && "code" in thrown && (thrown.code === "ENOSPC" || thrown.code === "EDQUOT");
