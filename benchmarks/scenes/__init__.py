"""Drawn pages on which every code is clean: a reader that promises completeness reads each of them.

``printed.py`` prints one code on a page; the other modules say how many there are, where, and what lies beside them. A
page is a function of its random generator alone, so that equal seeds give equal pages. The tests draw from here too.
"""
