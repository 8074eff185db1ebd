"""Decode one picture so many times: the process whose instructions are counted, with as little else as can be.

``python decode_often.py PICTURE.npy TIMES``
"""

import gc
import sys

import numpy as np

import fastqr

if __name__ == "__main__":
    picture, scanner = np.load(sys.argv[1]), fastqr.Scanner()
    gc.disable()  # when it runs hangs on what was loaded
    for _ in range(int(sys.argv[2])):
        if not scanner.decode(picture):
            sys.exit("a clean picture is not read")
