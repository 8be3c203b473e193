# SPDX-License-Identifier: ISC
"""Programs that see other mounts than the rest of the machine."""


def in_own_mounts(preparation, command):
    """The command (a list) in a mount namespace of its own, prepared by these lines of the shell, all of which must
    succeed."""
    return ["unshare", "--mount", "sh", "-ec", f'{preparation}\nexec "$@"', "sh", *command]
