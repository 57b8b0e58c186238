/**
 * A small file of a folder that people write to, read without a surprise.
 *
 * Owns: that what is read is a plain file of bounded size. Does not own: what is in it.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/**
 * The bytes of a file, or undefined when there is none.
 * @param refuse told in words why what is there is not read
 */
export function readPlainFile(file: string, bytesMax: number, refuse: (why: string) => never): Buffer | undefined {
  let fd: number;
  try {
    // A link is not followed, and a pipe that nobody writes to is not waited for.
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return refuse(code === "ELOOP" ? "is a link: copy the file itself here" : `cannot be read (${code})`);
  }
  try {
    if (!fstatSync(fd).isFile()) return refuse("is no plain file");
    // It may grow while it is read: one byte more than allowed says so.
    const bytes = Buffer.alloc(bytesMax + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(fd, bytes, length, bytes.length - length, length);
    }
    return length > bytesMax ? refuse(`is larger than ${bytesMax} bytes`) : bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
