# SPDX-License-Identifier: ISC
"""What the network tests stand on: namespaces, processes, captures, frames and peers."""
