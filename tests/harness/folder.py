# SPDX-License-Identifier: ISC
"""Folders with short names: the address of a Unix socket has room for 107 characters."""

import os
import shutil
import tempfile


class ShortFolder:
    """A folder under /tmp; close() moves what it holds (sockets aside) to `destination`."""

    def __init__(self, destination):
        self.path = tempfile.mkdtemp(prefix="va")
        self._destination = str(destination)

    def close(self):
        if os.path.isdir(self.path):
            shutil.copytree(self.path, self._destination, ignore=_special, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(self.path)


def _special(folder, names):
    """Sockets and FIFOs cannot be copied."""
    paths = {name: os.path.join(folder, name) for name in names}
    return [name for name, path in paths.items() if not (os.path.isfile(path) or os.path.isdir(path))]
