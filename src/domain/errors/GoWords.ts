/** Go's words for the error numbers of the kernel: errors of libcni and podman have them, and scripts match on them. */

/** Go's words for an errno, such as `no such file or directory`; nothing for one that is rare. */
export const errnoText = (errno: string): string | undefined => errnos.get(errno)

const errnos: ReadonlyMap<string, string> = new Map([
  ["EPERM", "operation not permitted"],
  ["ENOENT", "no such file or directory"],
  ["EINTR", "interrupted system call"],
  ["EIO", "input/output error"],
  ["ENXIO", "no such device or address"],
  ["E2BIG", "argument list too long"],
  ["ENOEXEC", "exec format error"],
  ["EBADF", "bad file descriptor"],
  ["EAGAIN", "resource temporarily unavailable"],
  ["ENOMEM", "cannot allocate memory"],
  ["EACCES", "permission denied"],
  ["EFAULT", "bad address"],
  ["EBUSY", "device or resource busy"],
  ["EEXIST", "file exists"],
  ["EXDEV", "invalid cross-device link"],
  ["ENODEV", "no such device"],
  ["ENOTDIR", "not a directory"],
  ["EISDIR", "is a directory"],
  ["EINVAL", "invalid argument"],
  ["ENFILE", "too many open files in system"],
  ["EMFILE", "too many open files"],
  ["ETXTBSY", "text file busy"],
  ["EFBIG", "file too large"],
  ["ENOSPC", "no space left on device"],
  ["EROFS", "read-only file system"],
  ["ENAMETOOLONG", "file name too long"],
  ["ENOSYS", "function not implemented"],
  ["ELOOP", "too many levels of symbolic links"],
  ["ELIBBAD", "accessing a corrupted shared library"],
  ["EOVERFLOW", "value too large for defined data type"],
  ["EOPNOTSUPP", "operation not supported"],
  ["ETIMEDOUT", "connection timed out"],
  ["ESTALE", "stale NFS file handle"],
  ["EDQUOT", "disk quota exceeded"]
])
