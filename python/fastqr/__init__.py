"""fastqr: read QR codes in photographs within milliseconds."""
