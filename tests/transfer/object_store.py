# A FUSE mount that behaves like an object store's: object_store.py MOUNTPOINT OPTIONS, options a comma list of seq (only
# writes in their order), notrunc, norename, nolink, nochmod, lies (a file that says that it is longer than it is).
# Needs Debian's python3-fusepy.
import errno
import stat
import sys

from fusepy import FUSE, FuseOSError, Operations

options = set(sys.argv[2].split(","))


class Store(Operations):
    def __init__(self):
        self.files = {}
        self.lie = b"x" * 100000

    def getattr(self, path, handle=None):
        if path == "/":
            return dict(st_mode=stat.S_IFDIR | 0o777, st_nlink=2)
        if path in self.files:
            return dict(st_mode=stat.S_IFREG | 0o666, st_nlink=1, st_size=len(self.files[path]))
        if path == "/lie" and "lies" in options:
            return dict(st_mode=stat.S_IFREG | 0o444, st_nlink=1, st_size=150000, st_blocks=0)
        raise FuseOSError(errno.ENOENT)

    def readdir(self, path, handle):
        return [".", ".."] + [name[1:] for name in self.files]

    def create(self, path, mode, info=None):
        self.files[path] = bytearray()
        return 5

    def open(self, path, flags):
        return 6

    def truncate(self, path, length, handle=None):
        if "notrunc" in options and length != 0:
            raise FuseOSError(errno.ENOTSUP)
        content = self.files[path]
        if length < len(content):
            del content[length:]
        else:
            content.extend(bytes(length - len(content)))

    def write(self, path, data, offset, handle):
        content = self.files[path]
        if "seq" in options and offset != len(content):
            raise FuseOSError(errno.ENOTSUP)
        content[offset:offset + len(data)] = data
        return len(data)

    def read(self, path, length, offset, handle):
        content = self.files[path] if path in self.files else self.lie
        return bytes(content[offset:offset + length])

    def unlink(self, path):
        self.files.pop(path, None)

    def rename(self, old, new):
        if "norename" in options:
            raise FuseOSError(errno.ENOSYS)
        self.files[new] = self.files.pop(old)

    def chmod(self, path, mode):
        if "nochmod" in options:
            raise FuseOSError(errno.EPERM)

    def chown(self, path, user, group):
        raise FuseOSError(errno.EPERM)

    def link(self, target, name):
        raise FuseOSError(errno.EPERM)


FUSE(Store(), sys.argv[1], foreground=True, nothreads=True, direct_io=("lies" in options), allow_other=True)
