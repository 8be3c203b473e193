# SPDX-License-Identifier: ISC
"""Small programs in C that only tests need: built where they are used."""

from .process import run


def compile_c(source, output, *options):
    """Options of cc behind the names: libraries among them."""
    run(["cc", "-std=gnu17", "-D_GNU_SOURCE", "-o", output, source, *options], timeout=120)
