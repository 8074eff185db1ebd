"""How often something is read that is not there: ``python -m benchmarks.wrong_payloads --trials 1000000 --jobs 2``.

A trial is one attempt to read: of modules (`modules`: the decoder alone), of the place that four corners mark
(`corners`: ``Scanner.decode_quad``), or of a whole picture (`picture`: ``Scanner.decode``). What is tried is noise,
other symbologies, symbols damaged past what their error correction repairs, and mixtures of two symbols.
"""
